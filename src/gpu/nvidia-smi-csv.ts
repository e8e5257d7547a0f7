import type { GpuReport } from '../state/gpu-devices.js';
import { type CsvTable, csvTables } from './csv-table.js';
import { gpuDevice } from './gpu-device.js';
import { withLostGpus } from './lost-gpus.js';
import { exitCodeWarning, type NvidiaSmiEnd, troubleSaid, warningsSaid } from './nvidia-smi-answer.js';
import type { RawField, RawGpu, RawProcess } from './raw-gpu.js';
import { type Raw, readAmount, readText, reasonIn } from './reading.js';
import { strangerSaid } from './stranger.js';
import { activeThrottleReasons, throttleReasonsOfMask } from './throttle-reasons.js';

/**
 * Understands what `nvidia-smi --query-gpu=… --format=csv` printed, of whatever fields, with or without units; never throws. The header line is needed. Tables of
 * `--query-compute-apps` in the same text give the processes, and alone they give the GPUs that have some.
 */
export function parseNvidiaSmiCsv(text: string, end: NvidiaSmiEnd = {}): GpuReport {
  const { tables, others, broken } = csvTables(text);
  const said = `${others.join('\n')}\n${end.stderr ?? ''}`;
  if (tables.length === 0) return troubleSaid(text, end) ?? strangerSaid(text);
  if (broken !== null) return { status: 'unreadable', why: `the table cannot be read: ${broken}` };
  const gpus = tables.filter((table) => !isProcessTable(table)).flatMap(rowsOf);
  const processes = tables.filter(isProcessTable).flatMap(rowsOf);
  const listsProcesses = tables.some(isProcessTable);
  const described = gpus.length > 0 ? newest(gpus) : gpusOfProcesses(processes);
  if (described.length === 0) return troubleSaid(said, end) ?? nothingDescribed(listsProcesses && gpus.length === 0 && tables.length === 1);
  if (described.length > mostGpus) return { status: 'unreadable', why: `it describes ${described.length} GPUs, more than a machine can have` };
  const devices = described.map((row, position) => {
    const index = readAmount(row.get('index') ?? null, 'count', '').value;
    const own = processes.filter((process) => belongsTo(process, row, described.length));
    return gpuDevice(rawGpu(row, listsProcesses ? own : null), index !== null && Number.isInteger(index) ? index : position);
  });
  const ended = exitCodeWarning(end.exitCode);
  return {
    status: 'ok',
    driverVersion: readText(first(described, 'driver_version', 'kmd_version'), '').value,
    cudaVersion: null,
    devices: withLostGpus(devices, said),
    warnings: [...warningsSaid(said), ...(ended === null ? [] : [ended])],
  };
}

const mostGpus = 256;

type Row = ReadonlyMap<string, string>;

function rowsOf({ fields, rows }: CsvTable): readonly Row[] {
  return rows.map((cells) => new Map(fields.map((field, column) => [field, cells[column] ?? ''])));
}

function isProcessTable({ fields }: CsvTable): boolean {
  return fields.includes('pid');
}

/** With `-l` the same GPUs come again and again: what came last counts. */
function newest(rows: readonly Row[]): readonly Row[] {
  if (!rows.every((row) => row.has('index'))) return rows;
  return [...new Map(rows.map((row) => [row.get('index'), row])).values()];
}

function gpusOfProcesses(processes: readonly Row[]): readonly Row[] {
  const known = new Map<string, Row>();
  for (const process of processes) {
    const shared = new Map([...process].filter(([field]) => field !== 'pid' && !field.startsWith('process') && !field.startsWith('used_')));
    known.set(process.get('gpu_bus_id') ?? process.get('gpu_uuid') ?? process.get('gpu_serial') ?? '', shared);
  }
  return [...known.values()];
}

function belongsTo(process: Row, gpu: Row, gpus: number): boolean {
  for (const [ofProcess, ...ofGpu] of [
    ['gpu_bus_id', 'pci.bus_id', 'gpu_bus_id'],
    ['gpu_uuid', 'uuid', 'gpu_uuid'],
    ['gpu_serial', 'serial', 'gpu_serial'],
  ] as const) {
    const there = process.get(ofProcess);
    const here = ofGpu.map((field) => gpu.get(field)).find((value) => value !== undefined);
    if (there !== undefined && here !== undefined && reasonIn(there) === null) return there === here;
  }
  return gpus === 1;
}

