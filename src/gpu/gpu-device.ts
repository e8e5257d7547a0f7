import type { GpuDevice, GpuProcess, MigDevice } from '../state/gpu-devices.js';
import type { RawField, RawGpu, RawMigDevice, RawProcess } from './raw-gpu.js';
import { isMissing, type Quantity, type Raw, type Reading, readAmount, readSum, readSwitch, readText } from './reading.js';

/** Understands one GPU: what it gives as values, what it does not give as null with the reason. Strings come out cleaned. */
export function gpuDevice(raw: RawGpu, index: number): GpuDevice {
  const reasons = new Map<string, string>();
  const take = <T>(path: string, reading: Reading<T>): T | null => {
    if (isMissing(reading)) reasons.set(path, reading.why);
    return reading.value;
  };
  const text = (path: RawField) => take(path, readText(raw.values[path] ?? null, raw.whyMissing));
  const amount = (path: RawField, quantity: Quantity) => take(path, readAmount(raw.values[path] ?? null, quantity, raw.whyMissing));
  const onOff = (path: RawField) => take(path, readSwitch(raw.values[path] ?? null, raw.whyMissing));
  const state = text('performanceState');
  if (state !== null && !/^P\d{1,2}$/.test(state)) reasons.set('performanceState', `not understood: "${state}"`);
  if (raw.throttleReasons === null) take('throttleReasons', nothing(raw.values.throttleReasons ?? null, raw.whyMissing));
  if (raw.whyNoProcesses !== null) reasons.set('processes', raw.whyNoProcesses);
  const device: Omit<GpuDevice, 'unavailable' | 'lost'> = {
    index,
    uuid: text('uuid'),
    pciBusId: text('pciBusId'),
    name: text('name'),
    serial: text('serial'),
    memory: { totalMiB: amount('memory.totalMiB', 'MiB'), usedMiB: amount('memory.usedMiB', 'MiB'), freeMiB: amount('memory.freeMiB', 'MiB') },
    utilization: { gpuPercent: amount('utilization.gpuPercent', 'percent'), memoryPercent: amount('utilization.memoryPercent', 'percent') },
    temperatureC: amount('temperatureC', 'celsius'),
    slowdownC: amount('slowdownC', 'celsius'),
    power: { drawW: amount('power.drawW', 'watt'), limitW: amount('power.limitW', 'watt') },
    clocks: { smMHz: amount('clocks.smMHz', 'MHz'), memoryMHz: amount('clocks.memoryMHz', 'MHz') },
    fanPercent: amount('fanPercent', 'percent'),
    performanceState: reasons.has('performanceState') ? null : state,
    persistence: onOff('persistence'),
    throttleReasons: raw.throttleReasons ?? [],
    ecc: {
      mode: onOff('ecc.mode'),
      correctable: take('ecc.correctable', readSum(raw.correctable, raw.whyMissing)),
      uncorrectable: take('ecc.uncorrectable', readSum(raw.uncorrectable, raw.whyMissing)),
    },
    mig: { mode: onOff('mig.mode'), pending: onOff('mig.pending'), devices: migDevices(raw.migDevices, raw.whyMissing, take) },
    virtualization: text('virtualization'),
    processes: processes(raw.processes, raw.whyMissing, take),
    ...extras(raw),
  };
  const lost = lostBecause(raw, device, reasons);
  return { ...device, lost, unavailable: Object.fromEntries(reasons) };
}

/** A GPU of which nothing is known but that, and why, it does not answer. */
export function lostGpu(index: number, pciBusId: string | null, why: string): GpuDevice {
  const raw: RawGpu = {
    whyMissing: why,
    values: { pciBusId },
    throttleReasons: null,
    correctable: [],
    uncorrectable: [],
    migDevices: [],
    processes: [],
    whyNoProcesses: why,
  };
  return { ...gpuDevice(raw, index), lost: why };
}

