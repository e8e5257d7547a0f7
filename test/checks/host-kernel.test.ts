import { describe, expect, it } from 'vitest';
import { known } from '../builders/host.js';
import { nodes } from './lab.js';
import { findings, labOfMachines, reportOn, told, troubles, withFacts } from './machines.js';

const gib = 2 ** 30;
const swapFile = known([{ device: '/swap.img', bytes: 8 * gib }]);
const inFstab = known({ fstab: [{ device: '/swap.img', options: 'sw' }], units: [] });

describe('swap', () => {
  it('that is on is critical, and named with its size and the way to turn it off', () => {
    const [finding] = findings('swap-zero', withFacts({ swap: swapFile, swapSetup: inFstab }));
    expect(finding).toMatchObject({
      status: 'fail',
      severity: 'critical',
      object: 'node/gpu-1',
      message: 'gpu-1 has swap on: /swap.img (8 GiB); its kubelet does not start with it',
      fix: { operation: { id: 'swap-off', input: { host: 'gpu-1' } } },
      evidence: [{ text: '/swap.img in /etc/fstab' }],
    });
    expect(finding?.fix?.command).toContain("ssh gpu-1 'sudo swapoff -a && ");
  });

  it('explains a kubelet that fails and a node that is not Ready', () => {
    const services = known([
      { name: 'containerd', enabled: 'enabled', active: 'active' },
      { name: 'kubelet', enabled: 'enabled', active: 'activating', sub: 'auto-restart', result: 'exit-code', exitStatus: 1 },
    ]);
    const snapshot = withFacts({ swap: swapFile, services }, { nodes: nodes({ 'gpu-1': { gpus: 8, ready: 'Unknown' } }) });
    const { causes } = reportOn(snapshot);
    expect(causes.map(({ finding }) => finding.id)).toEqual(['swap-zero']);
    expect(causes[0]?.follows.map(({ id }) => id)).toEqual(expect.arrayContaining(['kubelet-service', 'node-ready', 'gpu-count']));
  });

  it('that an entry of fstab brings back at the next boot is a warning', () => {
    expect(told('swap-zero', withFacts({ swapSetup: inFstab }))[0]).toBe(
      'warn warning node/gpu-1: gpu-1 has no swap now, but the next boot brings it back: /swap.img in /etc/fstab',
    );
  });

  it.each([
    ['an entry that is not mounted by itself', [{ device: '/swap.img', options: 'sw,noauto' }], []],
    ['an entry whose unit is masked', [{ device: '/swap.img', options: 'sw' }], [{ name: 'swap.img.swap', enabled: 'masked', active: 'inactive' }]],
    [
      'a partition by its UUID whose unit is masked',
      [{ device: 'UUID=1f-2', options: 'sw' }],
      [{ name: String.raw`dev-disk-by\x2duuid-1f\x2d2.swap`, enabled: 'masked', active: 'inactive' }],
    ],
  ])('does not come back by %s', (_, fstab, units) => {
    expect(troubles(withFacts({ swapSetup: known({ fstab, units }) }))).toEqual([]);
  });

  it('comes back by a partition that systemd finds by itself', () => {
    const units = [{ name: 'dev-sda3.swap', enabled: 'generated', active: 'inactive' }];
    expect(told('swap-zero', withFacts({ swapSetup: known({ fstab: [], units }) }))[0]).toContain('dev-sda3.swap (generated)');
  });

  it('that a machine says nothing of is unknown, without harm to the verdict where rights are missing', () => {
    const snapshot = withFacts({ swap: { known: false, why: 'needs root' } });
    expect(told('swap-zero', snapshot)[0]).toBe('unknown info node/gpu-1: gpu-1: needs root');
    expect(reportOn(snapshot).verdict).toBe('good');
    expect(told('swap-zero', withFacts({ swap: { known: false, why: 'no answer in time' } }))[0]).toBe('unknown warning node/gpu-1: gpu-1: no answer in time');
  });

  it('of a load balancer is no business of a kubelet', () => {
    expect(troubles(labOfMachines({ lb: { alone: true, facts: { swap: swapFile } } }))).toEqual([]);
  });
});

