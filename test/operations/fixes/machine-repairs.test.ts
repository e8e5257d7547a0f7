import { describe, expect, it, vi } from 'vitest';
import { HostError } from '../../../src/hosts/host-error.js';
import { freeDisk } from '../../../src/operations/fixes/free-disk.js';
import { gpuPersistence } from '../../../src/operations/fixes/gpu-persistence.js';
import { holdPackages } from '../../../src/operations/fixes/hold-packages.js';
import { kubeconfigOwner } from '../../../src/operations/fixes/kubeconfig-owner.js';
import { loadNvidia } from '../../../src/operations/fixes/load-nvidia.js';
import { refreshCdi } from '../../../src/operations/fixes/refresh-cdi.js';
import { remount } from '../../../src/operations/fixes/remount.js';
import { renewCertificates } from '../../../src/operations/fixes/renew-certificates.js';
import { timeSync } from '../../../src/operations/fixes/time-sync.js';
import { missingMounts } from '../../../src/operations/fstab.js';
import { live } from '../../../src/state/freshness.js';
import { aHost, hostsOf, known, someFacts } from '../../builders/host.js';
import { aSnapshot, now } from '../../builders/snapshot.js';
import { aScene, changes, done, exact, laterFacts } from './a-scene.js';

const input = { host: 'gpu-1' };
const notFound = new HostError('not-found', 'there is no such program on gpu-1');
const day = 24 * 3_600_000;

