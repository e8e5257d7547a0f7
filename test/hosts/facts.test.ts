import { describe, expect, it } from 'vitest';
import { hostFacts, withEarlierRootFacts } from '../../src/hosts/facts.js';
import { parseProbe } from '../../src/hosts/probe-stream.js';
import type { HostFacts } from '../../src/state/hosts.js';
import { type AnswerOptions, bootId, hostClock, ubuntuAnswer } from './probe-answers.js';

const arrival = hostClock * 1000 - 3000;

function factsOf(text: string): HostFacts {
  const readXids = (lines: readonly string[]) => lines.map((line) => ({ at: null, code: 79, pciBusId: null, pid: null, line }));
  return hostFacts(parseProbe(text, 'm1'), { at: arrival + 200, tookMs: 250, clockAt: arrival }, readXids);
}

const withSections = (sections: AnswerOptions['with']) => factsOf(ubuntuAnswer({ with: sections }));
const known = <T>(value: T) => ({ known: true, value });

describe('the facts of an Ubuntu worker with CRI-O', () => {
  const facts = factsOf(ubuntuAnswer());

  it('tell when it booted, and how far its clock is off', () => {
    expect(facts.bootId).toEqual(known(bootId));
    expect(facts.bootedAt).toEqual(known(1793541731_000));
    expect(facts.clockSkewMs).toEqual(known(3000));
    expect(facts.osName).toEqual(known('Ubuntu 24.04.3 LTS'));
    expect(facts.kernel).toEqual(known('6.8.0-94-generic'));
  });

  it('tell which services there are, leaving out those that are not installed', () => {
    expect(facts.services).toEqual(
      known([
        { name: 'crio', enabled: 'enabled', active: 'active' },
        { name: 'kubelet', enabled: 'disabled', active: 'activating' },
      ]),
    );
    expect(facts.failedUnits).toEqual(known(['snapd.seeded.service', 'nvidia-cdi-refresh.service']));
  });

  it('name the newest kernel that boots, by number and not by letters, and that it lacks a module', () => {
    expect(facts.driver).toEqual(known({ module: '580.95.05', library: '580.95.05', nextKernel: { kernel: '6.8.0-101-generic', hasModule: false } }));
  });

  it('read the configuration of the runtime that the kubelet uses, where two are installed', () => {
    expect(facts.runtimeConfig).toEqual(known({ runtime: 'crio', nvidiaHandler: true, defaultRuntime: 'crun' }));
    expect(facts.lowLevelRuntimes).toEqual(
      known([
        { path: '/usr/libexec/crio/crun', executable: true },
        { path: 'runc', executable: false },
      ]),
    );
    expect(facts.runtimeBinaries).toMatchObject(known([{ version: '1.36.3' }, { version: '1.20' }, { version: '1.20.0' }, { version: null }]));
    expect(facts.cdi).toEqual(known({ spec: '/var/run/cdi/nvidia.yaml', driverVersion: '580.95.05', devices: ['0', '1', 'all'] }));
  });

  it('tell disks with spaces in their names, a reserve that is eaten into, and file systems without inodes', () => {
    expect(facts.filesystems).toMatchObject(
      known([
        { mount: '/', sizeBytes: 960000000 * 1024, inodes: 60000000, inodesFree: 59100000 },
        { mount: '/var/lib/containers', inodes: null },
        { mount: '/srv/old data', device: 'pool/old data', availableBytes: 0, inodes: null },
      ]),
    );
    expect(facts.usage).toEqual(
      known({
        '/var/lib/containers': 400000000 * 1024,
        '/var/cache/apt/archives': 1200000000,
        journal: Math.round(904.1 * 2 ** 20),
        'images /var/lib/containers/storage/overlay-images': 1291296768,
      }),
    );
  });

  it('tell swap, load, pressure, certificates, kubeconfigs and holds', () => {
    expect(facts.swap).toEqual(known([{ device: '/swap.img', bytes: 8388604 * 1024 }]));
    expect(facts.load).toEqual(known({ one: 1.52, five: 1.1, fifteen: 0.98, cpus: 64 }));
    expect(facts.pressure).toEqual(known({ cpuSome: 4.2, memorySome: 0.5, memoryFull: 0.25, ioSome: 12.34, ioFull: 6.17 }));
    expect(facts.certificates).toEqual(known([{ path: '/etc/kubernetes/pki/apiserver.crt', endsAt: Date.UTC(2027, 0, 5, 9, 34, 43) }]));
    expect(facts.kubeconfigs).toMatchObject(
      known([
        { mode: '600', owner: 'root' },
        { mode: '644', owner: 'ops' },
      ]),
    );
    expect(facts.packageHolds).toEqual(known(['kubeadm', 'kubelet']));
    expect(facts.pciGpus).toEqual(known(4));
    expect(facts.xids).toMatchObject(known([{ line: expect.stringContaining('Xid (PCI:0000:3b:00): 79') }]));
  });
});

