import { keyOf } from './latency-discovery.js';
import { type PodOwners, withService } from './latency-labels.js';
import { type Measure, measureExpr, measures } from './latency-queries.js';
import type { LatencyStack } from './latency-stacks.js';
import { createLimit, type Limit } from './limit.js';
import type { Queries } from './queries.js';

/** What one service says at one moment. */
export type Reading = Readonly<Record<Measure, number | null>>;

/** The measures of all services of some stacks at one moment. */
export interface Readings {
  /** By stack and `Measured.key`; null where nothing answers to that. */
  of(stack: LatencyStack, key: string): Reading | null;
  /** The same text as long as the same services answer. */
  readonly keys: string;
  /** What Prometheus has to say about the answers, in its own words. */
  readonly notes: readonly string[];
}

/** Asks for each measure of each stack at the moment `at` (ms since the epoch, Prometheus' clock), a few questions at once. Rejects with MonitoringError. */
export async function readLatency(
  queries: Queries,
  {
    stacks,
    owners,
    native,
    at,
    signal,
  }: {
    readonly stacks: readonly LatencyStack[];
    readonly owners: PodOwners;
    readonly native: ReadonlySet<string>;
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<Readings> {
  const named = withService(owners);
  const known = new Map<string, Record<Measure, number | null>>();
  const notes = new Set<string>();
  const limit: Limit = createLimit(questionsAtOnce);
  const asked = stacks.flatMap((stack) =>
    measures.map((measure) => ({ stack, measure, expr: measureExpr(stack, measure, { named, native: native.has(stack.id) }) })),
  );
  await Promise.all(
    asked.map(async ({ stack, measure, expr }) => {
      if (expr === null) return;
      const answer = await limit(() => queries.query(expr, { at, signal }), signal);
      for (const text of answer.notes) notes.add(text);
      for (const { labels, value } of answer.value) {
        const key = `${stack.id} ${keyOf(labels, stack)}`;
        const reading = known.get(key) ?? { ...nothing };
        reading[measure] = value;
        known.set(key, reading);
      }
    }),
  );
  return { of: (stack, key) => known.get(`${stack.id} ${key}`) ?? null, keys: [...known.keys()].sort().join(' '), notes: [...notes] };
}

/** Fewer than the client allows, so that the screens of monitoring get their turn. */
export const questionsAtOnce = 3;

const nothing: Reading = { p50: null, p95: null, p99: null, mean: null, requests: null, errors: null, queue: null, sampledAt: null };
