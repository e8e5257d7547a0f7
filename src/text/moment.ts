import { age } from './age.js';

/** The age of something that began at `at` (ms since the epoch), or `–` where the moment is not known. */
export function ageOf(at: number | null, now: number): string {
  return at === null ? '–' : age(at, now);
}

/** Wall-clock time of day, local: `14:02:11`. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** The day on this machine's clock, `2026-11-02`. */
export function localDay(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}
