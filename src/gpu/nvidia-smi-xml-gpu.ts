import type { MigShare } from '../state/gpu-devices.js';
import type { RawField, RawGpu, RawMigDevice, RawProcess } from './raw-gpu.js';
import { type Raw, readAmount, reasonIn } from './reading.js';
import { activeThrottleReasons } from './throttle-reasons.js';
import { elementsAt, nodeAt, textAt, type XmlElement, type XmlNode } from './xml-element.js';

/** Finds the values of one `<gpu>` element, under the names that they have had over the years. */
export function rawXmlGpu(gpu: XmlElement): RawGpu {
  const events = nodeAt(gpu, 'clocks_event_reasons') ?? nodeAt(gpu, 'clocks_throttle_reasons');
  const active = activeReasons(events);
  const volatileErrors = nodeAt(gpu, 'ecc_errors', 'volatile') ?? nodeAt(gpu, 'ecc_errors');
  const listed = processes(gpu);
  return {
    whyMissing: 'not in the document',
    values: {
      ...Object.fromEntries(Object.entries(places).map(([field, at]) => [field, valueAt(gpu, at)])),
      slowdownC: slowdown(gpu),
      throttleReasons: typeof events === 'string' ? events : null,
    },
    throttleReasons: active,
    correctable: counters(volatileErrors, 'single_bit', ['sram_correctable', 'dram_correctable']),
    uncorrectable: counters(volatileErrors, 'double_bit', [
      'sram_uncorrectable',
      'sram_uncorrectable_parity',
      'sram_uncorrectable_secded',
      'dram_uncorrectable',
    ]),
    migDevices: elementsAt(gpu, 'mig_devices', 'mig_device').map(migDevice),
    ...listed,
  };
}

/** What a person should do about this GPU by its own word. */
export function gpuAttention(gpu: XmlElement): readonly string[] {
  const recovery = textAt(gpu, 'gpu_recovery_action');
  const is = (value: string, ...path: readonly string[]) => (textAt(gpu, ...path) ?? '').trim().toLowerCase() === value;
  return [
    ...(recovery !== null && actions.has(recovery.trim()) ? [`it asks for recovery: ${recovery.trim()}`] : []),
    ...(is('yes', 'gpu_reset_status', 'reset_required') ? ['it needs a reset'] : []),
    ...(is('yes', 'gpu_reset_status', 'drain_and_reset_recommended') ? ['it should be drained and reset'] : []),
    ...(is('yes', 'remapped_rows', 'remapped_row_failure') ? ['remapping of memory rows has failed: the board should be replaced'] : []),
    ...(is('yes', 'remapped_rows', 'remapped_row_pending') ? ['rows of its memory are remapped at the next reset'] : []),
    ...(is('yes', 'retired_pages', 'pending_retirement') || is('yes', 'retired_pages', 'pending_blacklist')
      ? ['pages of its memory are retired at the next reboot']
      : []),
  ];
}

const actions: ReadonlySet<string> = new Set(['Reset', 'Reboot', 'Drain P2P', 'Drain and Reset', 'GPU Reset', 'Node Reboot']);

// Drivers before 331 say memory_usage and perf_state; 535 split power_readings into gpu_ and module_; 590 and later leave power_draw to its two kinds.
const places: Readonly<Partial<Record<RawField, readonly string[]>>> = {
  uuid: ['uuid'],
  pciBusId: ['pci.pci_bus_id', '@id'],
  name: ['product_name'],
  serial: ['serial', 'serial_number'],
  'memory.totalMiB': ['fb_memory_usage.total', 'memory_usage.total'],
  'memory.usedMiB': ['fb_memory_usage.used', 'memory_usage.used'],
  'memory.freeMiB': ['fb_memory_usage.free', 'memory_usage.free'],
  'utilization.gpuPercent': ['utilization.gpu_util'],
  'utilization.memoryPercent': ['utilization.memory_util'],
  temperatureC: ['temperature.gpu_temp', 'temperature.gpu', 'temperature'],
  'power.drawW': [
    'gpu_power_readings.power_draw',
    'gpu_power_readings.instant_power_draw',
    'gpu_power_readings.average_power_draw',
    'power_readings.power_draw',
    'power_readings.instant_power_draw',
    'power_readings.average_power_draw',
  ],
  'power.limitW': [
    'gpu_power_readings.current_power_limit',
    'gpu_power_readings.enforced_power_limit',
    'gpu_power_readings.power_limit',
    'power_readings.enforced_power_limit',
    'power_readings.current_power_limit',
    'power_readings.power_limit',
  ],
  'clocks.smMHz': ['clocks.sm_clock', 'clocks.graphics_clock'],
  'clocks.memoryMHz': ['clocks.mem_clock'],
  fanPercent: ['fan_speed'],
  performanceState: ['performance_state', 'perf_state'],
  persistence: ['persistence_mode', 'persistence_mode_state'],
  'ecc.mode': ['ecc_mode.current_ecc'],
  'mig.mode': ['mig_mode.current_mig'],
  'mig.pending': ['mig_mode.pending_mig'],
  virtualization: ['gpu_virtualization_mode.virtualization_mode'],
  displayActive: ['display_active'],
  computeMode: ['compute_mode'],
};

