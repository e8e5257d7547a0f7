import { expect, test } from 'vitest';
import { deviceRequests } from '../../../src/kube/projections/device-requests.js';

const gpu = 'nvidia.com/gpu';

test('containers add up, and cpu and memory are no devices', () => {
  expect(asked({ containers: [wants(1), wants(2), { name: 'plain', resources: { requests: { cpu: '1', memory: '4Gi' } } }] })).toBe(3);
});

test('a hungry init container counts alone, as it runs before the others', () => {
  expect(asked({ initContainers: [wants(4), wants(2)], containers: [wants(1), wants(2)] })).toBe(4);
  expect(asked({ initContainers: [wants(2)], containers: [wants(1), wants(2)] })).toBe(3);
});

test('a sidecar runs on beside the containers', () => {
  expect(asked({ initContainers: [sidecar(1)], containers: [wants(2)] })).toBe(3);
});

test('an init container needs its devices on top of the sidecars started before it, not after', () => {
  expect(asked({ initContainers: [sidecar(1), wants(4)], containers: [wants(1)] })).toBe(5);
  expect(asked({ initContainers: [wants(4), sidecar(1)], containers: [wants(1)] })).toBe(4);
});

test('overhead comes on top, and pod-level resources take the place of the sum', () => {
  expect(asked({ containers: [wants(1)], overhead: { [gpu]: '1' } })).toBe(2);
  expect(asked({ containers: [wants(1)], resources: { requests: { [gpu]: '5' } } })).toBe(5);
});

test('requests go before limits, and limits stand in for them', () => {
  expect(asked({ containers: [{ resources: { limits: { [gpu]: '4' }, requests: { [gpu]: '2' } } }] })).toBe(2);
  expect(asked({ containers: [{ resources: { limits: { [gpu]: 4 } } }] })).toBe(4);
});

test('a pod that asks for nothing has no requests, and neither has nonsense', () => {
  for (const spec of [undefined, null, {}, { containers: [{}] }, { containers: [wants(0)] }, { containers: [{ resources: { limits: { [gpu]: 'many' } } }] }]) {
    expect(deviceRequests(spec)).toBeNull();
  }
});

function asked(spec: object): number | undefined {
  return deviceRequests(spec)?.get(gpu);
}

function wants(gpus: number): object {
  return { name: 'c', resources: { limits: { [gpu]: String(gpus) } } };
}

function sidecar(gpus: number): object {
  return { ...wants(gpus), restartPolicy: 'Always' };
}
