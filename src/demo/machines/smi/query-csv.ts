import type { GpuReading } from '../gpu-readings.js';
import { type CommandResult, lostSentence, type SmiScene, smiExitCode } from './answer.js';
import { clockNow, isCapped, memoryClockNow, performanceState } from './xml-board.js';
import { serialOf } from './xml-identity.js';

type Field = { readonly unit?: string; readonly value: (gpu: GpuReading, scene: SmiScene) => string };

/** `--query-gpu=FIELDS --format=csv[,noheader][,nounits]`; also `--query-compute-apps`. The words for a field that is none are nvidia-smi's own. */
export function smiQuery(scene: SmiScene, what: 'gpu' | 'compute-apps', fields: readonly string[], format: ReadonlySet<string>): CommandResult {
  if (!format.has('csv')) return { stdout: `"--format=" must include "csv". Run 'nvidia-smi -h' for help.\n`, stderr: '', exitCode: 2 };
  const header = (text: string) => (format.has('noheader') ? '' : `${text}\n`);
  const show = (value: string, unit: string | undefined) => (unit === undefined || format.has('nounits') || value.startsWith('[') ? value : `${value} ${unit}`);
  const title = (name: string, unit: string | undefined) => (unit === undefined ? name : `${name} [${unit}]`);
  const table: ReadonlyMap<string, unknown> = what === 'gpu' ? gpuFields : appFields;
  const unknown = fields.find((field) => !table.has(field));
  if (unknown !== undefined) return { stdout: `Field "${unknown}" is not a valid field to query.\n\n`, stderr: '', exitCode: 2 };
  if (what === 'compute-apps')
    return {
      stdout: header(fields.map((field) => title(field, appFields.get(field)?.unit)).join(', ')) + apps(scene, fields, show),
      stderr: '',
      exitCode: smiExitCode(scene.gpus),
    };
  const chosen = fields.flatMap((name) => {
    const field = gpuFields.get(name);
    return field === undefined ? [] : [{ name, ...field }];
  });
  const rows = scene.gpus.map((gpu) =>
    gpu.device.lost ? lostSentence(gpu) : `${chosen.map(({ value, unit }) => show(value(gpu, scene), unit)).join(', ')}\n`,
  );
  return { stdout: header(chosen.map(({ name, unit }) => title(name, unit)).join(', ')) + rows.join(''), stderr: '', exitCode: smiExitCode(scene.gpus) };
}

function apps({ gpus }: SmiScene, fields: readonly string[], show: (value: string, unit: string | undefined) => string): string {
  return gpus
    .flatMap(({ device, processes }) =>
      processes.map((process) => {
        const values: Readonly<Record<string, string>> = {
          pid: String(process.pid),
          process_name: process.name,
          name: process.name,
          used_memory: String(process.usedMi),
          used_gpu_memory: String(process.usedMi),
          gpu_uuid: device.uuid,
          gpu_name: device.model,
          gpu_bus_id: device.pciBusId,
          gpu_serial: serialOf(device.uuid),
        };
        return `${fields.map((field) => show(values[field] ?? '[N/A]', appFields.get(field)?.unit)).join(', ')}\n`;
      }),
    )
    .join('');
}

const appFields: ReadonlyMap<string, { readonly unit?: string }> = new Map([
  ['pid', {}],
  ['process_name', {}],
  ['name', {}],
  ['used_memory', { unit: 'MiB' }],
  ['used_gpu_memory', { unit: 'MiB' }],
  ['gpu_uuid', {}],
  ['gpu_name', {}],
  ['gpu_bus_id', {}],
  ['gpu_serial', {}],
]);

const whenWhole = (gpu: GpuReading, value: string): string => (gpu.device.mig.length > 0 ? '[N/A]' : value);
const active = (on: boolean): string => (on ? 'Active' : 'Not Active');