describe('kernel modules', () => {
  it('that are missing are named, with the operation that loads them', () => {
    const [finding] = findings('modules', withFacts({ modules: known(['nvidia', 'nvidia_uvm', 'overlay']) }));
    expect(finding).toMatchObject({
      status: 'fail',
      message: 'Kernel module br_netfilter not loaded on gpu-1',
      fix: { operation: { id: 'load-modules', input: { host: 'gpu-1', modules: 'overlay br_netfilter' } } },
    });
  });

  it('that no file loads at the next boot are a warning', () => {
    expect(told('modules', withFacts({ modulesAtBoot: known(['overlay']) }))[0]).toBe(
      'warn warning node/gpu-1: br_netfilter is loaded on gpu-1, but no file in /etc/modules-load.d loads it at the next boot',
    );
    expect(troubles(withFacts({ modulesAtBoot: { known: false, why: 'the probe did not say' } }))).toEqual([]);
  });

  it('of NVIDIA are wanted only where there are GPUs', () => {
    const without = known(['overlay', 'br_netfilter']);
    expect(told('modules', withFacts({ modules: without }))[0]).toBe('fail critical node/gpu-1: The NVIDIA driver is not loaded on gpu-1, which has GPUs');
    expect(troubles(withFacts({ modules: without, pciGpus: known(0) }))).toEqual([]);
    expect(told('modules', withFacts({ modules: known(['overlay', 'br_netfilter', 'nvidia']) }))[0]).toMatch(
      /^warn warning node\/gpu-1: nvidia_uvm is not loaded/,
    );
  });

  it('that are missing explain kernel settings that cannot be there', () => {
    const snapshot = withFacts({ modules: known(['nvidia', 'nvidia_uvm', 'overlay']), sysctls: known({ 'net.ipv4.ip_forward': '0' }) });
    const { causes } = reportOn(snapshot);
    expect(causes.map(({ finding }) => finding.id)).toEqual(['modules']);
    expect(causes[0]?.follows.map(({ id }) => id)).toEqual(['sysctl']);
  });
});

describe('kernel settings', () => {
  const good = {
    'net.ipv4.ip_forward': '1',
    'net.bridge.bridge-nf-call-iptables': '1',
    'net.bridge.bridge-nf-call-ip6tables': '1',
    'fs.inotify.max_user_instances': '8192',
  };

  it('that are off are named with their value', () => {
    const [finding] = findings('sysctl', withFacts({ sysctls: known({ ...good, 'net.ipv4.ip_forward': '0' }) }));
    expect(finding).toMatchObject({
      status: 'fail',
      message: 'On gpu-1 net.ipv4.ip_forward is 0: pods get no traffic through it',
      fix: { operation: { id: 'apply-sysctls', input: { host: 'gpu-1' } } },
    });
  });

  it('that are low are a warning', () => {
    expect(told('sysctl', withFacts({ sysctls: known({ ...good, 'fs.inotify.max_user_instances': '128' }) }))[0]).toMatch(
      /^warn warning node\/gpu-1: On gpu-1 fs\.inotify\.max_user_instances is 128/,
    );
  });
});

describe('cgroups', () => {
  it('of version 1 stop a kubelet from 1.35 on, and are a warning before', () => {
    expect(told('cgroup-v2', withFacts({ cgroup: known('v1') }))[0]).toBe('fail critical node/gpu-1: gpu-1 runs with cgroup v1: its kubelet does not start so');
    const older = nodes({ 'gpu-1': { gpus: 8, info: { ...infoOf(), kubeletVersion: 'v1.33.4' } } });
    expect(told('cgroup-v2', withFacts({ cgroup: known('hybrid') }, { nodes: older }))[0]).toMatch(
      /^warn warning node\/gpu-1: .*mixed, which kubelets from 1\.35 on refuse/,
    );
  });
});

function infoOf() {
  const node = nodes().value?.get('gpu-1');
  if (node === undefined) throw new Error('no gpu-1 in the lab');
  return node.info;
}
