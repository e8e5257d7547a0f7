import { describe, expect, it } from 'vitest';
import { type CheckCommand, runCheck } from '../../../src/cli/check.js';
import { textAt } from '../../../src/demo/fields.js';
import { parseScenario } from '../../../src/demo/scenario.js';
import { demoSession } from '../../cli/demo-session.js';
import { written } from '../../cli/written.js';
import { gpus, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

const once: CheckCommand = { output: 'text', only: null, waitMs: null, failOn: 'critical' };

async function check(scenario: string): Promise<{ code: number; text: string; failed: string[] }> {
  await using demo = await demoSession({ scenario });
  const out = written();
  const code = await runCheck(demo.session, once, out);
  const failed = (demo.session.snapshot().report.value?.findings ?? []).filter(({ status }) => status === 'fail').map(({ id }) => id);
  return { code, text: out.text().replace(/\s+/g, ' '), failed };
}

describe('what the checks say of GPUs in trouble', () => {
  it('driver-mismatch: the device plugin of gpu-2 crashes again and again, and it registers 0 of 8', async () => {
    const { code, text, failed } = await check('driver-mismatch');
    expect(code).toBe(1);
    expect(failed).toEqual(expect.arrayContaining(['device-plugin', 'gpu-count']));
    expect(text).toMatch(/✗ gpu-2 registers 0 of 8 GPUs: its device plugin pod kube-system\/nvidia-device-plugin-daemonset-\w+ is not ready/);
  });

  it('xid-79: 7 of 8 on gpu-2, one of them unhealthy', async () => {
    const { code, text, failed } = await check('xid-79');
    expect([code, failed]).toEqual([1, expect.arrayContaining(['gpu-count'])]);
    expect(text).toContain('gpu-2: 7 of 8 nvidia.com/gpu allocatable; the device plugin calls 1 of them unhealthy');
  });

  it('mig and time-sliced are as they should be', async () => {
    for (const scenario of ['mig', 'time-sliced']) expect(await check(scenario), scenario).toMatchObject({ code: 0, failed: [] });
  });
});

describe('GPUs as Kubernetes sees them', () => {
  it('driver-mismatch: offers none of gpu-2’s, but what ran before goes on', () => {
    const cluster = simulatedCluster('driver-mismatch');
    expect([gpus(cluster.node('gpu-1')), gpus(cluster.node('gpu-2'))]).toEqual(['8 of 8', '0 of 8']);
    expect(unreadyPods(cluster).map((name) => name.replace(/-[a-z0-9]+$/, ''))).toEqual(['nvidia-device-plugin-daemonset', 'dcgm-exporter']);
    const [plugin] = cluster.pods('kube-system', 'nvidia-device-plugin').filter((pod) => textAt(pod, 'spec', 'nodeName') === 'gpu-2');
    expect(JSON.stringify(plugin?.['status'])).toContain('nvml error: driver/library version mismatch');
    expect(cluster.pods('ai', 'whisper').map((pod) => textAt(pod, 'status', 'phase'))).toEqual(['Running']);
  });

  it('mig: registers each size of device beside the whole GPUs, and pods get them', () => {
    const cluster = simulatedCluster('mig');
    const node = cluster.node('gpu-1');
    expect(node).toMatchObject({
      status: {
        allocatable: {
          'nvidia.com/gpu': '4',
          'nvidia.com/mig-1g.10gb': '10',
          'nvidia.com/mig-2g.20gb': '2',
          'nvidia.com/mig-3g.40gb': '3',
          'nvidia.com/mig-4g.40gb': '1',
        },
      },
    });
    expect(node.metadata.labels).toMatchObject({ 'nvidia.com/mig.strategy': 'mixed', 'nvidia.com/gpu.count': '4', 'nvidia.com/mig-3g.40gb.count': '3' });
    expect(cluster.world.pods.requestedOn('gpu-1').get('nvidia.com/mig-1g.10gb')).toBe(8);
    expect(unreadyPods(cluster)).toEqual([]);
  });

  it('time-sliced: 32 of 8, with the labels that say so', () => {
    const cluster = simulatedCluster('time-sliced');
    expect(gpus(cluster.node('gpu-1'))).toBe('32 of 32');
    expect(cluster.node('gpu-1').metadata.labels).toMatchObject({
      'nvidia.com/gpu.replicas': '4',
      'nvidia.com/gpu.count': '8',
      'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB-SHARED',
      'nvidia.com/gpu.sharing-strategy': 'time-slicing',
    });
    expect(unreadyPods(cluster)).toEqual([]);
  });

  it('a GPU that falls off the bus while somebody looks is taken away at once, and a reboot brings it back', () => {
    const fault = { at: 10, do: 'xid', node: 'gpu-1', gpu: 5, code: 79, text: 'GPU has fallen off the bus.' };
    const cluster = simulatedCluster(parseScenario('mine', { summary: 's', steps: [fault] }));
    expect(gpus(cluster.node('gpu-1'))).toBe('8 of 8');
    cluster.pass(11);
    expect(gpus(cluster.node('gpu-1'))).toBe('7 of 8');
    cluster.reboot('gpu-1');
    cluster.pass(120);
    expect(gpus(cluster.node('gpu-1'))).toBe('8 of 8');
  });
});

describe('machines in scenario files', () => {
  it.each([
    [[], '"machines" must be an object of machines by node'],
    [{ 'gpu-1': { gpu: 'V100' } }, '"machines.gpu-1.gpu" must be one of A16, A100-SXM4-80GB, H100-80GB-HBM3'],
    [{ 'gpu-1': { gpus: -1 } }, '"machines.gpu-1.gpus" must be a whole number from 0 to 16'],
    [{ 'gpu-1': { replicas: 0 } }, '"machines.gpu-1.replicas" must be a whole number from 1 to 64'],
    [{ 'gpu-1': { runtime: 'docker' } }, '"machines.gpu-1.runtime" must be containerd or cri-o'],
    [{ 'gpu-1': { mig: [['9g.1gb']] } }, '"machines.gpu-1.mig[0]" may hold 1g.10gb, 2g.20gb'],
    [{ 'gpu-1': { colour: 'green' } }, '"machines.gpu-1.colour" is not a field; the fields are gpu, gpus, mig, replicas, runtime'],
  ])('%j is refused with one sentence', (machines, sentence) => {
    expect(() => parseScenario('mine', { summary: 's', machines })).toThrow(`The demo scenario "mine" is wrong: ${sentence}`);
  });
});
