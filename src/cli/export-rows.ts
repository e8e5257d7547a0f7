import { pause } from '../kube/backoff.js';
import { MonitoringError } from '../prometheus/monitoring-error.js';
import type { Queries } from '../prometheus/queries.js';
import { momentsIn, type Range, sliced } from '../prometheus/range.js';
import type { ColumnPlan } from './export-columns.js';
import type { Row } from './export-format.js';

/** A part of the table. */
export interface RowSlice {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/**
 * The table's rows for an aligned range, part by part: what is held at once does not grow with the range. `names` are the wanted columns, in their order. A part that
 * Prometheus finds too much is asked for in smaller ones; one that goes wrong because it restarts, a few times more. Rejects with MonitoringError.
 */
export async function* exportRows(
  queries: Queries,
  plan: ColumnPlan,
  names: readonly string[],
  range: Range,
  signal: AbortSignal,
  { waitMs = 2_000 }: { readonly waitMs?: number } = {},
): AsyncGenerator<RowSlice> {
  let points = pointsAtOnce;
  const waiting: Range[] = [range];
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const [slice, ...rest] = sliced(part, points);
    if (slice === undefined) continue;
    const [following] = rest;
    if (following !== undefined) waiting.unshift({ ...part, startAt: following.startAt });
    try {
      yield await rowsOf(queries, plan, names, slice, signal, waitMs);
    } catch (error) {
      if (!(error instanceof MonitoringError) || !isTooMuch(error) || points <= fewestPoints) throw error;
      points = Math.max(fewestPoints, Math.floor(points / 2));
      if (following !== undefined) waiting.shift();
      waiting.unshift({ ...part, startAt: slice.startAt });
    }
  }
}

async function rowsOf(queries: Queries, plan: ColumnPlan, names: readonly string[], slice: Range, signal: AbortSignal, waitMs: number): Promise<RowSlice> {
  const columns = new Map<string, (number | null)[]>();
  const notes = new Set<string>();
  await Promise.all(
    plan.queries.map(async ({ expr, columnOf }) => {
      const { value, notes: said } = await withPatience(() => queries.queryRange(expr, slice, { signal, timeoutMs: 60_000 }), waitMs, signal);
      for (const note of said) notes.add(note);
      for (const { labels, series } of value) {
        const name = columnOf(labels);
        if (name !== null) columns.set(name, merged(columns.get(name), series.values));
      }
    }),
  );
  const latencies = plan.latencyOf.flatMap((name) => columns.get(name) ?? []).length === 0 ? [] : plan.latencyOf.map((name) => columns.get(name));
  const rows = Array.from({ length: momentsIn(slice) }, (_, index): Row => {
    const value = (name: string) => (name === 'latency' ? largest(latencies.map((values) => values?.[index] ?? null)) : (columns.get(name)?.[index] ?? null));
    return { at: slice.startAt + index * slice.stepMs, values: names.map(value) };
  });
  return { rows, notes: [...notes] };
}

/** Two series of one column follow each other, as when a label of theirs changed: each fills the other's gaps. */
function merged(known: (number | null)[] | undefined, more: readonly (number | null)[]): (number | null)[] {
  return known === undefined ? [...more] : known.map((value, index) => value ?? more[index] ?? null);
}

function largest(values: readonly (number | null)[]): number | null {
  return values.reduce((most, value) => (value === null || (most !== null && most >= value) ? most : value), null);
}

async function withPatience<T>(ask: () => Promise<T>, waitMs: number, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof MonitoringError && (error.kind === 'unreachable' || error.kind === 'starting' || error.kind === 'no-endpoints');
      if (!passes || attempt >= mostAttempts || signal.aborted) throw error;
      await pause(waitMs * attempt, signal);
    }
  }
}

function isTooMuch(error: MonitoringError): boolean {
  return error.kind === 'slow' || (error.kind === 'bad-query' && /too many samples|too many points|exceed|limit/i.test(error.message));
}

/** Twenty series of these are about 160 KB. */
const pointsAtOnce = 1_000;
const fewestPoints = 50;
const mostAttempts = 5;
