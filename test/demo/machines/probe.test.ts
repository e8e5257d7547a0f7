import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { textAt } from '../../../src/demo/fields.js';
import { parseScenario } from '../../../src/demo/scenario.js';
import { parseNvidiaSmiXml } from '../../../src/gpu/nvidia-smi-xml.js';
import { withPods } from '../../../src/gpu/processes.js';
import { parseProbe } from '../../../src/hosts/probe-stream.js';
import { demoMachine } from './demo-machine.js';
import { facts, probe, script, value } from './probed.js';

describe('the probe on a demo machine', () => {
  it('tells every fact, on a worker, on the control plane and with CRI-O', async () => {
    const crio = parseScenario('crio', { summary: 's', machines: { 'gpu-1': { runtime: 'cri-o' } } });
    for (const machine of [demoMachine('gpu-1'), demoMachine('controlplane'), demoMachine('gpu-1', crio), demoMachine('gpu-1', 'mig')]) {
      const answer = await probe(machine);
      expect([answer.started, answer.complete]).toEqual([true, true]);
      const told = await facts(machine);
      expect(Object.entries(told).filter(([, fact]) => typeof fact === 'object' && fact !== null && 'known' in fact && !fact.known)).toEqual([]);
    }
  });

  it('says the same as the node object: boot, kernel, system, runtime, driver', async () => {
    const machine = demoMachine('gpu-1');
    const node = machine.cluster.node('gpu-1');
    const told = await facts(machine);
    const info = (name: string) => textAt(node, 'status', 'nodeInfo', name);
    expect([value(told, 'hostname'), value(told, 'bootId'), value(told, 'kernel'), value(told, 'osName')]).toEqual([
      'gpu-1',
      info('bootID'),
      info('kernelVersion'),
      info('osImage'),
    ]);
    expect(value(told, 'runtimeConfig')).toEqual({ runtime: 'containerd', nvidiaHandler: true, defaultRuntime: 'runc' });
    expect(value(told, 'runtimeBinaries')).toContainEqual({
      path: '/usr/bin/containerd',
      version: info('containerRuntimeVersion')?.replace('containerd://', ''),
    });
    expect(value(told, 'driver')).toEqual({ module: '580.173.02', library: '580.173.02', nextKernel: { kernel: info('kernelVersion'), hasModule: true } });
    expect([value(told, 'pciGpus'), value(told, 'clockSkewMs'), value(told, 'swap'), value(told, 'cgroup')]).toEqual([8, 0, [], 'v2']);
    expect(value(await facts(demoMachine('gpu-1', 'healthy').neighbour('controlplane')), 'pciGpus')).toBe(1);
  });

  it.each(['controlplane', 'gpu-1'])('leaves nothing unknown of %s', async (name) => {
    const told = await facts(demoMachine(name));
    const unknown = Object.entries(told).filter(([, fact]) => typeof fact === 'object' && fact !== null && 'known' in fact && fact.known === false);
    expect(unknown).toEqual([]);
    expect(value(told, 'modulesAtBoot')).toEqual(['overlay', 'br_netfilter']);
    expect(value(told, 'packageHolds')).toEqual(['containerd.io', 'kubeadm', 'kubectl', 'kubelet']);
  });

  it('knows the runtime handler of CRI-O', async () => {
    const crio = parseScenario('crio', { summary: 's', machines: { controlplane: { runtime: 'cri-o' } } });
    const machine = demoMachine('controlplane', crio);
    expect(value(await facts(machine), 'runtimeConfig')).toEqual({ runtime: 'crio', nvidiaHandler: true, defaultRuntime: 'crun' });
    expect(textAt(machine.cluster.node('controlplane'), 'status', 'nodeInfo', 'containerRuntimeVersion')).toBe('cri-o://1.36.1');
    expect((await machine.run('systemctl is-active crio containerd')).stdout).toBe('active\ninactive\n');
  });

  it('joins processes to their pods, on MIG devices too', async () => {
    for (const scenario of ['healthy', 'mig', 'time-sliced']) {
      const machine = demoMachine('gpu-1', scenario);
      const answer = await probe(machine);
      const cgroups = new Map(
        (answer.sections.get('gpu-processes')?.lines ?? []).map((line) => [Number(line.split(' ')[0]), line.slice(line.indexOf(' ') + 1)] as const),
      );
      const pods = new Map(machine.cluster.pods('ai').map((pod) => [pod.metadata.uid ?? '', `ai/${pod.metadata.name}`]));
      const report = withPods(parseNvidiaSmiXml((answer.sections.get('nvidia-smi')?.lines ?? []).join('\n')), cgroups, pods);
      const processes = report.status === 'ok' ? report.devices.flatMap((device) => device.processes) : [];
      expect(processes.length).toBeGreaterThan(3);
      expect(processes.filter(({ pod }) => pod === null)).toEqual([]);
    }
  });

  it('without sudo says what needs root, and tells the rest', async () => {
    const told = await facts(demoMachine('gpu-1'), false);
    expect(told.xids).toMatchObject({ known: false, why: expect.stringContaining('root') });
    expect(told.bootId.known).toBe(true);
  });

  it('does not run what it is given', async () => {
    const { stdout } = await demoMachine('gpu-1').run('GPUK8S_MARK=m sh -s', `touch /tmp/never-made-by-the-demo\n${script}`);
    expect(parseProbe(stdout, 'm').complete).toBe(true);
    expect(() => readFileSync('/tmp/never-made-by-the-demo')).toThrow();
  });
});