function unit(properties: Readonly<Record<string, string>>): string {
  return Object.entries({ LoadState: 'loaded', ActiveState: 'active', UnitFileState: 'enabled', Type: 'simple', Result: 'success', ...properties })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** The machine as its facts have it. */
function withFacts(overrides: Parameters<typeof someFacts>[0]) {
  return aSnapshot({ hosts: hostsOf(aHost({ facts: someFacts(overrides) })) });
}

describe('kubeconfig-owner', () => {
  const wish = { host: 'gpu-1', path: '/home/ops/.kube/config', owner: 'ops' };
  const stat = (file: string, folder: string) => ({
    "stat -c '%F|%U|%a|%G' -- /home/ops/.kube/config": file,
    "stat -c '%F|%U|%a|%G' -- /home/ops/.kube": folder,
  });

  it('gives file and folder to their user, and nobody else a look', async () => {
    const scene = aScene({ says: stat('regular file|root|644|adm\n', 'directory|root|755|root\n') });
    const { plan } = await kubeconfigOwner.plan(wish, scene);
    expect(plan.items.map((item) => item.exact)).toEqual([
      'gpu-1# chown ops: -- /home/ops/.kube',
      'gpu-1# chown ops: -- /home/ops/.kube/config',
      'gpu-1# chmod 600 -- /home/ops/.kube/config',
    ]);
    expect(plan.undo).toBe('gpu-1# chown root:root -- /home/ops/.kube; chown root:adm -- /home/ops/.kube/config; chmod 644 -- /home/ops/.kube/config');
    expect((await done(kubeconfigOwner, wish, scene)).verification).toEqual({ seen: false, text: '/home/ops/.kube/config on gpu-1 belongs to root, mode 644' });
  });

  it('gives no link away, asks for a user that is there, and finds nothing to do where all is right', async () => {
    const link = aScene({ says: stat('symbolic link|root|777\n', 'directory|ops|755\n') });
    expect((await kubeconfigOwner.plan(wish, link)).plan.blockers[0]).toContain('/home/ops/.kube/config on gpu-1 is a symbolic link');
    const nobody = aScene({ says: { ...stat('regular file|root|644\n', 'directory|ops|755\n'), 'id -u': { exitCode: 1 } } });
    expect((await kubeconfigOwner.plan(wish, nobody)).plan.blockers).toEqual(['there is no user ops on gpu-1']);
    expect((await kubeconfigOwner.plan(wish, aScene())).plan.blockers).toEqual(['there is no /home/ops/.kube/config on gpu-1']);
    const right = aScene({ says: stat('regular file|ops|600\n', 'directory|ops|755\n') });
    await expect(kubeconfigOwner.plan(wish, right)).rejects.toThrow('nothing to do: /home/ops/.kube/config on gpu-1 belongs to ops, mode 600');
    expect((await kubeconfigOwner.plan({ ...wish, path: '/home/../etc/shadow' }, right)).plan.blockers).toEqual(['/home/../etc/shadow is no plain path']);
  });
});

describe('renew-certificates', () => {
  const says = {
    "crictl ps -q --state running --label 'io.kubernetes.container.name=etcd'": 'aaaaaaaaaaaa\n',
    "crictl ps -q --state running --label 'io.kubernetes.container.name=kube-apiserver'": 'bbbbbbbbbbbb\n',
  };
  const soon = known([{ path: '/etc/kubernetes/pki/apiserver.crt', endsAt: Date.now() + 5 * day }]);
  const fresh = known([
    { path: '/etc/kubernetes/pki/apiserver.crt', endsAt: Date.now() + 364 * day },
    { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', endsAt: Date.now() + 9 * day },
  ]);

  it('keeps a copy, renews all, restarts the static pods, and sees the new end and the new certificate', async () => {
    const renewed = laterFacts({ certificates: fresh });
    const scene = aScene({
      says,
      later(snapshot) {
        const { connection } = snapshot;
        return { ...renewed(snapshot), connection: connection.status === 'connected' ? { ...connection, certificateEndsAt: now + 365 * day } : connection };
      },
    });
    const { plan } = await renewCertificates.plan(input, scene);
    expect(plan.items.map((item) => item.exact.replace(/\d{8}T\d{6}/, 'NOW'))).toEqual([
      'gpu-1# install -d -m 700 /var/backups/gpuk8s /var/backups/gpuk8s/etc',
      'gpu-1# cp -a -T /etc/kubernetes /var/backups/gpuk8s/etc/kubernetes.NOW',
      'gpu-1# kubeadm certs renew all',
      'gpu-1# crictl stop --timeout 30 aaaaaaaaaaaa',
      'gpu-1# crictl stop --timeout 30 bbbbbbbbbbbb',
    ]);
    expect(plan.warnings[1]).toContain('whoever uses a copy of it has to copy it again');
    expect((await done(renewCertificates, input, scene)).verification?.seen).toBe(true);
  });

  it('names the certificate that still ends soon', async () => {
    const scene = aScene({ says, later: laterFacts({ certificates: soon }) });
    expect((await done(renewCertificates, input, scene)).verification?.text).toMatch(/^\/etc\/kubernetes\/pki\/apiserver\.crt on gpu-1 ends in 4d/);
  });

  it('restarts nothing when the renewal fails', async () => {
    const scene = aScene({ says: { ...says, 'kubeadm certs renew': { exitCode: 1, stderr: 'error execution phase: failed to read ca.key\n' } } });
    expect(await done(renewCertificates, input, scene)).toMatchObject({
      failed: ['kubeadm ended with 1: error execution phase: failed to read ca.key'],
      skipped: 2,
    });
  });

  it('cannot be done without kubeadm, or where crictl does not answer', async () => {
    expect((await renewCertificates.plan(input, aScene({ says: { 'kubeadm version': notFound } }))).plan.blockers).toEqual([
      'there is no kubeadm on gpu-1: its certificates are renewed another way',
    ]);
    const deaf = { ...says, "crictl ps -q --state running --label 'io.kubernetes.container.name=etcd'": { exitCode: 1 } };
    expect((await renewCertificates.plan(input, aScene({ says: deaf }))).plan.blockers[0]).toContain('crictl on gpu-1 does not answer');
  });
});

describe('time-sync', () => {
  it('switches it on and lets the service ask anew, and warns of a clock that will jump', async () => {
    const scene = aScene({
      snapshot: withFacts({ clockSkewMs: known(-310_000) }),
      says: { 'timedatectl show': 'NTP=no\nCanNTP=yes\nNTPSynchronized=no\n', 'systemctl show': unit({}) },
      later: laterFacts({ timeSynchronized: known(true) }),
    });
    const { plan } = await timeSync.plan(input, scene);
    expect(plan.items.map((item) => item.exact)).toEqual(['gpu-1# timedatectl set-ntp true', 'gpu-1# systemctl restart chrony.service']);
    expect(plan).toMatchObject({ risk: 'disruptive', undo: 'gpu-1# timedatectl set-ntp false' });
    expect(plan.warnings[0]).toContain("it is 5m10s behind this machine's clock and will jump");
    expect((await done(timeSync, input, scene)).verification).toEqual({ seen: true, text: 'the clock of gpu-1 is synchronized' });
  });

  it('installs chrony where nothing keeps time, and cannot without apt', async () => {
    const nothing = { 'timedatectl show': 'CanNTP=no\nNTPSynchronized=no\n', 'systemctl show': unit({ LoadState: 'not-found' }) };
    expect((await exact(timeSync, input, aScene({ says: nothing })))[0]).toBe(
      'gpu-1# DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get install -y chrony',
    );
    expect((await timeSync.plan(input, aScene({ says: { ...nothing, 'apt-get': notFound } }))).plan.blockers).toEqual([
      'nothing on gpu-1 keeps its time: install chrony there',
    ]);
  });

  it('finds nothing to do where the clock is right', async () => {
    await expect(timeSync.plan(input, aScene({ says: { 'timedatectl show': 'NTPSynchronized=yes\n' } }))).rejects.toThrow(
      'nothing to do: the clock of gpu-1 is synchronized',
    );
  });
});

describe('hold-packages', () => {
  const wish = { host: 'gpu-1', packages: 'kubelet kubeadm cri-o' };

  it('holds those that are installed and loose', async () => {
    const scene = aScene({
      says: { 'apt-mark showhold': 'kubelet\n', 'dpkg-query': { exitCode: 1, stdout: 'kubelet installed\nkubeadm installed\n' } },
      later: laterFacts({ packageHolds: known(['kubelet', 'kubeadm']) }),
    });
    const { plan } = await holdPackages.plan(wish, scene);
    expect(plan.items.map((item) => item.exact)).toEqual(['gpu-1# apt-mark hold kubeadm']);
    expect(plan.warnings[0]).toBe('cri-o is not installed and left out');
    expect(plan.undo).toBe('gpu-1# apt-mark unhold kubeadm');
    expect((await done(holdPackages, wish, scene)).verification?.seen).toBe(true);
  });

  it('cannot be done without apt, and has nothing to do where all are held', async () => {
    expect((await holdPackages.plan(wish, aScene({ says: { 'apt-mark': notFound } }))).plan.blockers[0]).toContain('there is no apt on gpu-1');
    const held = aScene({ says: { 'apt-mark showhold': 'kubelet\n', 'dpkg-query': 'kubelet installed\n' } });
    await expect(holdPackages.plan(wish, held)).rejects.toThrow('nothing to do: kubelet is held on gpu-1');
  });
});

describe('refresh-cdi', () => {
  const stale = { cdi: known({ spec: '/etc/cdi/nvidia.yaml', driverVersion: '570.1', devices: ['0'] }) };

  it('puts an old specification aside and lets the toolkit write a new one', async () => {
    const scene = aScene({
      snapshot: withFacts(stale),
      says: { 'stat -c': 'regular file|root|644\n', 'systemctl show': unit({ UnitFileState: 'disabled', Type: 'oneshot' }) },
      later: laterFacts({}),
    });
    const outcome = await done(refreshCdi, input, scene);
    expect(changes(scene)).toEqual([
      'install -d -m 700 /var/backups/gpuk8s/etc/cdi',
      'mv -f -- /etc/cdi/nvidia.yaml /var/backups/gpuk8s/etc/cdi/nvidia.yaml',
      'systemctl enable --now nvidia-cdi-refresh.path',
      'systemctl restart nvidia-cdi-refresh.service',
    ]);
    expect(outcome.verification).toEqual({ seen: true, text: '/var/run/cdi/nvidia.yaml on gpu-1 names its GPUs and the loaded driver' });
  });

  it('writes it by hand where the toolkit has no service for it, and says when it is of another driver', async () => {
    const scene = aScene({
      snapshot: withFacts(stale),
      says: { 'systemctl show': unit({ LoadState: 'not-found', UnitFileState: '' }) },
      later: laterFacts(stale),
    });
    const { verification } = await done(refreshCdi, input, scene);
    expect(changes(scene).at(-1)).toBe("nvidia-ctk cdi generate '--output=/var/run/cdi/nvidia.yaml'");
    expect(verification).toEqual({ seen: false, text: '/etc/cdi/nvidia.yaml on gpu-1 is of driver 570.1, loaded is 580.173.02' });
  });

  it('finds nothing to do where it is of the loaded driver', async () => {
    await expect(refreshCdi.plan(input, aScene({ says: { 'systemctl show': unit({}) } }))).rejects.toThrow(
      'nothing to do: /var/run/cdi/nvidia.yaml on gpu-1 is of driver 580.173.02',
    );
  });
});

describe('gpu-persistence', () => {
  it('starts the daemon, tells the GPUs, and warns where the next boot forgets it', async () => {
    const says = {
      'systemctl show': unit({ ActiveState: 'inactive', UnitFileState: 'static', ExecStart: '{ argv[]=/usr/bin/nvidia-persistenced --no-persistence-mode }' }),
    };
    const { plan } = await gpuPersistence.plan(input, aScene({ says }));
    expect(plan.items.map((item) => item.exact)).toEqual(['gpu-1# systemctl start nvidia-persistenced.service', 'gpu-1# nvidia-smi -pm 1']);
    expect(plan.warnings).toEqual(["the daemon's unit says --no-persistence-mode: after the next boot it is off again"]);
  });

  it('cannot be done where nvidia-smi does not answer', async () => {
    const gpus = { node: 'gpu-1', source: 'ssh', at: now, report: { status: 'driver-not-loaded', why: 'the driver is not loaded' } } as const;
    const snapshot = aSnapshot({ hosts: hostsOf(aHost()), machineGpus: live(new Map([['gpu-1', gpus]]), now) });
    expect((await gpuPersistence.plan(input, aScene({ snapshot }))).plan.blockers).toEqual(['nvidia-smi on gpu-1 does not answer: the driver is not loaded']);
  });
});

describe('load-nvidia', () => {
  it('loads what is missing', async () => {
    const scene = aScene({ files: { '/proc/modules': 'nvidia 1\n' }, later: laterFacts({ modules: known(['nvidia', 'nvidia_uvm']) }) });
    expect((await done(loadNvidia, input, scene)).verification?.seen).toBe(true);
    expect(changes(scene)).toEqual(['modprobe nvidia_uvm']);
  });

  it("tells modprobe's own reason, and cannot while nouveau holds the GPUs", async () => {
    const refused = { exitCode: 1, stderr: "modprobe: ERROR: could not insert 'nvidia': Key was rejected by service\n" };
    const { failed } = await done(loadNvidia, input, aScene({ files: { '/proc/modules': '' }, says: { 'modprobe nvidia': refused } }));
    expect(failed[0]).toContain('Key was rejected by service');
    expect((await loadNvidia.plan(input, aScene({ files: { '/proc/modules': 'nouveau 1\n' } }))).plan.blockers[0]).toContain('nouveau holds the GPUs of gpu-1');
  });
});

describe('remount', () => {
  const fstab = 'UUID=1 / ext4 defaults 0 1\n10.0.0.5:/data /data nfs defaults,_netdev 0 0\n/dev/sdc /mnt/x\\040y xfs noauto 0 0\ntmpfs none swap sw 0 0\n';

  it('mounts what fstab names, and says what is still missing', async () => {
    vi.useFakeTimers();
    const scene = aScene({ files: { '/etc/fstab': fstab, '/proc/mounts': '/dev/sda1 / ext4 rw 0 0\n' } });
    expect(await exact(remount, input, scene)).toEqual(['gpu-1# mount -a']);
    const outcome = done(remount, input, scene);
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect((await outcome).verification).toEqual({ seen: false, text: '/data still not mounted on gpu-1' });
  });

  it('leaves out what fstab does not mount at boot', () => {
    expect(
      missingMounts(`${fstab}/dev/sdd /srv/ ext4 x-systemd.automount 0 0\n/dev/sde /opt/ ext4 rw 0 0\n`, '/dev/sda1 / ext4 rw 0 0\nx /opt ext4 rw 0 0\n'),
    ).toEqual(['/data']);
  });
});

describe('free-disk', () => {
  const disk = (availableBytes: number) =>
    known([{ mount: '/', device: '/dev/sda1', sizeBytes: 100 * 2 ** 30, availableBytes, inodes: null, inodesFree: null }]);
  const says = {
    'journalctl --disk-usage': 'Archived and active journals take up 3.9G in the file system.\n',
    'crictl images -q': 'a\nb\nc\n',
    'crictl ps -q': 'x\n',
  };

  it('cuts the journal, removes packages and unused images, and tells what was won', async () => {
    const scene = aScene({ snapshot: withFacts({ filesystems: disk(4 * 2 ** 30) }), says, later: laterFacts({ filesystems: disk(30 * 2 ** 30) }) });
    const { plan } = await freeDisk.plan(input, scene);
    expect(plan.items.map((item) => item.exact)).toEqual(
      ['gpu-1# journalctl --vacuum-size=500M', 'gpu-1# apt-get clean', 'gpu-1# crictl rmi --prune'].map((line) =>
        line.replace('--vacuum-size=500M', "'--vacuum-size=500M'"),
      ),
    );
    expect(plan.warnings.slice(0, 2)).toEqual([
      '/ has 4 GiB of 100 GiB free (4 %)',
      '2 images that no container uses go: the next pod that needs one fetches it again, which takes minutes for one of gigabytes',
    ]);
    expect((await done(freeDisk, input, scene)).verification).toEqual({ seen: true, text: 'won 26 GiB: / of gpu-1 has 30 GiB of 100 GiB free (30 %)' });
  });

  it('is no success where the disk is still as good as full', async () => {
    const scene = aScene({ snapshot: withFacts({ filesystems: disk(4 * 2 ** 30) }), says, later: laterFacts({ filesystems: disk(5 * 2 ** 30) }) });
    expect((await done(freeDisk, input, scene)).verification).toEqual({
      seen: false,
      text: 'won 1 GiB, but / of gpu-1 still has only 5 GiB of 100 GiB free (5 %)',
    });
  });

  it('leaves out what is not there', async () => {
    const scene = aScene({ says: { 'crictl ps -q': notFound, 'apt-get': notFound } });
    const { plan } = await freeDisk.plan(input, scene);
    expect([plan.risk, plan.items.length]).toEqual(['safe', 1]);
  });
});
