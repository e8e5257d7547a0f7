import { expect, test } from 'vitest';
import { diagnose, gathered, type Said } from '../../src/diagnosis/diagnose.js';
import { nodeSubject, podSubject, unitSubject } from '../../src/diagnosis/subjects.js';
import { readSignatures } from '../../src/signature-files.js';
import { aPod } from '../builders/snapshot.js';

const signatures = readSignatures();
const links = { owner: () => null, isDevicePlugin: () => false, kubectl: "kubectl --context 'my lab'" };

const said = (text: string, change: Partial<Said> = {}): Said => ({
  subject: podSubject(aPod({ name: 'plugin', namespace: 'gpu' }), links),
  where: 'pod-log',
  source: 'log of container ctr',
  text,
  at: null,
  ...change,
});

test('a pod on its own is named in the fix, and offered no operation on its workload', () => {
  const [found] = diagnose(signatures, said('No devices found. Waiting indefinitely.'));
  expect(found?.fix.summary).toBe('Set runtimeClassName nvidia on pod gpu/plugin');
  expect(found?.fix.operation).toBeUndefined();
});

test('a command is left out where a name would need quoting', () => {
  const unit = 'systemd-fsck@dev-disk\\x2d1.service';
  const [found] = diagnose(
    signatures,
    said('x.service: Failed at step EXEC spawning /usr/bin/crio: No such file or directory', { subject: unitSubject('gpu-2', unit, links), where: 'unit-log' }),
  );
  expect(found?.fix.command).toBeNull();
  expect(found?.fix.summary).toContain(unit);
});

test('kubectl keeps the context in use', () => {
  const [found] = diagnose(signatures, said('Failed to initialize NVML: Unknown Error'));
  expect(found?.fix.command).toBe("kubectl --context 'my lab' -n gpu delete pod plugin");
  expect(found?.fix.operation).toEqual({ id: 'delete-pod', input: { namespace: 'gpu', name: 'plugin' } });
});

test('each line of a text is looked at, without its colours', () => {
  const found = diagnose(signatures, said('fine\n\u001b[31mGPU is lost\u001b[0m\u202e\n'));
  expect(found.map(({ signature, line }) => [signature, line])).toEqual([['gpu-lost', 'GPU is lost']]);
});

test('of a long line the part that tells is shown', () => {
  const [found] = diagnose(signatures, said(`${'x'.repeat(5000)} Failed to initialize NVML: Unknown Error ${'y'.repeat(5000)}`));
  expect(found?.line).toMatch(/^…x{99} Failed to initialize NVML: Unknown Error y+…$/);
  expect(found?.line.length).toBeLessThan(600);
});

test('the gravest stands first, what is only worth knowing last', () => {
  const all = ['NVRM: Xid (PCI:0000:3b:00): 31, pid=1', 'NVRM: Xid (PCI:0000:3b:00): 94, pid=1', 'NVRM: Xid (PCI:0000:3b:00): 79, pid=1'].flatMap((text, at) =>
    diagnose(signatures, said(text, { subject: nodeSubject('gpu-2', links), where: 'kernel-log', at })),
  );
  expect(gathered(all).map(({ signature }) => signature)).toEqual(['gpu-fell-off-bus', 'contained-memory-error', 'application-gpu-fault']);
});

test('ten thousand pods with one trouble are a hundred diagnoses', () => {
  const all = Array.from({ length: 10_000 }, (_, index) =>
    diagnose(signatures, said('1 Insufficient nvidia.com/gpu', { subject: podSubject(aPod({ name: `w-${index}` }), links), where: 'pod-status' })),
  ).flat();
  expect(gathered(all)).toHaveLength(100);
});