function nothingDescribed(processesOnly: boolean): GpuReport {
  if (processesOnly) return { status: 'unreadable', why: 'it lists the processes on GPUs, and there are none: nothing says which GPUs there are' };
  return { status: 'unreadable', why: 'the table has a header and no rows' };
}

function rawGpu(row: Row, processes: readonly Row[] | null): RawGpu {
  const value = (...fields: readonly string[]): Raw => {
    const given = fields.map((field) => row.get(field)).filter((text) => text !== undefined);
    return given.find((text) => text !== '' && reasonIn(text) === null) ?? given[0] ?? null;
  };
  const reasons = throttling(row);
  return {
    whyMissing: 'not asked for',
    values: Object.fromEntries(Object.entries(columns).map(([field, names]) => [field, value(...names)])),
    throttleReasons: reasons,
    correctable: [value('ecc.errors.corrected.volatile.total')],
    uncorrectable: [value('ecc.errors.uncorrected.volatile.total')],
    migDevices: [],
    processes: (processes ?? []).map(rawProcess),
    whyNoProcesses: processes === null ? 'not asked for' : null,
  };
}

const columns: Readonly<Partial<Record<RawField, readonly string[]>>> = {
  uuid: ['uuid', 'gpu_uuid'],
  pciBusId: ['pci.bus_id', 'gpu_bus_id'],
  name: ['name', 'gpu_name'],
  serial: ['serial', 'gpu_serial'],
  'memory.totalMiB': ['memory.total'],
  'memory.usedMiB': ['memory.used'],
  'memory.freeMiB': ['memory.free'],
  'utilization.gpuPercent': ['utilization.gpu'],
  'utilization.memoryPercent': ['utilization.memory'],
  temperatureC: ['temperature.gpu'],
  'power.drawW': ['power.draw', 'power.draw.instant', 'power.draw.average'],
  'power.limitW': ['enforced.power.limit', 'power.limit'],
  'clocks.smMHz': ['clocks.current.sm', 'clocks.sm', 'clocks.current.graphics', 'clocks.gr'],
  'clocks.memoryMHz': ['clocks.current.memory', 'clocks.mem'],
  fanPercent: ['fan.speed'],
  performanceState: ['pstate'],
  persistence: ['persistence_mode'],
  throttleReasons: ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'],
  'ecc.mode': ['ecc.mode.current'],
  'mig.mode': ['mig.mode.current'],
  'mig.pending': ['mig.mode.pending'],
  displayActive: ['display_active'],
  computeMode: ['compute_mode'],
};

/** One column per reason, or all of them as one mask of bits. */
function throttling(row: Row): readonly string[] | null {
  const columns = [...row].flatMap(([field, value]) => {
    const [, name = ''] = /^clocks_(?:event|throttle)_reasons\.([a-z_]+)$/.exec(field) ?? [];
    return name === '' || name === 'active' || name === 'supported' ? [] : [{ name, value }];
  });
  if (columns.some(({ value }) => /^(?:not )?active$/i.test(value))) {
    return activeThrottleReasons(columns.filter(({ value }) => /^active$/i.test(value)).map(({ name }) => name));
  }
  return throttleReasonsOfMask(row.get('clocks_event_reasons.active') ?? row.get('clocks_throttle_reasons.active') ?? '');
}

function rawProcess(row: Row): RawProcess {
  return {
    pid: row.get('pid') ?? null,
    name: row.get('process_name') ?? row.get('name') ?? null,
    // The query lists what computes, among it what draws too (C+G), and has no column for it.
    type: null,
    used: row.get('used_gpu_memory') ?? row.get('used_memory') ?? null,
    gpuInstanceId: null,
  };
}

function first(rows: readonly Row[], ...fields: readonly string[]): Raw {
  for (const row of rows) {
    for (const field of fields) {
      const value = row.get(field);
      if (value !== undefined && reasonIn(value) === null) return value;
    }
  }
  return null;
}
