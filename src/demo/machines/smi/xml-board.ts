import type { GpuModel } from '../../seed/gpu-models.js';
import type { GpuReading } from '../gpu-readings.js';
import { type Element, el, leaves } from './xml-element.js';

/** Fan, performance state and what slows the clocks down. */
export function stateSections(gpu: GpuReading): Element[] {
  const { busy } = gpu;
  const reason = (name: string, active: boolean) => el(`clocks_event_reason_${name}`, active ? 'Active' : 'Not Active');
  return [
    el('fan_speed', 'N/A'),
    el('performance_state', performanceState(gpu)),
    el('clocks_event_reasons', [
      reason('gpu_idle', busy <= 0.01),
      reason('applications_clocks_setting', false),
      reason('sw_power_cap', isCapped(gpu)),
      reason('hw_slowdown', false),
      reason('hw_thermal_slowdown', false),
      reason('hw_power_brake_slowdown', false),
      reason('sync_boost', false),
      reason('sw_thermal_slowdown', false),
      reason('display_clocks_setting', false),
    ]),
    el(
      'clocks_event_reasons_counters',
      leaves({
        clocks_event_reasons_counters_sw_power_cap: '0 us',
        clocks_event_reasons_counters_sync_boost: '0 us',
        clocks_event_reasons_counters_sw_therm_slowdown: '0 us',
        clocks_event_reasons_counters_hw_therm_slowdown: '0 us',
        clocks_event_reasons_counters_hw_power_brake: '0 us',
      }),
    ),
    el('sparse_operation_mode', 'N/A'),
  ];
}

/** HBM boards stay in P0; the others rest in P8. */
export function performanceState({ busy, kind }: GpuReading): string {
  return busy > 0.01 || kind.temperatures.memoryMost !== null ? 'P0' : 'P8';
}

/** At its power limit the board lowers its clocks. */
export function isCapped({ powerW, kind }: GpuReading): boolean {
  return powerW > 0.97 * kind.limitW;
}

export function temperatureSections({ temperatureC, kind }: GpuReading): Element[] {
  const { shutdown, slowdown, most, memoryMost } = kind.temperatures;
  return [
    el(
      'temperature',
      leaves({
        gpu_temp: `${temperatureC} C`,
        gpu_temp_tlimit: 'N/A',
        gpu_temp_max_threshold: `${shutdown} C`,
        gpu_temp_slow_threshold: `${slowdown} C`,
        gpu_temp_max_gpu_threshold: `${most} C`,
        gpu_target_temperature: 'N/A',
        memory_temp: memoryMost === null ? 'N/A' : `${temperatureC + 4} C`,
        gpu_temp_max_mem_threshold: memoryMost === null ? 'N/A' : `${memoryMost} C`,
      }),
    ),
    el('supported_gpu_target_temp', leaves({ gpu_target_temp_min: 'N/A', gpu_target_temp_max: 'N/A' })),
  ];
}

export function powerSections({ powerW, kind }: GpuReading): Element[] {
  const watts = (value: number) => `${value.toFixed(2)} W`;
  const deprecated = 'Requested functionality has been deprecated';
  const draw = { average_power_draw: 'N/A', instant_power_draw: 'N/A' };
  return [
    el(
      'gpu_power_readings',
      leaves({
        power_state: deprecated,
        average_power_draw: watts(powerW * 0.994),
        instant_power_draw: watts(powerW),
        current_power_limit: watts(kind.limitW),
        requested_power_limit: watts(kind.limitW),
        default_power_limit: watts(kind.limitW),
        min_power_limit: watts(kind.leastLimitW),
        max_power_limit: watts(kind.limitW),
      }),
    ),
    el('gpu_memory_power_readings', leaves(draw)),
    el(
      'module_power_readings',
      leaves({
        power_state: deprecated,
        ...draw,
        current_power_limit: 'N/A',
        requested_power_limit: 'N/A',
        default_power_limit: 'N/A',
        min_power_limit: 'N/A',
        max_power_limit: 'N/A',
      }),
    ),
    el('power_smoothing', 'N/A'),
    el('power_profiles', leaves({ power_profile_requested_profiles: 'N/A', power_profile_enforced_profiles: 'N/A' })),
    el('edpp_multiplier', 'N/A'),
  ];
}

export function clockSections(gpu: GpuReading): Element[] {
  const { kind } = gpu;
  const { busy, video, memory } = kind.clocks;
  const now = clockNow(gpu);
  const mhz = (value: number) => `${value} MHz`;
  const deprecated = leaves({ graphics_clock: 'Requested functionality has been deprecated', mem_clock: 'Requested functionality has been deprecated' });
  const unknown = {
    bandwidth: 'N/A',
    route_recovery_in_progress: 'N/A',
    route_unhealthy: 'N/A',
    access_timeout_recovery: 'N/A',
    incorrect_configuration: 'N/A',
  };
  return [
    el(
      'clocks',
      leaves({ graphics_clock: mhz(now), sm_clock: mhz(now), mem_clock: mhz(memoryClockNow(gpu)), video_clock: mhz(Math.round(video * (now / busy))) }),
    ),
    el('applications_clocks', deprecated),
    el('default_applications_clocks', deprecated),
    el('deferred_clocks', leaves({ mem_clock: 'N/A' })),
    el('max_clocks', leaves({ graphics_clock: mhz(busy), sm_clock: mhz(busy), mem_clock: mhz(memory), video_clock: mhz(video) })),
    el('max_customer_boost_clocks', leaves({ graphics_clock: mhz(busy) })),
    el('clock_policy', leaves({ auto_boost: 'N/A', auto_boost_default: 'N/A' })),
    el('fabric', [...leaves({ state: 'N/A', status: 'N/A', cliqueId: 'N/A', clusterUuid: 'N/A' }), el('health', leaves({ summary: 'N/A', ...unknown }))]),
    supportedClocks(kind),
  ];
}

/** MHz of the multiprocessors. */
export function clockNow({ busy, kind }: GpuReading): number {
  return busy > 0.01 ? kind.clocks.busy : kind.clocks.idle;
}

export function memoryClockNow(gpu: GpuReading): number {
  return performanceState(gpu) === 'P0' ? gpu.kind.clocks.memory : 405;
}

/** The same hundred lines for each GPU of a kind. */
function supportedClocks(kind: GpuModel): Element {
  const known = supported.get(kind);
  if (known !== undefined) return known;
  const { clocks } = kind;
  const steps = Array.from({ length: Math.floor((clocks.busy - 210) / 15) + 1 }, (_, step) => clocks.busy - 15 * step);
  const made = el('supported_clocks', [
    el('supported_mem_clock', [el('value', `${clocks.memory} MHz`), ...steps.map((step) => el('supported_graphics_clock', `${step} MHz`))]),
  ]);
  supported.set(kind, made);
  return made;
}

const supported = new WeakMap<GpuModel, Element>();
