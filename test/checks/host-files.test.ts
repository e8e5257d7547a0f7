import { describe, expect, it } from 'vitest';
import { hostDisks, roomAgainst } from '../../src/checks/host-disk.js';
import { sightOf } from '../../src/checks/sight.js';
import type { HostFilesystem } from '../../src/state/hosts.js';
import { known } from '../builders/host.js';
import { now } from '../builders/snapshot.js';
import { findings, labOfMachines, reportOn, told, troubles, withFacts } from './machines.js';

const day = 24 * 60 * 60_000;
const gib = 2 ** 30;

describe('certificates on disk', () => {
  const endingIn = (days: number, path = '/etc/kubernetes/pki/apiserver.crt') =>
    labOfMachines({ controlplane: { facts: { certificates: known([{ path, endsAt: now + days * day }]) } } });

  it('fail in the last week, warn in the last month', () => {
    expect(troubles(endingIn(6))).toEqual(['fail certs node/controlplane']);
    expect(troubles(endingIn(8))).toEqual(['warn certs node/controlplane']);
    expect(troubles(endingIn(31))).toEqual([]);
  });

  it('are renewed by kubeadm; a kubelet renews its own', () => {
    expect(findings('certs', endingIn(6)).find(({ status }) => status === 'fail')?.fix?.operation).toEqual({
      id: 'renew-certificates',
      input: { host: 'controlplane' },
    });
    const kubelet = findings('certs', endingIn(6, '/var/lib/kubelet/pki/kubelet-client-current.pem')).find(({ status }) => status === 'fail');
    expect(kubelet?.fix?.operation).toEqual({ id: 'restart-unit', input: { host: 'controlplane', unit: 'kubelet.service' } });
  });

  it('that the API server shows too are told once, from where they can be mended', () => {
    const snapshot = endingIn(4);
    const { connection } = snapshot;
    if (connection.status !== 'connected') throw new Error('the lab is connected');
    const { causes } = reportOn({ ...snapshot, connection: { ...connection, certificateEndsAt: now + 4 * day } });
    expect(causes.map(({ finding }) => finding.message)).toEqual(['The certificate apiserver.crt of controlplane ends in 4d']);
  });

  it('that only root may read are unknown, without harm', () => {
    const snapshot = withFacts({ certificates: { known: false, why: 'needs root' } });
    expect(troubles(snapshot)).toEqual(['unknown certs node/gpu-1']);
    expect(reportOn(snapshot).verdict).toBe('good');
  });
});

describe('kubeconfigs', () => {
  const file = (owner: string, mode: string) => withFacts({ kubeconfigs: known([{ path: '/home/ops/.kube/config', owner, mode, homeOf: 'ops' }]) });

  it('that belong to root in somebody’s home are given to their user', () => {
    const [finding] = findings('kubeconfig-perms', file('root', '600'));
    expect(finding).toMatchObject({
      status: 'warn',
      severity: 'warning',
      message: '/home/ops/.kube/config on gpu-1 belongs to root, not to ops: kubectl says "permission denied"',
      fix: { operation: { id: 'kubeconfig-owner', input: { host: 'gpu-1', path: '/home/ops/.kube/config', owner: 'ops' } } },
    });
  });

  it('that others can read are closed', () => {
    expect(told('kubeconfig-perms', file('ops', '644'))[0]).toBe('warn warning node/gpu-1: /home/ops/.kube/config on gpu-1 can be read by others (mode 644)');
    expect(troubles(file('ops', '400'))).toEqual([]);
  });

  it('that are nowhere are no trouble', () => {
    expect(told('kubeconfig-perms', labOfMachines())).toEqual(['skipped warning cluster: no kubeconfig there']);
  });
});

describe('packages', () => {
  it('of Kubernetes and the runtime are held back', () => {
    const [finding] = findings('package-holds', withFacts({ packageHolds: known(['kubelet']) }));
    expect(finding).toMatchObject({
      status: 'warn',
      message: 'kubeadm on gpu-1 is not held back: the next upgrade of all packages takes it along',
      fix: { command: 'ssh gpu-1 sudo apt-mark hold kubeadm', operation: { id: 'hold-packages', input: { host: 'gpu-1', packages: 'kubeadm' } } },
    });
    expect(troubles(withFacts({ nodePackages: known([]), packageHolds: known([]) }))).toEqual([]);
  });

  it('that came by themselves are told for a week', () => {
    const upgrade = (at: number, command = '/usr/bin/unattended-upgrade', packages = ['kubelet 1.36.1 → 1.36.2']) =>
      withFacts({ aptHistory: known([{ at, command, changes: [{ action: 'Upgrade', count: 3, packages }] }]) });
    expect(told('unattended-ran', upgrade(now - 2 * day))[0]).toBe('warn info node/gpu-1: unattended-upgrades changed kubelet 1.36.1 → 1.36.2 on gpu-1 2d ago');
    expect(troubles(upgrade(now - 8 * day))).toEqual([]);
    expect(troubles(upgrade(now - day, 'apt-get upgrade'))).toEqual([]);
    expect(troubles(upgrade(now - day, '/usr/bin/unattended-upgrade', []))).toEqual([]);
    expect(reportOn(upgrade(now - day)).verdict).toBe('good');
  });

  it('may ask for a reboot, which is information', () => {
    expect(told('reboot-still-required', withFacts({ rebootRequired: known(true) }))[0]).toMatch(/^warn info node\/gpu-1: gpu-1 asks for a reboot/);
  });
});

