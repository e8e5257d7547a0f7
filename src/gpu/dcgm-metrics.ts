import type { GpuReport } from '../state/gpu-devices.js';
import { clean } from '../text/clean.js';
import { parseExposition, type Sample } from '../text/exposition.js';
import { gpuDevice } from './gpu-device.js';
import type { RawField, RawGpu, RawMigDevice } from './raw-gpu.js';
import { type Raw, readAmount, readText } from './reading.js';
import { throttleReasonsOfMask } from './throttle-reasons.js';

/** Reports by host from the metrics of one or more DCGM exporters as they expose them (`/metrics`); empty where there are none of a GPU. */
export function parseDcgmMetrics(text: string): ReadonlyMap<string, GpuReport> {
  return dcgmReports(parseExposition(text));
}

/**
 * Reports by host from DCGM series, as exposed or as Prometheus answers them. The host is the label Hostname (hostname, in some exporters' settings), in exporters without it
 * the scraped instance; labels that a scrape renamed (`exported_pod`) are the exporter's own.
 */
export function dcgmReports(samples: readonly Sample[]): ReadonlyMap<string, GpuReport> {
  const hosts = new Map<string, Sample[]>();
  for (const sample of samples) {
    if (!sample.name.startsWith('DCGM_FI_') || label(sample, 'gpu', 'UUID', 'uuid') === null) continue;
    const host = label(sample, 'Hostname', 'hostname', 'node', 'kubernetes_node', 'instance') ?? '';
    const known = hosts.get(host);
    if (known === undefined) hosts.set(host, [sample]);
    else known.push(sample);
  }
  return new Map([...hosts].map(([host, own]) => [clean(host, 253), reportOf(own)]));
}

function reportOf(samples: readonly Sample[]): GpuReport {
  const boards = new Map<string, Sample[]>();
  for (const sample of samples) {
    const board = label(sample, 'UUID', 'uuid') ?? label(sample, 'gpu') ?? '';
    const known = boards.get(board);
    if (known === undefined) boards.set(board, [sample]);
    else known.push(sample);
  }
  const version = samples.map((sample) => label(sample, 'DCGM_FI_DRIVER_VERSION', 'driver_version')).find((text) => text !== null) ?? null;
  const found = [...boards.values()].map((own, position) => {
    const index = readAmount(own[0] === undefined ? null : label(own[0], 'gpu'), 'count', '').value;
    return { xids: lastXid(own), device: gpuDevice(rawGpu(own), index !== null && Number.isInteger(index) ? index : position) };
  });
  found.sort((a, b) => a.device.index - b.device.index);
  return {
    status: 'ok',
    driverVersion: readText(version, '').value,
    cudaVersion: null,
    devices: found.map(({ device }) => device),
    warnings: found.flatMap(({ device, xids }) => (xids === null ? [] : [`GPU ${device.index}: the last Xid error was ${xids}`])),
  };
}

