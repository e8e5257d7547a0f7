import type { GpuDevice } from '../../../src/state/gpu-devices.js';
import type { XidEvent } from '../../../src/state/hosts.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import type { DeviceRow } from './device-rows.js';
import { gib } from './gauges.js';

/** What is to be said of a GPU beside its gauges, most telling first: what is wrong, who uses it, how it is set. */
export function deviceNotes(row: DeviceRow, now: number): readonly Line[] {
  const { device, users } = row;
  return [...warnings(row, now), usersNote(users), ...sliceNotes(device), ...settings(device)];
}

/** How bad a GPU stands. */
export function deviceTone(device: GpuDevice): 'good' | 'warn' | 'bad' {
  if (device.lost !== null || (device.ecc.uncorrectable ?? 0) > 0) return 'bad';
  const limit = device.slowdownC ?? 90;
  if (device.throttleReasons.some((reason) => !isPowerCap(reason)) || (device.temperatureC ?? 0) >= limit - 10) return 'warn';
  return device.mig.pending !== null && device.mig.pending !== device.mig.mode ? 'warn' : 'good';
}

/** Errors of the driver, throttling and memory errors. */
export function warnings({ device: { throttleReasons, ecc }, xid }: DeviceRow, now: number): readonly Line[] {
  const notes: Line[] = [];
  if (xid !== null) notes.push(line(['bad', `✗ ${xidText(xid, now)}`]));
  if ((ecc.uncorrectable ?? 0) > 0) notes.push(line(['bad', `✗ ${ecc.uncorrectable} uncorrectable ECC`]));
  const slowed = throttleReasons.filter((reason) => !isPowerCap(reason));
  if (slowed.length > 0) notes.push(line(['warn', `! ${slowed.map(throttleName).join(', ')}`]));
  if ((ecc.correctable ?? 0) > 0) notes.push(line(['dim', `${ecc.correctable} ECC corrected`]));
  if (slowed.length === 0 && throttleReasons.length > 0) notes.push(line(['dim', throttleReasons.map(throttleName).join(', ')]));
  return notes;
}

/** `Xid 79 4m ago` */
export function xidText({ code, at }: XidEvent, now: number): string {
  return at === null ? `Xid ${code}` : `Xid ${code} ${ageOf(at, now)} ago`;
}

/** `hw_thermal_slowdown` in words: `thermal slowdown (hardware)`. */
export function throttleName(reason: string): string {
  const [, by, rest = reason] = /^(hw|sw)_(.+)$/.exec(reason) ?? [];
  const words = rest.replaceAll('_', ' ');
  return by === undefined ? words : `${words} (${by === 'hw' ? 'hardware' : 'driver'})`;
}

/** Full load at the power limit is how a GPU is meant to run, not trouble. */
function isPowerCap(reason: string): boolean {
  return reason === 'sw_power_cap';
}

/** How the board is cut up: `MIG 7 × 9.5 GiB`. */
function sliceNotes({ mig }: GpuDevice): readonly Line[] {
  if (mig.mode !== 'on') return [];
  if (mig.devices.length === 0) return [line(['warn', '! MIG on, not cut up'])];
  const sizes = new Set(mig.devices.map(({ memory, profile }) => profile ?? memory.totalMiB));
  const [size = null] = sizes;
  const each = sizes.size !== 1 || size === null ? '' : ` × ${typeof size === 'number' ? `${gib(size)} GiB` : size}`;
  return [line(['dim', `MIG ${mig.devices.length}${each}`])];
}

function usersNote(users: readonly string[]): Line {
  return users.length === 0 ? line(['dim', 'nobody']) : line(users.join(', '));
}

function settings({ performanceState, clocks, fanPercent, ecc }: GpuDevice): readonly Line[] {
  const facts = [
    performanceState,
    clocks.smMHz === null ? null : `${clocks.smMHz} MHz`,
    fanPercent === null ? null : `fan ${fanPercent}%`,
    ecc.mode === null ? null : `ECC ${ecc.mode}`,
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? [] : [line(['dim', facts.join(' ')])];
}
