import { parseDuration } from '../text/age.js';

/** A moment as it was typed: absolute, or so many ms before Prometheus' own now. */
export type Moment = { readonly at: number } | { readonly agoMs: number };

/** Reads an RFC 3339 time (`2026-11-02T14:00:00Z`), seconds since the epoch, `now`, `-24h` or `now-24h`; null for anything else. */
export function parseMoment(text: string): Moment | null {
  const trimmed = text.trim();
  if (trimmed === 'now') return { agoMs: 0 };
  const [, span] = /^(?:now)?-(.+)$/.exec(trimmed) ?? [];
  if (span !== undefined) {
    const agoMs = parseDuration(span);
    return agoMs === null ? null : { agoMs };
  }
  if (/^\d{9,11}(?:\.\d+)?$/.test(trimmed)) return { at: Number(trimmed) * 1000 };
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i.test(trimmed)) return null;
  const at = Date.parse(trimmed);
  return Number.isNaN(at) ? null : { at };
}

/** ms since the epoch. */
export function momentAt(moment: Moment, now: number): number {
  return 'at' in moment ? moment.at : now - moment.agoMs;
}