type Take = <T>(path: string, reading: Reading<T>) => T | null;

function migDevices(devices: readonly RawMigDevice[], whyMissing: string, take: Take): readonly MigDevice[] {
  return devices.map(({ index, gpuInstanceId, computeInstanceId, totalMiB, usedMiB, profile, share }, position) => {
    const at = `mig.devices[${position}]`;
    return {
      // The devices stand in the order of their index, also where one does not give it.
      index: readAmount(index, 'count', whyMissing).value ?? position,
      gpuInstanceId: take(`${at}.gpuInstanceId`, readAmount(gpuInstanceId, 'count', whyMissing)),
      computeInstanceId: take(`${at}.computeInstanceId`, readAmount(computeInstanceId, 'count', whyMissing)),
      memory: {
        totalMiB: take(`${at}.memory.totalMiB`, readAmount(totalMiB, 'MiB', whyMissing)),
        usedMiB: take(`${at}.memory.usedMiB`, readAmount(usedMiB, 'MiB', whyMissing)),
      },
      ...(profile === undefined ? {} : { profile }),
      ...(share === undefined ? {} : { share }),
    };
  });
}

/** A process without a number can be matched with nothing and is left out. */
function processes(listed: readonly RawProcess[], whyMissing: string, take: Take): readonly GpuProcess[] {
  const known = listed.flatMap((process) => {
    const pid = readAmount(process.pid, 'count', whyMissing).value;
    return pid === null || !Number.isInteger(pid) ? [] : [{ pid, process }];
  });
  if (known.length < listed.length) take('processes', { value: null, why: `${listed.length - known.length} of ${listed.length} have no process number` });
  return known.map(({ pid, process }, position) => {
    const at = `processes[${position}]`;
    return {
      pid,
      name: take(`${at}.name`, readText(process.name, whyMissing)),
      type: take(`${at}.type`, readText(process.type, whyMissing)),
      usedMiB: take(`${at}.usedMiB`, readAmount(process.used, 'MiB', whyMissing)),
      // No reason kept: only processes on a MIG device have one.
      gpuInstanceId: readAmount(process.gpuInstanceId, 'count', whyMissing).value,
      pod: null,
    };
  });
}

function extras({ values, pods, whyMissing }: RawGpu): Pick<GpuDevice, 'displayActive' | 'computeMode' | 'pods'> {
  const displayActive = readSwitch(values.displayActive ?? null, whyMissing).value;
  const computeMode = readText(values.computeMode ?? null, whyMissing).value;
  return { ...(displayActive === null ? {} : { displayActive }), ...(computeMode === null ? {} : { computeMode }), ...(pods === undefined ? {} : { pods }) };
}

function nothing(raw: Raw, whyMissing: string): Reading<string> {
  const reading = readText(raw, whyMissing);
  return reading.value === null ? reading : { value: null, why: `not understood: "${reading.value}"` };
}

/** A GPU that fell off the bus either says so in some field, or answers all that matters with an error. */
function lostBecause(raw: RawGpu, device: Omit<GpuDevice, 'unavailable' | 'lost'>, reasons: ReadonlyMap<string, string>): string | null {
  // What a process calls itself is not asked.
  const said = [...reasons].find(([path, reason]) => !path.startsWith('processes[') && /gpu is lost|fallen off the bus|requires (?:a )?reset/i.test(reason));
  if (said !== undefined) return said[1];
  const vital = [device.memory.totalMiB, device.memory.usedMiB, device.temperatureC, device.utilization.gpuPercent];
  if (vital.some((value) => value !== null)) return null;
  const wrong = vitalPaths.map((path) => reasons.get(path)).find((reason) => reason !== undefined && reason !== raw.whyMissing && /err/i.test(reason));
  return wrong ?? null;
}

const vitalPaths = ['memory.totalMiB', 'memory.usedMiB', 'temperatureC', 'utilization.gpuPercent'] as const;