/** The first place with a value; where none has one, the first reason for that. */
function valueAt(gpu: XmlElement, at: readonly string[]): Raw {
  const texts = at.map((place) => textOrReason(gpu, place.split('.'))).filter((text) => text !== null);
  return texts.find((text) => text.trim() !== '' && reasonIn(text.trim()) === null) ?? texts[0] ?? null;
}

/** The text at the place, or the reason that stands in place of one of the sections around it (`<utilization>N/A</utilization>`). */
function textOrReason(gpu: XmlElement, path: readonly string[]): string | null {
  const text = textAt(gpu, ...path);
  if (text !== null) return text;
  for (let depth = 1; depth < path.length; depth += 1) {
    const section = textAt(gpu, ...path.slice(0, depth));
    if (section !== null) return reasonIn(section.trim()) === null ? null : section;
  }
  return null;
}

/** From Hopper on, boards tell how far it is to their limit (T.Limit) instead of the temperature at which they slow down. */
function slowdown(gpu: XmlElement): Raw {
  const given = textOrReason(gpu, ['temperature', 'gpu_temp_slow_threshold']);
  if (given !== null) return given;
  return textAt(gpu, 'temperature', 'gpu_temp_slow_tlimit_threshold') === null ? null : '[given as the distance to T.Limit only]';
}

function activeReasons(events: XmlNode | undefined): readonly string[] | null {
  if (events === undefined || typeof events === 'string' || Array.isArray(events)) return null;
  const active = Object.entries(events).flatMap(([tag, value]) => {
    const [, name = ''] = /^clocks_(?:event|throttle)_reason_([a-z0-9_]{1,60})$/.exec(tag) ?? [];
    return name !== '' && typeof value === 'string' && value.trim().toLowerCase() === 'active' ? [name] : [];
  });
  return activeThrottleReasons(active);
}

/** Until Volta one total per kind of error (or its parts, where the total is not given), from Turing on by kind of memory. */
function counters(errors: XmlNode | undefined, kind: 'single_bit' | 'double_bit', byMemory: readonly string[]): readonly Raw[] {
  if (typeof errors === 'string') return [errors];
  const old = nodeAt(errors, kind);
  if (old === undefined) return byMemory.map((name) => textAt(errors, name)).filter((text) => text !== null);
  if (typeof old === 'string') return [old];
  const total = textAt(old, 'total');
  if (total !== null && readAmount(total, 'count', '').value !== null) return [total];
  return parts.map((name) => textAt(old, name)).filter((text) => text !== null);
}

const parts = ['device_memory', 'register_file', 'l1_cache', 'l2_cache', 'texture_memory', 'cbu', 'total'];

function processes(gpu: XmlElement): Pick<RawGpu, 'processes' | 'whyNoProcesses'> {
  // Drivers before 331 list compute processes alone.
  const [list, type] = nodeAt(gpu, 'processes') === undefined ? [nodeAt(gpu, 'compute_processes'), 'C'] : [nodeAt(gpu, 'processes'), null];
  if (list === undefined) return { processes: [], whyNoProcesses: 'not in the document' };
  const reason = typeof list === 'string' ? reasonIn(list.trim()) : null;
  const listed = elementsAt(list, 'process_info').map(
    (process): RawProcess => ({
      pid: textAt(process, 'pid'),
      name: textAt(process, 'process_name'),
      type: textAt(process, 'type') ?? type,
      used: textAt(process, 'used_memory'),
      gpuInstanceId: textAt(process, 'gpu_instance_id'),
    }),
  );
  return { processes: listed, whyNoProcesses: reason };
}

function migDevice(device: XmlElement): RawMigDevice {
  return {
    index: textAt(device, 'index'),
    gpuInstanceId: textAt(device, 'gpu_instance_id'),
    computeInstanceId: textAt(device, 'compute_instance_id'),
    totalMiB: textOrReason(device, ['fb_memory_usage', 'total']),
    usedMiB: textOrReason(device, ['fb_memory_usage', 'used']),
    share: migShare(device),
  };
}

function migShare(device: XmlElement): MigShare {
  const count = (...path: readonly string[]) => readAmount(textAt(device, ...path), 'count', '').value;
  const engines = (name: string) => count('device_attributes', 'shared', name);
  return {
    multiprocessors: engines('multiprocessor_count'),
    copyEngines: engines('copy_engine_count'),
    encoders: engines('encoder_count'),
    decoders: engines('decoder_count'),
    ofas: engines('ofa_count'),
    jpegs: engines('jpg_count'),
    bar1: {
      totalMiB: readAmount(textAt(device, 'bar1_memory_usage', 'total'), 'MiB', '').value,
      usedMiB: readAmount(textAt(device, 'bar1_memory_usage', 'used'), 'MiB', '').value,
    },
    uncorrectable: count('ecc_error_count', 'volatile_count', 'sram_uncorrectable'),
  };
}