describe('mounts', () => {
  it('of fstab that are missing are critical', () => {
    const mounts = known([
      { mount: '/', source: 'UUID=1', type: 'ext4', options: 'defaults', mounted: true },
      { mount: '/srv/models', source: '10.0.0.5:/srv/models', type: 'nfs4', options: '_netdev', mounted: false },
    ]);
    const [finding] = findings('mounts', withFacts({ mounts, failedUnits: known(['srv-models.mount']) }));
    expect(finding).toMatchObject({
      status: 'fail',
      message: '/srv/models (nfs4 10.0.0.5:/srv/models) not mounted on gpu-1',
      fix: { operation: { id: 'remount', input: { host: 'gpu-1' } } },
    });
    expect(reportOn(withFacts({ mounts, failedUnits: known(['srv-models.mount']) })).causes.map(({ follows }) => follows.map(({ id }) => id))).toEqual([
      ['failed-units'],
    ]);
  });
});

describe('clocks', () => {
  it('that NTP does not keep are named', () => {
    const [finding] = findings('time-sync', withFacts({ timeSynchronized: known(false) })).filter(({ status }) => status === 'warn');
    expect(finding).toMatchObject({
      object: 'node/gpu-1',
      message: 'The clock of gpu-1 is not kept by NTP',
      fix: { command: 'ssh gpu-1 sudo timedatectl set-ntp true', operation: { id: 'time-sync', input: { host: 'gpu-1' } } },
    });
    expect(told('time-sync', withFacts({ clockSkewMs: known(-7400) }))[0]).toBe(
      "warn warning node/gpu-1: The clock of gpu-1 is 7 s behind this machine's, though it says that NTP keeps it",
    );
  });
});

describe('disks', () => {
  const disk = (share: number, changes: Partial<HostFilesystem> = {}): HostFilesystem => ({
    mount: '/',
    device: '/dev/sda1',
    sizeBytes: 400 * gib,
    availableBytes: share * 400 * gib,
    inodes: 1_000_000,
    inodesFree: 900_000,
    ...changes,
  });
  const on = (...disks: readonly HostFilesystem[]) =>
    hostDisks(sightOf({ snapshot: withFacts({ filesystems: known(disks) }), expectations: {}, now }), new Set(['controlplane', 'gpu-2']))
      .filter(({ status }) => status !== 'pass')
      .map(({ status, message }) => `${status}: ${message}`);

  it('fail below what the kubelet evicts at, warn below twice that', () => {
    expect(on(disk(0.5))).toEqual([]);
    expect(on(disk(0.28))).toEqual(['warn: / on gpu-1 has 28 % of 400 GiB left, evicts below 15 %']);
    expect(on(disk(0.04))).toEqual(['fail: / on gpu-1 has 4 % of 400 GiB left, evicts below 10 %']);
  });

  it('run out of inodes too', () => {
    expect(on(disk(0.5, { inodesFree: 30_000 }))).toEqual(['fail: / on gpu-1 has 3 % of 1,000,000 inodes left, evicts below 5 %']);
  });

  it('are told by the one that images or pods lie on', () => {
    expect(on(disk(0.04), disk(0.5, { mount: '/var/lib' }))).toEqual([]);
    expect(on(disk(0.5), disk(0.12, { mount: '/var/lib/containerd' }))).toEqual([
      'fail: /var/lib/containerd on gpu-1 has 12 % of 400 GiB left, evicts below 15 %',
    ]);
  });

  it('are held to amounts where the kubelet has amounts', () => {
    const limits = { available: { amount: 10 * gib }, inodesFree: { share: 0.05 } };
    expect(roomAgainst(disk(0.03), limits)).toEqual({ status: 'warn', text: '3 % of 400 GiB left, evicts below 10 GiB' });
  });
});
