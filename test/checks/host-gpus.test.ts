import { describe, expect, it } from 'vitest';
import { absent } from '../../src/state/freshness.js';
import type { XidEvent } from '../../src/state/hosts.js';
import { fellOffTheBus, known } from '../builders/host.js';
import { aLostGpu, aMachine, anIdleGpu } from '../builders/machine-gpus.js';
import { now } from '../builders/snapshot.js';
import { ledger, nodes } from './lab.js';
import { findings, labOfMachines, reportOn, told, troubles, withFacts } from './machines.js';

const eight = Array.from({ length: 8 }, (_, index) => anIdleGpu({ index }));
const sound = { module: '580.173.02', library: '580.173.02', nextKernel: { kernel: '6.8.0-94-generic', hasModule: true } };
const noGpus = { nodes: nodes({ 'gpu-1': { gpus: 0, capacityGpus: 8 } }), gpus: ledger({ controlplane: [1, 1], 'gpu-1': [0, 8], 'gpu-2': [8, 8] }) };

describe('a driver that was upgraded without a reboot', () => {
  const driver = known({ ...sound, library: '580.195.03' });
  const report = { status: 'library-mismatch', why: 'Driver/library version mismatch' } as const;
  const aptHistory = known([
    {
      at: now - 3_600_000,
      command: '/usr/bin/unattended-upgrade',
      changes: [{ action: 'Upgrade', count: 9, packages: ['libnvidia-compute-580 580.173.02 → 580.195.03'] }],
    },
  ]);
  const snapshot = labOfMachines({ 'gpu-1': { facts: { driver, aptHistory, rebootRequired: known(true) }, gpus: aMachine('gpu-1', [], { report }) } }, noGpus);

  it('is the one cause of everything that finds no GPU', () => {
    const { causes } = reportOn(snapshot);
    expect(causes.map(({ finding }) => finding.message)).toEqual([
      'The NVIDIA driver of gpu-1 was upgraded without a reboot: the loaded module is 580.173.02, its library 580.195.03',
    ]);
    expect(causes[0]?.follows.map(({ id }) => id)).toEqual(expect.arrayContaining(['nvidia-smi', 'gpu-count', 'cdi-spec', 'reboot-still-required']));
  });

  it('is mended by a reboot, and shows when it came', () => {
    const [finding] = findings('driver-lib-match', snapshot);
    expect(finding?.fix?.operation).toEqual({ id: 'reboot-node', input: { node: 'gpu-1' } });
    expect(finding?.evidence?.at(-1)?.text).toBe('60m ago: libnvidia-compute-580 580.173.02 → 580.195.03 (/usr/bin/unattended-upgrade)');
  });

  it('is not looked for where the driver is not on the machine itself', () => {
    expect(told('driver-lib-match', withFacts({ driver: known({ ...sound, library: null }) }))).toContain(
      'skipped critical cluster: no NVIDIA library on the machine itself: gpu-1',
    );
  });
});

describe('the next kernel', () => {
  it('without a module is a warning before the reboot', () => {
    const driver = known({ ...sound, nextKernel: { kernel: '6.8.0-101-generic', hasModule: false } });
    const [finding] = findings('driver-next-kernel', withFacts({ driver }));
    expect(finding).toMatchObject({
      status: 'warn',
      message: 'gpu-1 boots the kernel 6.8.0-101-generic next, which has no NVIDIA module: its GPUs will be gone',
      fix: { command: 'ssh gpu-1 sudo apt-get install linux-modules-nvidia-580-server-6.8.0-101-generic' },
    });
  });

  it('and the reason for it all after the reboot', () => {
    const driver = known({ module: null, library: '580.173.02', nextKernel: { kernel: '6.8.0-94-generic', hasModule: false } });
    const report = { status: 'driver-not-loaded', why: 'NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver' } as const;
    const facts = { driver, modules: known(['overlay', 'br_netfilter']) };
    const { causes } = reportOn(labOfMachines({ 'gpu-1': { facts, gpus: aMachine('gpu-1', [], { report }) } }, noGpus));
    expect(causes.map(({ finding }) => finding.message)).toEqual(['gpu-1 booted the kernel 6.8.0-94-generic, which has no NVIDIA module']);
  });
});

it('nouveau in place of the driver is the reason why the driver is not loaded', () => {
  const facts = { modules: known(['overlay', 'br_netfilter', 'nouveau']), driver: known({ ...sound, module: null }) };
  const report = { status: 'driver-not-loaded', why: 'no driver' } as const;
  const { causes } = reportOn(labOfMachines({ 'gpu-1': { facts, gpus: aMachine('gpu-1', [], { report }) } }, noGpus));
  expect(causes.map(({ finding }) => finding.id)).toEqual(['nouveau-absent']);
});

