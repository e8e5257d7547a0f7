import type { KubeClient } from '../kube/client.js';
import type { LatencyHistory } from '../state/latency.js';
import type { Series } from '../state/series.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { duration } from '../text/age.js';
import type { PrometheusClient } from './client.js';
import { partAbove } from './histogram.js';
import { boundIn, keyOf, type Measured } from './latency-discovery.js';
import { gpuHistory } from './latency-gpus.js';
import { type PodOwners, withService } from './latency-labels.js';
import { groupedBy, type Measure, measureExpr } from './latency-queries.js';
import { questionsAtOnce } from './latency-readings.js';
import { rolloutsOf } from './latency-rollouts.js';
import { rateWindow, rateWindowMs } from './latency-stacks.js';
import { createLimit } from './limit.js';
import { aligned, emptySeries, type Range } from './range.js';
import { select } from './serving-stacks.js';

export interface HistoryOptions {
  readonly client: PrometheusClient;
  readonly kube: KubeClient;
  readonly snapshot: ClusterSnapshot;
  readonly service: Measured;
  readonly owners: PodOwners;
  readonly rangeMs: number;
  readonly sloSeconds: number | null;
  readonly signal: AbortSignal;
}

/** The part of requests that may be slower than the objective: it speaks of p95. */
export const budget = 0.05;

/** One service over a longer time, with the GPUs of its nodes and its rollouts on the same moments. Rejects with MonitoringError; what only goes with it (GPUs, rollouts) becomes a note where it cannot be had. */
export async function latencyHistory({ client, kube, snapshot, service, owners, rangeMs, sloSeconds, signal }: HistoryOptions): Promise<LatencyHistory> {
  const now = Math.floor(await client.now(signal));
  const range = historyRange(now, rangeMs);
  const { stack, key, matchers, measure } = service;
  const named = withService(owners);
  const limit = createLimit(questionsAtOnce);
  const window = range.stepMs > rateWindowMs ? `${range.stepMs / 1000}s` : rateWindow;
  const notes = new Set<string>();
  const line = async (name: Measure): Promise<Series> => {
    const expr = measureExpr(stack, name, { named, matchers, window, native: service.native });
    if (expr === null) return emptySeries(range);
    const answer = await limit(() => client.queryRange(expr, range, { signal, timeoutMs: 30_000 }), signal);
    for (const said of answer.notes) notes.add(`Prometheus says: ${said}`);
    return answer.value.find(({ labels }) => keyOf(labels, stack) === key)?.series ?? emptySeries(range);
  };
  const isMean = measure === 'mean' || service.flaw?.unusable === true;
  const [p50, p95, p99, requestsPerSecond, gpus, rollouts, burn] = await Promise.all([
    isMean ? emptySeries(range) : line('p50'),
    line(isMean ? 'mean' : 'p95'),
    isMean ? emptySeries(range) : line('p99'),
    line('requests'),
    gpuHistory({ client, snapshot, service, range, signal, limit }),
    rolloutsOf({ client, kube, snapshot, service, range, signal, limit }),
    sloSeconds === null || isMean ? null : limit(() => burnOf({ client, service, owners, signal }, { now, rangeMs, sloSeconds }), signal),
  ]);
  if (isMean) notes.add(service.flaw?.unusable === true ? `${service.flaw.text}; the line is the mean` : 'it tells no quantiles: the line is the mean');
  else if (service.flaw !== null) notes.add(service.flaw.text);
  if (window !== rateWindow) notes.add(`each value is over ${duration(range.stepMs)}`);
  if (sloSeconds !== null && isMean) notes.add('without quantiles nothing tells how many requests were slower than the objective');
  return {
    service: service.id,
    rangeMs,
    p50,
    p95,
    p99,
    requestsPerSecond,
    gpuPercent: gpus.gpuPercent,
    throttled: gpus.throttled,
    rollouts: rollouts.rollouts,
    burn,
    notes: [...notes, ...gpus.notes, ...rollouts.notes],
  };
}

/** At most some 240 moments, but none closer than 15 s: charts have no more columns, and scrapes are no more frequent. */
export function historyRange(now: number, rangeMs: number): Range {
  const stepMs = Math.max(15_000, Math.ceil(rangeMs / 240 / 15_000) * 15_000);
  return aligned({ startAt: now - rangeMs, endAt: now, stepMs }) ?? { startAt: now, endAt: now, stepMs };
}

/** How fast the objective's budget is used up over the range: 1 uses it exactly. Null without requests. */
async function burnOf(
  { client, service, owners, signal }: Pick<HistoryOptions, 'client' | 'service' | 'owners' | 'signal'>,
  { now, rangeMs, sloSeconds }: { readonly now: number; readonly rangeMs: number; readonly sloSeconds: number },
): Promise<number | null> {
  const { stack, matchers, key } = service;
  if (stack.histogram === null) return null;
  const chosen = select(`${stack.histogram.name}_bucket`, [stack.matchers, matchers]);
  const span = `${Math.max(60, Math.round(rangeMs / 1000))}s`;
  const grown = withService(owners)(`increase(${chosen}[${span}])`);
  const { value } = await client.query(`sum by (${['le', ...groupedBy(stack)].join(', ')}) (${grown})`, { at: now, signal, timeoutMs: 30_000 });
  const buckets = value.flatMap(({ labels, value: count }) => {
    const bound = boundIn(labels.get('le'));
    return bound === null || count === null || keyOf(labels, stack) !== key ? [] : [{ bound, count }];
  });
  const slow = partAbove(sloSeconds / stack.histogram.secondsPerUnit, buckets);
  return slow === null ? null : slow / budget;
}
