import { describe, expect, it } from 'vitest';
import { parseDcgmMetrics } from '../../src/gpu/dcgm-metrics.js';

/** One GPU's series as dcgm-exporter 4.5 has them. */
function page(labels: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `# HELP DCGM_FI_${name} x\n# TYPE DCGM_FI_${name} gauge\nDCGM_FI_${name}{${labels}} ${value}\n`)
    .join('');
}

// Tesla T4, driver 580.105.08.
const t4 =
  'gpu="0",UUID="GPU-40000000-0000-4000-8000-000000000001",pci_bus_id="00000000:00:1E.0",device="nvidia0",modelName="Tesla T4",Hostname="gpu-1",DCGM_FI_DRIVER_VERSION="580.105.08"';
const values = {
  DEV_GPU_TEMP: '61',
  DEV_POWER_USAGE: '64.120000',
  DEV_GPU_UTIL: '88',
  DEV_FB_USED: '4001',
  DEV_FB_FREE: '10912',
  DEV_FB_RESERVED: '446',
  DEV_XID_ERRORS: '0',
  DEV_SM_CLOCK: '1590',
};

describe('metrics of the DCGM exporter', () => {
  it('give the GPUs of each host', () => {
    const reports = parseDcgmMetrics(page(t4, values) + page(t4.replace('gpu-1', 'gpu-2'), { DEV_GPU_TEMP: '30' }));
    expect([...reports.keys()]).toEqual(['gpu-1', 'gpu-2']);
    expect(reports.get('gpu-1')).toMatchObject({
      status: 'ok',
      driverVersion: '580.105.08',
      warnings: [],
      devices: [
        {
          index: 0,
          name: 'Tesla T4',
          pciBusId: '00000000:00:1E.0',
          temperatureC: 61,
          power: { drawW: 64.12, limitW: null },
          utilization: { gpuPercent: 88 },
          memory: { totalMiB: 15359, usedMiB: 4001, freeMiB: 10912 },
          clocks: { smMHz: 1590 },
          unavailable: { 'power.limitW': 'not exported', processes: 'the DCGM exporter tells pods, not processes' },
        },
      ],
    });
  });

  it('of an exporter without reserved memory give no total that would be too small', () => {
    const { DEV_FB_RESERVED: _, ...older } = values;
    expect(parseDcgmMetrics(page(t4, older)).get('gpu-1')).toMatchObject({ devices: [{ memory: { totalMiB: null, usedMiB: 4001 } }] });
  });

  it('name the pods, also where Prometheus renamed the labels', () => {
    const own = page(`${t4},namespace="ai",pod="llama-0",container="server"`, { DEV_GPU_UTIL: '3' });
    const renamed = page(`${t4.replace('Hostname', 'hostname')},namespace="monitoring",pod="dcgm-exporter-x",exported_namespace="ai",exported_pod="llama-0"`, {
      DEV_GPU_UTIL: '3',
    });
    for (const text of [own, renamed]) expect(parseDcgmMetrics(text).get('gpu-1')).toMatchObject({ devices: [{ pods: ['ai/llama-0'] }] });
    expect(
      parseDcgmMetrics(page(`${t4},exported_namespace="",exported_pod="",namespace="monitoring",pod="dcgm-exporter-x"`, values)).get('gpu-1'),
    ).toMatchObject({ devices: [{ pods: [] }] });
  });

  it('of a MIG device count its memory as its own', () => {
    // A100-SXM4-40GB, driver 520.56.06.
    const mig = 'gpu="0",UUID="GPU-a",modelName="NVIDIA A100-SXM4-40GB",GPU_I_PROFILE="1g.5gb",GPU_I_ID="9",Hostname="gpu-1"';
    expect(parseDcgmMetrics(page(mig, { DEV_FB_USED: '4384', DEV_FB_FREE: '480', DEV_GPU_TEMP: '37' })).get('gpu-1')).toMatchObject({
      devices: [
        {
          temperatureC: 37,
          memory: { usedMiB: null },
          mig: { mode: 'on', devices: [{ gpuInstanceId: 9, profile: '1g.5gb', memory: { totalMiB: 4864, usedMiB: 4384 } }] },
        },
      ],
    });
  });

  it('warn of the last Xid', () => {
    expect(parseDcgmMetrics(page(t4, { DEV_XID_ERRORS: '79' })).get('gpu-1')).toMatchObject({ warnings: ['GPU 0: the last Xid error was 79'] });
  });

  it('do not show what DCGM writes where it has no value', () => {
    expect(parseDcgmMetrics(page(t4, { DEV_FB_USED: '9223372036854775792', DEV_GPU_TEMP: '2147483632', DEV_POWER_USAGE: 'NaN' })).get('gpu-1')).toMatchObject({
      devices: [{ memory: { usedMiB: null }, temperatureC: null, power: { drawW: null } }],
    });
  });

  it('that are cut or none give what is whole', () => {
    expect(parseDcgmMetrics('').size).toBe(0);
    expect(parseDcgmMetrics('node_load1 3\n{"json": true}\n').size).toBe(0);
    const text = page(t4, { DEV_GPU_TEMP: '61', DEV_GPU_UTIL: '88' });
    expect(parseDcgmMetrics(text.slice(0, -2)).get('gpu-1')).toMatchObject({ devices: [{ temperatureC: 61, utilization: { gpuPercent: null } }] });
  });
});
