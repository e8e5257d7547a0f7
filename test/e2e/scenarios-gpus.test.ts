import { describe, it } from 'vitest';
import { expectMended } from './demo-visit.js';

const minutes = 3 * 60_000;

describe.concurrent('GPUs that are not there', { timeout: minutes }, () => {
  it('because the device plugin runs without its runtime class', () =>
    expectMended('gpu-lost', [
      {
        check: 'device-plugin',
        object: 'daemonset/kube-system/nvidia-device-plugin-daemonset',
        says: /^gpu-2 registers 0 of 8 GPUs: its device plugin runs without the nvidia runtime/,
        fix: { id: 'set-runtime-class', input: { kind: 'daemonset', namespace: 'kube-system', name: 'nvidia-device-plugin-daemonset' } },
        seen: /^log of container nvidia-device-plugin-ctr: .*No devices found\. Waiting indefinitely\./,
      },
    ]));

  it('because the driver was upgraded without a reboot', () =>
    expectMended('driver-mismatch', [
      {
        check: 'driver-lib-match',
        object: 'node/gpu-2',
        says: /^The NVIDIA driver of gpu-2 was upgraded without a reboot: /,
        fix: { id: 'reboot-node', input: { node: 'gpu-2' } },
        seen: /NVRM: API mismatch: the client has the version 580\.173\.02|Driver\/library version mismatch/i,
      },
    ]));

  it('because one fell off the bus', () =>
    expectMended('xid-79', [
      {
        check: 'gpu-xid',
        object: 'node/gpu-2',
        says: /^Xid 79 on GPU 0000:47:00 of gpu-2 \w+ ago: the GPU has fallen off the bus/,
        fix: { id: 'reboot-node', input: { node: 'gpu-2' } },
        seen: /^kernel log of gpu-2: kernel: NVRM: Xid \(PCI:0000:47:00\): 79,/,
      },
    ]));

  it('because there is no runtime class', () =>
    expectMended('no-runtimeclass', [
      {
        check: 'runtimeclass',
        object: 'cluster',
        says: /^No RuntimeClass nvidia: gpu-2 registers 0 of 8 GPUs/,
        fix: { id: 'apply-runtime-class', input: {} },
        seen: /^event FailedCreate of .*RuntimeClass "nvidia" not found$/,
      },
    ]));

  it('for monitoring, because their node lacks a label', () =>
    expectMended('dcgm-unlabelled', [
      {
        check: 'gpu-label',
        object: 'node/gpu-2',
        says: /^gpu-2 has GPUs but lacks the label nvidia\.com\/gpu\.present=true/,
        fix: { id: 'label-node', input: { node: 'gpu-2', key: 'nvidia.com/gpu.present', value: 'true' } },
      },
    ]));
});