describe('nvidia-smi', () => {
  it.each([
    ['driver-not-loaded', 'finds no driver', 'load-nvidia'],
    ['gpu-lost', 'says that a GPU is lost', 'reboot-node'],
    ['hung', 'hangs', 'reboot-node'],
    ['info-rom', 'says that a board is damaged', undefined],
    ['nvml-missing', 'finds no NVML library', undefined],
  ] as const)('that says %s is critical', (status, words, operation) => {
    const snapshot = labOfMachines({ 'gpu-1': { gpus: aMachine('gpu-1', [], { report: { status, why: 'so it said' } }) } });
    const [finding] = findings('nvidia-smi', snapshot);
    expect(finding).toMatchObject({ status: 'fail', severity: 'critical', message: `nvidia-smi on gpu-1 ${words}: so it said` });
    expect(finding?.fix?.operation?.id).toBe(operation);
  });

  it('that cannot be read is unknown', () => {
    const report = { status: 'unreadable', why: 'the document is cut off' } as const;
    expect(troubles(labOfMachines({ 'gpu-1': { gpus: aMachine('gpu-1', [], { report }) } }))).toEqual(['unknown nvidia-smi node/gpu-1']);
  });

  it('names lost GPUs, and those on the bus that it does not see', () => {
    const lost = aMachine('gpu-1', [...eight.slice(0, 7), aLostGpu(7)]);
    expect(told('nvidia-smi', labOfMachines({ 'gpu-1': { gpus: lost } }))[0]).toMatch(/^fail critical node\/gpu-1: 1 GPU of gpu-1 is lost: GPU 7 \(/);
    const seven = aMachine('gpu-1', eight.slice(0, 7));
    expect(told('nvidia-smi', labOfMachines({ 'gpu-1': { gpus: seven } }))[0]).toBe(
      'fail critical node/gpu-1: nvidia-smi on gpu-1 sees 7 of the 8 GPUs on its bus',
    );
  });

  it('that nobody could ask is no trouble', () => {
    expect(troubles(labOfMachines({}, { machineGpus: absent('no NVIDIA GPU on 3 machines') }))).toEqual([]);
    expect(told('nvidia-smi', labOfMachines({ 'gpu-1': { gpus: null } }))).toContain('skipped critical cluster: no answer of nvidia-smi on gpu-1');
  });

  it('of a while ago is no answer for now', () => {
    const old = aMachine('gpu-1', eight, { at: now - 360_000 });
    expect(told('nvidia-smi', labOfMachines({ 'gpu-1': { gpus: old } }))[0]).toBe('unknown info node/gpu-1: the GPUs of gpu-1 were last seen 6m ago');
  });
});

describe('Xid errors', () => {
  const application: XidEvent = { ...fellOffTheBus, code: 31, pod: 'ai/whisper-0', meaning: 'GPU memory page fault', action: 'look at the program' };
  const lost = aMachine('gpu-1', [...eight.slice(0, 7), aLostGpu(7)]);

  it('that cost a GPU are the cause of what is missing', () => {
    const xids = known([application, fellOffTheBus]);
    const { causes } = reportOn(labOfMachines({ 'gpu-1': { facts: { xids }, gpus: lost } }));
    expect(causes[0]?.finding).toMatchObject({
      id: 'gpu-xid',
      message: 'Xid 79 on GPU 0000:1f:00 of gpu-1 4m ago: The GPU has fallen off the bus: the driver can no longer reach it; and 1 other Xid code',
      fix: { operation: { id: 'reboot-node', input: { node: 'gpu-1' } } },
      evidence: [{ source: 'kernel log of gpu-1' }, { text: fellOffTheBus.line }],
    });
    expect(causes[0]?.follows.map(({ id }) => id)).toEqual(['nvidia-smi']);
  });

  it('of a GPU that answers again are a warning', () => {
    expect(troubles(withFacts({ xids: known([fellOffTheBus]) }))).toEqual(['warn gpu-xid node/gpu-1']);
  });

  it('of programs are information, and never fail', () => {
    const snapshot = withFacts({ xids: known([application, application]) });
    expect(told('gpu-xid', snapshot)[0]).toBe('warn info node/gpu-1: Xid 31 on GPU 0000:1f:00 of gpu-1 4m ago, 2 times in ai/whisper-0: GPU memory page fault');
    expect(reportOn(snapshot).verdict).toBe('good');
  });

  it('that only root could see are unknown', () => {
    expect(told('gpu-xid', withFacts({ xids: { known: false, why: 'needs root' } }))[0]).toBe('unknown info node/gpu-1: gpu-1: needs root');
  });
});

describe('the container toolkit', () => {
  it('finds no runtime to hand on to', () => {
    const runtimes = known([
      { path: 'runc', executable: false },
      { path: 'crun', executable: false },
    ]);
    expect(told('nvidia-lowlevel', withFacts({ lowLevelRuntimes: runtimes }))[0]).toBe(
      'fail critical node/gpu-1: nvidia-container-runtime on gpu-1 finds none of the runtimes that it hands on to: runc, crun',
    );
    const none = { known: false, why: 'nvidia-container-runtime: not found' } as const;
    expect(troubles(withFacts({ lowLevelRuntimes: none }))).toEqual([]);
  });

  it('has a CDI spec of an older driver', () => {
    const cdi = known({ spec: '/var/run/cdi/nvidia.yaml', driverVersion: '570.10', devices: ['all'] });
    const [finding] = findings('cdi-spec', withFacts({ cdi }));
    expect(finding).toMatchObject({
      status: 'fail',
      message: 'The CDI spec /var/run/cdi/nvidia.yaml of gpu-1 is for driver 570.10, but 580.173.02 is installed',
      fix: { operation: { id: 'refresh-cdi', input: { host: 'gpu-1' } } },
    });
  });

  it('needs no CDI spec where the GPUs are offered without', () => {
    const none = { known: false, why: '/var/run/cdi and /etc/cdi specs: not found' } as const;
    expect(troubles(withFacts({ cdi: none }))).toEqual([]);
    expect(troubles(withFacts({ cdi: none }, noGpus))).toContain('fail cdi-spec node/gpu-1');
  });
});

it('persistence mode that is off is information', () => {
  const off = aMachine(
    'gpu-1',
    eight.map((gpu) => ({ ...gpu, persistence: 'off' as const })),
  );
  const snapshot = labOfMachines({ 'gpu-1': { gpus: off } });
  expect(told('gpu-persistence', snapshot)).toEqual([
    'warn info node/gpu-1: Persistence mode is off for 8 of 8 GPUs of gpu-1: each program waits for them to start',
  ]);
  expect(reportOn(snapshot).verdict).toBe('good');
});