function rawGpu(samples: readonly Sample[]): RawGpu {
  const instances = samples.filter((sample) => label(sample, 'GPU_I_ID') !== null);
  const whole = samples.filter((sample) => label(sample, 'GPU_I_ID') === null);
  // Temperature, power and clocks are the board's, on whichever instance they are reported; memory and use are the instance's own.
  const value = (name: string, own = samples): Raw => own.find((sample) => sample.name === name)?.value ?? null;
  const isMig = instances.length > 0;
  const mine = isMig ? whole : samples;
  const sample = samples[0];
  const named = (...names: readonly string[]): Raw => (sample === undefined ? null : label(sample, ...names));
  const state = value('DCGM_FI_DEV_PSTATE');
  const reasons = throttleReasonsOfMask(value('DCGM_FI_DEV_CLOCKS_EVENT_REASONS') ?? value('DCGM_FI_DEV_CLOCK_THROTTLE_REASONS') ?? '');
  const values: Partial<Record<RawField, Raw>> = {
    uuid: named('UUID', 'uuid'),
    pciBusId: named('pci_bus_id'),
    name: named('modelName', 'model_name'),
    serial: named('DCGM_FI_DEV_SERIAL'),
    'memory.totalMiB': value('DCGM_FI_DEV_FB_TOTAL', mine) ?? memorySum(mine, null),
    'memory.usedMiB': value('DCGM_FI_DEV_FB_USED', mine),
    'memory.freeMiB': value('DCGM_FI_DEV_FB_FREE', mine),
    'utilization.gpuPercent': value('DCGM_FI_DEV_GPU_UTIL', mine),
    'utilization.memoryPercent': value('DCGM_FI_DEV_MEM_COPY_UTIL', mine),
    temperatureC: value('DCGM_FI_DEV_GPU_TEMP'),
    slowdownC: value('DCGM_FI_DEV_SLOWDOWN_TEMP'),
    'power.drawW': value('DCGM_FI_DEV_POWER_USAGE'),
    'power.limitW': value('DCGM_FI_DEV_ENFORCED_POWER_LIMIT') ?? value('DCGM_FI_DEV_POWER_MGMT_LIMIT'),
    'clocks.smMHz': value('DCGM_FI_DEV_SM_CLOCK'),
    'clocks.memoryMHz': value('DCGM_FI_DEV_MEM_CLOCK'),
    fanPercent: value('DCGM_FI_DEV_FAN_SPEED'),
    performanceState: state === null ? null : `P${state}`,
    persistence: value('DCGM_FI_DEV_PERSISTENCE_MODE'),
    'ecc.mode': value('DCGM_FI_DEV_ECC_CURRENT'),
    'mig.mode': isMig ? 'Enabled' : value('DCGM_FI_DEV_MIG_MODE'),
  };
  return {
    whyMissing: 'not exported',
    values,
    throttleReasons: reasons,
    correctable: [value('DCGM_FI_DEV_ECC_SBE_VOL_TOTAL')],
    uncorrectable: [value('DCGM_FI_DEV_ECC_DBE_VOL_TOTAL')],
    migDevices: migDevices(instances),
    processes: [],
    whyNoProcesses: 'the DCGM exporter tells pods, not processes',
    pods: podsOf(samples),
  };
}

/**
 * FB_TOTAL is not among the default counters; used, free and reserved make it up, to the MiB that rounding costs. Without reserved (exporters before 3.3) some hundred MiB of a board
 * are missing, while a MIG device has nothing reserved.
 */
function memorySum(samples: readonly Sample[], reservedIfMissing: number | null): Raw {
  const part = (name: string) => readAmount(samples.find((sample) => sample.name === name)?.value ?? null, 'MiB', '').value;
  const used = part('DCGM_FI_DEV_FB_USED');
  const free = part('DCGM_FI_DEV_FB_FREE');
  const reserved = part('DCGM_FI_DEV_FB_RESERVED') ?? reservedIfMissing;
  return used === null || free === null || reserved === null ? null : String(used + free + reserved);
}

function migDevices(instances: readonly Sample[]): readonly RawMigDevice[] {
  const byId = new Map<string, Sample[]>();
  for (const sample of instances) {
    const id = label(sample, 'GPU_I_ID') ?? '';
    byId.set(id, [...(byId.get(id) ?? []), sample]);
  }
  return [...byId]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, own], position) => {
      const profile = own[0] === undefined ? null : label(own[0], 'GPU_I_PROFILE');
      return {
        index: String(position),
        gpuInstanceId: id,
        computeInstanceId: null,
        totalMiB: own.find((sample) => sample.name === 'DCGM_FI_DEV_FB_TOTAL')?.value ?? memorySum(own, 0),
        usedMiB: own.find((sample) => sample.name === 'DCGM_FI_DEV_FB_USED')?.value ?? null,
        ...(profile === null ? {} : { profile: clean(profile, 60) }),
      };
    });
}

function podsOf(samples: readonly Sample[]): readonly string[] {
  const pods = samples.flatMap((sample) => {
    // Where the scrape put its own labels first, pod and namespace are the exporter's.
    const renamed = sample.labels.has('exported_pod') || sample.labels.has('exported_namespace');
    const pod = label(sample, renamed ? 'exported_pod' : 'pod', 'pod_name');
    const namespace = label(sample, renamed ? 'exported_namespace' : 'namespace', 'pod_namespace');
    return pod === null || namespace === null ? [] : [clean(`${namespace}/${pod}`, 320)];
  });
  return [...new Set(pods)].sort();
}

function lastXid(samples: readonly Sample[]): number | null {
  const code = readAmount(samples.find((sample) => sample.name === 'DCGM_FI_DEV_XID_ERRORS')?.value ?? null, 'count', '').value;
  return code === null || code === 0 || code > 1000 ? null : code;
}

/** The first of these labels that is there and not empty. */
function label(sample: Sample, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = sample.labels.get(name);
    if (value !== undefined && value !== '') return value;
  }
  return null;
}