const gpuFields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['timestamp', { value: (_, { now }) => slashed(now) }],
  ['driver_version', { value: (_, { machine }) => machine.driver.module }],
  ['count', { value: (_, { gpus }) => String(gpus.length) }],
  ['index', { value: ({ device }) => String(device.index) }],
  ['name', { value: ({ device }) => device.model }],
  ['gpu_name', { value: ({ device }) => device.model }],
  ['uuid', { value: ({ device }) => device.uuid }],
  ['gpu_uuid', { value: ({ device }) => device.uuid }],
  ['serial', { value: ({ device }) => serialOf(device.uuid) }],
  ['pci.bus_id', { value: ({ device }) => device.pciBusId }],
  ['gpu_bus_id', { value: ({ device }) => device.pciBusId }],
  ['pcie.link.gen.current', { value: ({ kind }) => String(kind.pcieGeneration) }],
  ['pcie.link.gen.max', { value: ({ kind }) => String(kind.pcieGeneration) }],
  ['pcie.link.width.current', { value: () => '16' }],
  ['pcie.link.width.max', { value: () => '16' }],
  ['persistence_mode', { value: (_, { machine }) => (machine.linux.persistence ? 'Enabled' : 'Disabled') }],
  ['display_active', { value: () => 'Disabled' }],
  ['vbios_version', { value: ({ kind }) => kind.vbios }],
  ['fan.speed', { unit: '%', value: () => '[N/A]' }],
  ['pstate', { value: performanceState }],
  ['clocks_event_reasons.active', { value: (gpu) => (isCapped(gpu) ? '0x0000000000000004' : gpu.busy > 0.01 ? '0x0000000000000000' : '0x0000000000000001') }],
  ['clocks_event_reasons.gpu_idle', { value: ({ busy }) => active(busy <= 0.01) }],
  ['clocks_event_reasons.sw_power_cap', { value: (gpu) => active(isCapped(gpu)) }],
  ['clocks_event_reasons.hw_slowdown', { value: () => active(false) }],
  ['clocks_event_reasons.hw_thermal_slowdown', { value: () => active(false) }],
  ['clocks_event_reasons.hw_power_brake_slowdown', { value: () => active(false) }],
  ['clocks_event_reasons.sw_thermal_slowdown', { value: () => active(false) }],
  ['clocks_event_reasons.sync_boost', { value: () => active(false) }],
  ['memory.total', { unit: 'MiB', value: ({ device }) => String(device.memory) }],
  ['memory.reserved', { unit: 'MiB', value: ({ kind }) => String(kind.reservedMi) }],
  ['memory.used', { unit: 'MiB', value: ({ usedMi }) => String(Math.round(usedMi)) }],
  ['memory.free', { unit: 'MiB', value: ({ device, kind, usedMi }) => String(device.memory - kind.reservedMi - Math.round(usedMi)) }],
  ['compute_mode', { value: () => 'Default' }],
  ['compute_cap', { value: ({ kind }) => kind.compute.join('.') }],
  ['utilization.gpu', { unit: '%', value: (gpu) => whenWhole(gpu, String(Math.round(100 * gpu.busy))) }],
  ['utilization.memory', { unit: '%', value: (gpu) => whenWhole(gpu, String(Math.round(38 * gpu.busy))) }],
  ['ecc.mode.current', { value: () => 'Enabled' }],
  ['ecc.mode.pending', { value: () => 'Enabled' }],
  ['ecc.errors.corrected.volatile.total', { value: (gpu) => whenWhole(gpu, '0') }],
  ['ecc.errors.uncorrected.volatile.total', { value: (gpu) => whenWhole(gpu, '0') }],
  ['ecc.errors.corrected.aggregate.total', { value: () => '0' }],
  ['ecc.errors.uncorrected.aggregate.total', { value: () => '0' }],
  ['temperature.gpu', { value: ({ temperatureC }) => String(temperatureC) }],
  ['temperature.memory', { value: ({ temperatureC, kind }) => (kind.temperatures.memoryMost === null ? 'N/A' : String(temperatureC + 4)) }],
  ['power.draw', { unit: 'W', value: ({ powerW }) => powerW.toFixed(2) }],
  ['power.draw.instant', { unit: 'W', value: ({ powerW }) => powerW.toFixed(2) }],
  ['power.draw.average', { unit: 'W', value: ({ powerW }) => (powerW * 0.994).toFixed(2) }],
  ['power.limit', { unit: 'W', value: ({ kind }) => kind.limitW.toFixed(2) }],
  ['enforced.power.limit', { unit: 'W', value: ({ kind }) => kind.limitW.toFixed(2) }],
  ['power.default_limit', { unit: 'W', value: ({ kind }) => kind.limitW.toFixed(2) }],
  ['power.min_limit', { unit: 'W', value: ({ kind }) => kind.leastLimitW.toFixed(2) }],
  ['power.max_limit', { unit: 'W', value: ({ kind }) => kind.limitW.toFixed(2) }],
  ['clocks.gr', { unit: 'MHz', value: (gpu) => String(clockNow(gpu)) }],
  ['clocks.sm', { unit: 'MHz', value: (gpu) => String(clockNow(gpu)) }],
  ['clocks.mem', { unit: 'MHz', value: (gpu) => String(memoryClockNow(gpu)) }],
  ['clocks.max.sm', { unit: 'MHz', value: ({ kind }) => String(kind.clocks.busy) }],
  ['clocks.max.mem', { unit: 'MHz', value: ({ kind }) => String(kind.clocks.memory) }],
  ['mig.mode.current', { value: ({ device, kind }) => (Object.keys(kind.mig).length === 0 ? '[N/A]' : device.mig.length > 0 ? 'Enabled' : 'Disabled') }],
  ['mig.mode.pending', { value: ({ device, kind }) => (Object.keys(kind.mig).length === 0 ? '[N/A]' : device.mig.length > 0 ? 'Enabled' : 'Disabled') }],
]);

/** `2026/11/02 14:02:11.123` */
function slashed(moment: number): string {
  const date = new Date(moment);
  const two = (value: number, width = 2) => String(value).padStart(width, '0');
  return `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}
