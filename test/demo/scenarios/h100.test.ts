import { describe, expect, it } from 'vitest';
import { runCheck } from '../../../src/cli/check.js';
import { dcgmFamilies } from '../../../src/demo/monitoring/exporters/dcgm-exporter.js';
import { exposition } from '../../../src/demo/monitoring/exporters/family.js';
import { parseNvidiaSmiXml } from '../../../src/gpu/nvidia-smi-xml.js';
import { demoSession } from '../../cli/demo-session.js';
import { written } from '../../cli/written.js';
import { demoMachine } from '../machines/demo-machine.js';
import { facts, value } from '../machines/probed.js';

describe('the cluster with H100 workers', () => {
  it('passes every check', async () => {
    await using demo = await demoSession({ scenario: 'h100' });
    const code = await runCheck(demo.session, { output: 'text', only: null, waitMs: null, failOn: 'warning' }, written());
    const report = demo.session.snapshot().report.value;
    expect([code, report?.verdict]).toEqual([0, 'good']);
    expect((report?.findings ?? []).filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
  });

  it.each(['gpu-1', 'gpu-2'])('%s shows eight H100 80GB HBM3 in nvidia-smi, in its labels and in its metrics', async (name) => {
    const machine = demoMachine(name, 'h100');
    const report = parseNvidiaSmiXml((await machine.run('nvidia-smi -q -x')).stdout);
    const devices = report.status === 'ok' ? report.devices : [];
    expect(devices.map((device) => `${device.name} ${device.memory.totalMiB} ${device.power.limitW}`)).toEqual(
      Array(8).fill('NVIDIA H100 80GB HBM3 81559 700'),
    );
    expect(machine.cluster.node(name).metadata.labels).toMatchObject({
      'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3',
      'nvidia.com/gpu.family': 'hopper',
      'nvidia.com/gpu.count': '8',
    });
    expect(value(await facts(machine), 'pciGpus')).toBe(8);
    const node = machine.model.node(name);
    if (node === null) throw new Error(`${name} is not there`);
    const metrics = exposition(dcgmFamilies(machine.model, node), machine.model.now());
    expect(metrics.match(/^DCGM_FI_DEV_GPU_TEMP\{.*modelName="NVIDIA H100 80GB HBM3"/gm)).toHaveLength(8);
  });
});