describe('a part that gives no answer', () => {
  it.each([
    ['root', 'needs root'],
    ['missing systemctl', 'systemctl: not found'],
    ['timeout', 'no answer in time'],
    ['fail 3', 'failed-units ended with exit code 3'],
  ])('with "%s" says: %s', (status, why) => {
    expect(withSections({ 'failed-units': ['', status] }).failedUnits).toEqual({ known: false, why });
  });

  it('says what the command said', () => {
    const facts = withSections({ 'failed-units': ['err Failed to connect to bus: Host is down', 'fail 1'] });
    expect(facts.failedUnits).toEqual({ known: false, why: 'Failed to connect to bus: Host is down' });
    expect(facts.load.known).toBe(true);
  });

  it('says why sudo did not help', () => {
    const facts = withSections({ xids: ['', 'root'], 'sudo-refused': ['err sudo: a password is required', 'fail 1'] });
    expect(facts.xids).toEqual({ known: false, why: 'needs root (sudo: a password is required)' });
  });

  it('shows what it did not understand, without its control characters', () => {
    expect(withSections({ 'time-sync': ['\u001b[31mNTP\u0000 maybe'] }).timeSynchronized).toEqual({ known: false, why: 'not understood: "NTP maybe"' });
  });
});

describe('other machines', () => {
  it.each([
    ['System clock synchronized: yes', true],
    ['NTP synchronized: no', false],
    ['Leap status     : Normal', true],
    ['Leap status     : Not synchronised', false],
  ])('say "%s" for their clock', (text, synchronized) => {
    expect(withSections({ 'time-sync': [text] }).timeSynchronized).toEqual(known(synchronized));
  });

  it('run containerd 1.7 or 2.x with a handler for NVIDIA in a drop-in', () => {
    const older =
      '== containerd /etc/containerd/config.toml\nversion = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\n  default_runtime_name = "nvidia"\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]';
    expect(withSections({ 'runtime-config': [older] }).runtimeConfig).toEqual(known({ runtime: 'containerd', nvidiaHandler: true, defaultRuntime: 'nvidia' }));
    const newer =
      "== containerd config dump\nversion = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia.options]\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]";
    expect(withSections({ 'runtime-config': [newer.replace('nvidia.options', 'kata')] }).runtimeConfig).toMatchObject(known({ nvidiaHandler: false }));
    expect(withSections({ 'runtime-config': [newer] }).runtimeConfig).toMatchObject(known({ nvidiaHandler: true }));
  });

  it('hold packages as dnf and yum do', () => {
    const holds = 'kubelet-0:1.36.2-150500.1.1.*\ncri-o-1.36.3-1.el9.*\nexclude=kubeadm kubectl';
    expect(withSections({ holds: [holds] }).packageHolds).toEqual(known(['kubelet', 'cri-o', 'kubeadm', 'kubectl']));
  });

  it('tell the driver by an older module, and a library that differs', () => {
    const text = 'nvrm NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nlibrary /usr/lib64/libnvidia-ml.so.550.90.07';
    expect(withSections({ driver: [text] }).driver).toEqual(known({ module: '535.183.01', library: '550.90.07', nextKernel: null }));
  });

  it('have Xid lines only in dmesg, whose seconds count from the boot', () => {
    const facts = withSections({ xids: ['== dmesg\n[   69.500000] NVRM: Xid (PCI:0000:3b:00): 48, pid=7, DBE'] });
    expect(facts.xids).toMatchObject(known([{ line: '1793541800.500000 host kernel: NVRM: Xid (PCI:0000:3b:00): 48, pid=7, DBE' }]));
  });
});

