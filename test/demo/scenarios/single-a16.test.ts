import { describe, expect, it } from 'vitest';
import { runCheck } from '../../../src/cli/check.js';
import { listAt, textAt } from '../../../src/demo/fields.js';
import { dcgmFamilies } from '../../../src/demo/monitoring/exporters/dcgm-exporter.js';
import { exposition } from '../../../src/demo/monitoring/exporters/family.js';
import { targetsOf } from '../../../src/demo/monitoring/targets.js';
import { parseScenario } from '../../../src/demo/scenario.js';
import { parseNvidiaSmiXml } from '../../../src/gpu/nvidia-smi-xml.js';
import { demoSession } from '../../cli/demo-session.js';
import { written } from '../../cli/written.js';
import { demoMachine } from '../machines/demo-machine.js';
import { facts, value } from '../machines/probed.js';
import { gpus, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

describe('the cluster of one machine with an A16', () => {
  it('passes every check, with all targets up', async () => {
    await using demo = await demoSession({ scenario: 'single-a16' });
    const out = written();
    const code = await runCheck(demo.session, { output: 'text', only: null, waitMs: null, failOn: 'warning' }, out);
    const report = demo.session.snapshot().report.value;
    expect([code, report?.verdict]).toEqual([0, 'good']);
    expect((report?.findings ?? []).filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
    expect(report?.findings.map(({ id }) => id)).toEqual(expect.arrayContaining(['prometheus-targets', 'nvidia-handler', 'gpu-count', 'workloads-ready']));
  });

  it('is a control plane without a taint that runs everything', () => {
    const cluster = simulatedCluster('single-a16');
    expect(cluster.store.list('nodes').map((node) => `${node.metadata.name} ${gpus(node)}`)).toEqual(['a16 1 of 1']);
    const node = cluster.node('a16');
    expect(listAt(node, 'spec', 'taints')).toEqual([]);
    expect(node.metadata.labels).toMatchObject({ 'node-role.kubernetes.io/control-plane': '', 'nvidia.com/gpu.product': 'NVIDIA-A16' });
    const handlers = listAt(node, 'status', 'runtimeHandlers').map((handler) => textAt(handler, 'name') ?? 'default');
    expect(handlers).toEqual(['default', 'crun', 'nvidia', 'runc']);
    expect(unreadyPods(cluster)).toEqual([]);
    expect(cluster.pods('ai').map(({ metadata }) => metadata.labels?.['app'])).toEqual(['distilbert-inference', 'qdrant', 'resnet50-inference']);
    const ids = cluster.store.list('pods').flatMap((pod) => listAt(pod, 'status', 'containerStatuses').map((status) => textAt(status, 'containerID') ?? ''));
    expect(ids.filter((id) => !/^cri-o:\/\/[0-9a-f]{64}$/.test(id))).toEqual([]);
  });

  it('tells over SSH of CRI-O with the nvidia handler, as its node object does', async () => {
    const machine = demoMachine('a16', 'single-a16');
    const told = await facts(machine);
    expect(value(told, 'runtimeConfig')).toEqual({ runtime: 'crio', nvidiaHandler: true, defaultRuntime: 'crun' });
    expect(value(told, 'runtimeBinaries')).toContainEqual({ path: '/usr/bin/crio', version: '1.36.1' });
    expect(textAt(machine.cluster.node('a16'), 'status', 'nodeInfo', 'containerRuntimeVersion')).toBe('cri-o://1.36.1');
    expect([value(told, 'hostname'), value(told, 'pciGpus')]).toEqual(['a16', 1]);
    expect(value(told, 'services')).toContainEqual(expect.objectContaining({ name: 'crio', enabled: 'enabled', active: 'active' }));
  });

  it('shows one A16, the same in nvidia-smi and in the DCGM exporter’s metrics, with resnet50 on it', async () => {
    const machine = demoMachine('a16', 'single-a16');
    const { stdout } = await machine.run('nvidia-smi -q -x');
    const report = parseNvidiaSmiXml(stdout);
    const [device, ...others] = report.status === 'ok' ? report.devices : [];
    expect(device).toMatchObject({ index: 0, name: 'NVIDIA A16', memory: { totalMiB: 15_356 }, power: { limitW: 62.5 } });
    expect([others, device?.processes.length]).toEqual([[], 1]);
    const node = machine.model.node('a16');
    if (node === null || device === undefined) throw new Error('a16 is not there');
    const metrics = exposition(dcgmFamilies(machine.model, node), machine.model.now());
    expect(metrics).toMatch(
      new RegExp(
        `^DCGM_FI_DEV_FB_USED\\{gpu="0",UUID="${device.uuid}",.*modelName="NVIDIA A16".*pod="resnet50-inference-[^"]+"\\} ${device.memory.usedMiB}$`,
        'm',
      ),
    );
    const scraped = targetsOf(machine.model).map(({ job, instance }) => `${job} ${instance}`);
    expect(scraped).toEqual(expect.arrayContaining(['apiserver a16:6443', 'kubelet a16:10250', 'node-exporter a16:9100', 'dcgm-exporter a16:9400']));
    expect(targetsOf(machine.model).filter(({ job }) => job === 'inference')).toHaveLength(2);
  });

  it('can be filled up with small pods, and grows by workers when asked', () => {
    const cluster = simulatedCluster('single-a16', { pods: 150 });
    expect(cluster.store.list('pods')).toHaveLength(150);
    expect(unreadyPods(cluster)).toEqual([]);
    const grown = simulatedCluster('single-a16', { nodes: 3 });
    expect(grown.store.list('nodes').map((node) => node.metadata.name)).toEqual(['a16', 'gpu-1', 'gpu-2']);
    expect(unreadyPods(grown)).toEqual([]);
  });

  it('comes back from a reboot with all that ran on it', () => {
    const cluster = simulatedCluster(parseScenario('mine', { summary: 's', single: 'a16', machines: { a16: { runtime: 'cri-o' } } }));
    cluster.reboot('a16');
    cluster.pass(180);
    expect([gpus(cluster.node('a16')), unreadyPods(cluster)]).toEqual(['1 of 1', []]);
  });
});
