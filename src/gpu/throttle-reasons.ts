/** Those of the active reasons that throttle; a GPU that is idle, or runs at clocks that somebody chose, is not throttled. Names as nvidia-smi has them, without their prefix. */
export function activeThrottleReasons(names: readonly string[]): readonly string[] {
  return names.filter((name) => !noThrottling.has(name));
}

/** The reasons in a mask such as `0x0000000000000004` (nvmlClocksEventReasons of nvml.h); null for anything that is no mask. */
export function throttleReasonsOfMask(text: string): readonly string[] | null {
  const trimmed = text.trim();
  if (!/^(?:0x[0-9a-f]{1,16}|\d{1,15})$/i.test(trimmed)) return null;
  const mask = BigInt(trimmed);
  return activeThrottleReasons(reasonsByBit.filter((_, bit) => (mask & (1n << BigInt(bit))) !== 0n));
}

const noThrottling: ReadonlySet<string> = new Set(['gpu_idle', 'applications_clocks_setting', 'user_defined_clocks', 'none']);

const reasonsByBit = [
  'gpu_idle',
  'applications_clocks_setting',
  'sw_power_cap',
  'hw_slowdown',
  'sync_boost',
  'sw_thermal_slowdown',
  'hw_thermal_slowdown',
  'hw_power_brake_slowdown',
  'display_clocks_setting',
];