describe('how a machine is set up', () => {
  it('tells what brings swap back: entries of fstab, and swap units that are not masked', () => {
    const said = 'fstab /swap.img sw\nfstab UUID=1-2 sw,nofail\nId=swap.img.swap\nActiveState=active\nUnitFileState=generated\nmasked dev-sda3.swap';
    expect(withSections({ 'swap-setup': [said] }).swapSetup).toEqual(
      known({
        fstab: [
          { device: '/swap.img', options: 'sw' },
          { device: 'UUID=1-2', options: 'sw,nofail' },
        ],
        units: [
          { name: 'swap.img.swap', enabled: 'generated', active: 'active' },
          { name: 'dev-sda3.swap', enabled: 'masked', active: 'inactive' },
        ],
      }),
    );
    // systemd made it of an entry that somebody has taken out of fstab since.
    const leftOver = 'Id=swap.img.swap\nActiveState=inactive\nUnitFileState=generated\nSourcePath=/etc/fstab\n';
    expect(withSections({ 'swap-setup': [leftOver] }).swapSetup).toEqual(known({ fstab: [], units: [] }));
    expect(withSections({ 'swap-setup': [''] }).swapSetup).toEqual(known({ fstab: [], units: [] }));
  });

  it('tells which modules are loaded at each boot', () => {
    const said = '== /etc/modules-load.d/k8s.conf\noverlay\nbr-netfilter\n== /etc/modules\nnvidia NVreg_OpenRmEnableUnsupportedGpus=1\noverlay';
    expect(withSections({ 'modules-load': [said] }).modulesAtBoot).toEqual(known(['overlay', 'br_netfilter', 'nvidia']));
  });

  it('tells what of fstab is not mounted, also where a path has a blank', () => {
    const said = 'yes ext4 UUID=1 / defaults\nno nfs4 10.0.0.5:/srv/models /srv/old\\040models _netdev,nofail';
    expect(withSections({ mounts: [said] }).mounts).toEqual(
      known([
        { mount: '/', source: 'UUID=1', type: 'ext4', options: 'defaults', mounted: true },
        { mount: '/srv/old models', source: '10.0.0.5:/srv/models', type: 'nfs4', options: '_netdev,nofail', mounted: false },
      ]),
    );
  });

  it('tells whose home a kubeconfig lies in, also where the home has another name', () => {
    const said = '600 root /etc/kubernetes/admin.conf\n600 root /home/ops/.kube/config\n644 pat /srv/homes/p/.kube/config\nhome pat /srv/homes/p';
    expect(withSections({ kubeconfigs: [said] }).kubeconfigs).toEqual(
      known([
        { mode: '600', owner: 'root', path: '/etc/kubernetes/admin.conf', homeOf: 'root' },
        { mode: '600', owner: 'root', path: '/home/ops/.kube/config', homeOf: 'ops' },
        { mode: '644', owner: 'pat', path: '/srv/homes/p/.kube/config', homeOf: 'pat' },
      ]),
    );
    expect(withSections({ kubeconfigs: ['closed /home/ops'] }).kubeconfigs).toEqual({ known: false, why: 'needs root' });
  });

  it('tells how a service ended: 203 is a program that cannot be run', () => {
    const said =
      'Id=crio.service\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nExecMainStatus=203\nUnitFileState=enabled';
    expect(withSections({ services: [said] }).services).toEqual(
      known([{ name: 'crio', enabled: 'enabled', active: 'activating', sub: 'auto-restart', result: 'exit-code', exitStatus: 203 }]),
    );
  });

  it('tells how long after the boot a service was up', () => {
    const said = 'Id=kubelet.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nActiveEnterTimestampMonotonic=44120557';
    expect(withSections({ services: [said] }).services).toEqual(known([{ name: 'kubelet', enabled: 'enabled', active: 'active', activeSinceBootMs: 44_121 }]));
  });

  it('tells what apt did, by its own clock, and to which packages of a node', () => {
    const said = [
      'Upgrade: 3',
      'zone +0100',
      'Start-Date: 2026-11-02  06:31:02',
      'Commandline: /usr/bin/unattended-upgrade',
      'Upgrade: 14; libnvidia-compute-580:amd64 (580.95.05-0ubuntu0.24.04.1, 580.105.08-0ubuntu0.24.04.1',
      'Install: 1; linux-image-6.8.0-95-generic:amd64 (6.8.0-95.97, automatic)',
      'Start-Date: some day',
    ].join('\n');
    expect(withSections({ 'apt-history': [said] }).aptHistory).toEqual(
      known([
        {
          at: Date.UTC(2026, 10, 2, 5, 31, 2),
          command: '/usr/bin/unattended-upgrade',
          changes: [
            { action: 'Upgrade', count: 14, packages: ['libnvidia-compute-580 580.95.05-0ubuntu0.24.04.1 → 580.105.08-0ubuntu0.24.04.1'] },
            { action: 'Install', count: 1, packages: ['linux-image-6.8.0-95-generic 6.8.0-95.97'] },
          ],
        },
        { at: null, command: '', changes: [] },
      ]),
    );
    expect(withSections({ packages: ['installed kubelet 1.36.2-1.1\nconfig-files docker.io 27.0'] }).nodePackages).toEqual(
      known([{ name: 'kubelet', version: '1.36.2-1.1' }]),
    );
  });

  it('is not known where an older probe does not say', () => {
    expect(withSections({ 'swap-setup': null }).swapSetup).toEqual({ known: false, why: 'the probe did not say' });
  });
});

