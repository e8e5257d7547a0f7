import { describe, expect, it } from 'vitest';
import { parseNvidiaSmiXml } from '../../src/gpu/nvidia-smi-xml.js';
import { podUidOfCgroup, withPods } from '../../src/gpu/processes.js';
import { a100MigDriver525 } from './documents.js';

const uid = '6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001';
const slice = uid.replaceAll('-', '_');
const container = `${'f0e1d2c3b4a5'.repeat(5)}abcd`;

describe('the pod of a process', () => {
  it.each([
    ['cgroup v2, systemd, containerd', `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${slice}.slice/cri-containerd-${container}.scope\n`],
    ['cgroup v2, systemd, CRI-O, guaranteed', `0::/kubepods.slice/kubepods-pod${slice}.slice/crio-${container}.scope\n`],
    ['cgroup v2, cgroupfs', `0::/kubepods/besteffort/pod${uid}/${container}\n`],
    [
      'cgroup v1, systemd',
      `12:pids:/user.slice\n11:memory:/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${slice}.slice/docker-${container}.scope\n`,
    ],
    ['cgroup v1, cgroupfs', `5:devices:/kubepods/burstable/pod${uid}/${container}\n`],
    [
      'a node that is a container',
      `0::/docker/${container}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${slice}.slice/cri-containerd-${container}.scope\n`,
    ],
    ['a path from within', `0::/../../kubepods-burstable-pod${slice}.slice/cri-containerd-${container}.scope`],
    ['capital letters', `0::/kubepods/pod${uid.toUpperCase()}/x`],
  ])('is in its cgroup: %s', (_, text) => {
    expect(podUidOfCgroup(text)).toBe(uid);
  });

  it('of a static pod is the hash of its manifest', () => {
    expect(
      podUidOfCgroup(`0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0123456789abcdef0123456789abcdef.slice/crio-${container}.scope`),
    ).toBe('0123456789abcdef0123456789abcdef');
  });

  it.each([
    '',
    '0::/user.slice/user-1000.slice/session-3.scope',
    '0::/system.slice/docker.service',
    `0::/machine.slice/libpod-${container}.scope`,
    '0::/kubepods.slice/kubepods-podnothex.slice',
  ])('is none in %j', (text) => {
    expect(podUidOfCgroup(text)).toBeNull();
  });

  it('is joined to the report, with why where it is not known', () => {
    const report = parseNvidiaSmiXml(a100MigDriver525);
    const cgroup = `0::/kubepods/pod${uid}/x`;
    const first = (joined: ReturnType<typeof withPods>) => (joined.status === 'ok' ? joined.devices[0] : undefined);
    expect(first(withPods(report, new Map([[77123, cgroup]]), new Map([[uid, 'ai/llama-0']])))?.processes[0]?.pod).toBe('ai/llama-0');
    expect(first(withPods(report, new Map(), new Map()))?.unavailable['processes[0].pod']).toBe('its cgroup is not known');
    expect(first(withPods(report, new Map([[77123, '0::/init.scope']]), new Map()))?.unavailable['processes[0].pod']).toBe('not in a pod');
    expect(first(withPods(report, new Map([[77123, cgroup]]), new Map()))?.unavailable['processes[0].pod']).toBe(
      `the API does not show the pod with UID ${uid}`,
    );
  });
});