describe('what is wrong, seen from the machine', () => {
  it('driver-mismatch: an older module than the libraries, and a reboot that is due', async () => {
    const told = await facts(demoMachine('gpu-2', 'driver-mismatch'));
    expect(value(told, 'driver')).toMatchObject({ module: '580.159.03', library: '580.173.02' });
    expect([value(told, 'rebootRequired'), value(told, 'cdi')]).toEqual([true, expect.objectContaining({ driverVersion: '580.173.02' })]);
  });

  it('xid-79: the kernel’s lines with their time and GPU, and a card that is still on the bus', async () => {
    const machine = demoMachine('gpu-2', 'xid-79');
    const told = await facts(machine);
    expect(value(told, 'xids')).toMatchObject([{ code: 79, pciBusId: expect.stringMatching(/47:00/), at: machine.host.now() - 900_000 }, { code: 154 }]);
    expect(value(told, 'pciGpus')).toBe(8);
  });

  it('api-down: kubelet and runtime run while the API server is away', async () => {
    const told = await facts(demoMachine('controlplane', 'api-down'));
    expect(value(told, 'services')).toContainEqual(expect.objectContaining({ name: 'kubelet', enabled: 'enabled', active: 'active' }));
    expect(value(told, 'services')).toContainEqual(expect.objectContaining({ name: 'containerd', enabled: 'enabled', active: 'active' }));
  });

  it('rebooting: a new boot id before the kubelet has told anybody, and a boot time that fits', async () => {
    const machine = demoMachine('gpu-2', 'rebooting');
    const reported = () => textAt(machine.cluster.node('gpu-2'), 'status', 'nodeInfo', 'bootID');
    const before = reported();
    machine.cluster.pass(4.5);
    const told = await facts(machine);
    expect(value(told, 'bootId')).not.toBe(before);
    expect(reported()).toBe(before);
    expect(machine.host.now() - Number(value(told, 'bootedAt'))).toBeGreaterThanOrEqual(39_000);
    machine.cluster.pass(16);
    expect(reported()).toBe(value(told, 'bootId'));
  });

  it('a reboot heals a driver mismatch and brings a lost GPU back', async () => {
    for (const scenario of ['driver-mismatch', 'xid-79']) {
      const machine = demoMachine('gpu-2', scenario);
      const { cluster } = machine;
      expect((await machine.run('nvidia-smi -L')).exitCode).not.toBe(0);
      cluster.reboot('gpu-2');
      cluster.pass(120);
      expect(await machine.run('nvidia-smi -L'), scenario).toMatchObject({ exitCode: 0 });
      expect(value(await facts(machine), 'xids')).toEqual([]);
      expect(textAt(cluster.node('gpu-2'), 'status', 'allocatable', 'nvidia.com/gpu'), scenario).toBe('8');
    }
  });
});