describe('an answer that is not whole', () => {
  const text = ubuntuAnswer();
  const lines = text.split('\n');

  it('keeps the facts before the cut, wherever it is, and says of the others that they were cut off', () => {
    for (let at = 2; at < lines.length; at += 1) {
      const cut = `${lines.slice(0, at).join('\n')}\n${(lines[at] ?? '').slice(0, 3)}`;
      const facts = factsOf(cut);
      const ended = lines.slice(0, at).includes('@@m1 end load ok');
      expect(facts.load.known, cut.slice(-80)).toBe(ended);
      if (!ended) expect(facts.load).toMatchObject({ why: expect.stringContaining('cut off') });
    }
  });

  it('survives binary bytes, a banner before it and what an rc file prints', () => {
    const noisy =
      `Welcome!\r\n@@other begin load\n\u0000\u00ff\ufffd|9 9 9 1/1 1\n${text.replace('@@m1 begin memory', 'rc says hello\n@@m1 begin memory')}`.replace(
        'cpus 64',
        'cpus 64\u0000',
      );
    const facts = factsOf(noisy.replace('|v2', '|v2\u0007\ufffd'));
    expect(facts.memory.known).toBe(true);
    expect(facts.cgroup).toMatchObject({ known: false, why: expect.stringContaining('not understood') });
    expect(facts.bootId).toEqual(known(bootId));
  });

  it('reads the same over a terminal that turns line ends', () => {
    expect(factsOf(text.replaceAll('\n', '\r\n'))).toEqual(factsOf(text));
  });

  it('is nothing without its first line', () => {
    expect(factsOf('This account is currently not available.\n').bootId).toEqual({ known: false, why: 'the machine gave no answer' });
  });
});

describe('facts that need root', () => {
  const asRoot = factsOf(ubuntuAnswer());
  const asUser = { xids: ['', 'root'], certificates: ['root /etc/kubernetes/admin.conf'], stores: null } as const;

  it('stay as sudo last showed them while it is not asked', () => {
    const kept = withEarlierRootFacts(withSections(asUser), asRoot);
    expect(kept.xids).toEqual(asRoot.xids);
    expect(kept.certificates).toEqual(asRoot.certificates);
    expect(kept.usage).toEqual(asRoot.usage);
  });

  it('are not carried over a reboot', () => {
    const rebooted = withSections({ ...asUser, boot: ['0b0b0b0b-5d0a-4d4e-9a51-3f1d6a7c0001\nbtime 1793600000'] });
    expect(withEarlierRootFacts(rebooted, asRoot).xids).toEqual({ known: false, why: 'needs root' });
  });
});
