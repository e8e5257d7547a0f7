import { catalogueQuery } from '../../prometheus/catalogue.js';
import type { PrometheusClient } from '../../prometheus/client.js';
import { serviceOf, withService } from '../../prometheus/latency-labels.js';
import { measureExpr, sampleNames } from '../../prometheus/latency-queries.js';
import { type LatencyStack, latencyStacks } from '../../prometheus/latency-stacks.js';
import { evaluated } from '../../prometheus/load-level.js';
import { gpuOverTime } from '../../prometheus/load-queries.js';
import type { Queries } from '../../prometheus/queries.js';
import type { ExperimentWorkload, PhaseMeasures, ServiceMeasures } from '../../state/experiments.js';

/**
 * What was measured between two moments (ms since the epoch, Prometheus' clock): rates over the last five minutes would mix a phase with the one before it. The last look before the first moment (looks are `intervalMs`
 * apart) counts too: without it short phases would have none to count from. Rejects with MonitoringError.
 */
export async function measurePhase(
  queries: Queries,
  workloads: readonly ExperimentWorkload[],
  { from, to }: { readonly from: number; readonly to: number },
  intervalMs: number,
): Promise<PhaseMeasures> {
  const window = windowOf(to - from + intervalMs);
  const one = async (expr: string) => (await queries.query(narrowed(expr, window), { at: to, timeoutMs: 60_000 })).value[0]?.value ?? null;
  const pressure = (id: string) => one(`avg(${catalogueQuery(id).expr})`);
  const [services, cpuPercent, gpuPercent, cpuPressurePercent, ioPressurePercent, memoryPressurePercent] = await Promise.all([
    measureServices(queries, workloads, { from, to, window }),
    one(catalogueQuery('cluster-cpu').expr),
    one(`avg(${gpuOverTime})`),
    pressure('pressure-cpu'),
    pressure('pressure-io'),
    pressure('pressure-memory-full'),
  ]);
  const load = evaluated({ cpuPercent, gpuPercent, cpuPressurePercent, memoryPressurePercent })?.level ?? null;
  return { services, load, cpuPercent, gpuPercent, cpuPressurePercent, ioPressurePercent, memoryPressurePercent };
}

/** Which workloads (as `namespace/name`) have told of their latency between two moments. Rejects with MonitoringError. */
export async function measuresLatency(
  queries: Queries,
  workloads: readonly ExperimentWorkload[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlySet<string>> {
  return new Set((await stacksOf(queries, workloads, { from, to, window: '' })).keys());
}

/** How often most of the targets are looked at, ms; what is usual where Prometheus does not say. */
export async function scrapeInterval(prometheus: Pick<PrometheusClient, 'targets'>): Promise<number> {
  const intervals = (await prometheus.targets().catch(() => [])).flatMap(({ scrapeIntervalSeconds }) => scrapeIntervalSeconds ?? []);
  const times = new Map<number, number>();
  for (const seconds of intervals) times.set(seconds, (times.get(seconds) ?? 0) + 1);
  const [most] = [...times].sort(([, a], [, b]) => b - a);
  return (most?.[0] ?? usualSeconds) * 1000;
}

const usualSeconds = 15;

/** The expression with its rates over another window than five minutes. */
export function narrowed(expr: string, window: string): string {
  return expr.replaceAll('[5m]', `[${window}]`);
}

/** A range as PromQL has it; never less than a second. */
export function windowOf(ms: number): string {
  return `${Math.max(1_000, Math.round(ms))}ms`;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly window: string;
}

async function measureServices(queries: Queries, workloads: readonly ExperimentWorkload[], span: Span): Promise<readonly ServiceMeasures[]> {
  const found = await stacksOf(queries, workloads, span);
  return Promise.all(
    workloads.flatMap((workload) => {
      const stack = found.get(idOf(workload));
      return stack === undefined ? [] : [measureService(queries, workload, stack, span)];
    }),
  );
}

/** How each workload measures itself, where it does: by the series that its pods have brought within the span. */
async function stacksOf(queries: Queries, workloads: readonly ExperimentWorkload[], { from, to }: Span): Promise<ReadonlyMap<string, LatencyStack>> {
  const stacks = latencyStacks([]);
  const names = [...new Set(stacks.flatMap(sampleNames))];
  const { value } = await queries.series([`{__name__=~"${names.join('|')}"}`], { startAt: from, endAt: to, timeoutMs: 60_000 });
  const found = new Map<string, LatencyStack>();
  for (const labels of value) {
    const stack = stacks.find((candidate) => sampleNames(candidate).includes(labels.get('__name__') ?? ''));
    const { namespace, name } = serviceOf(labels, new Map());
    const workload = workloads.find((candidate) => isOf(candidate, namespace, name));
    if (stack === undefined || workload === undefined) continue;
    const known = found.get(idOf(workload));
    if (known === undefined || stacks.indexOf(stack) < stacks.indexOf(known)) found.set(idOf(workload), stack);
  }
  return found;
}

async function measureService(queries: Queries, workload: ExperimentWorkload, stack: LatencyStack, { to, window }: Span): Promise<ServiceMeasures> {
  const named = withService(new Map());
  const ask = async (measure: 'p50' | 'p95' | 'p99' | 'mean' | 'requests') => {
    const expr = measureExpr(stack, measure, { named, window });
    if (expr === null) return null;
    const { value } = await queries.query(expr, { at: to, timeoutMs: 60_000 });
    const own = value.filter(({ labels }) => isOf(workload, labels.get('svc_ns') ?? '', labels.get('svc_name') ?? '')).flatMap((sample) => sample.value ?? []);
    if (own.length === 0) return null;
    // One server with several models: all of their requests count, and the slowest model.
    return measure === 'requests' ? own.reduce((sum, value) => sum + value, 0) : Math.max(...own);
  };
  const [p50, p95, p99, mean, requestsPerSecond] = await Promise.all([ask('p50'), ask('p95'), ask('p99'), ask('mean'), ask('requests')]);
  return { id: idOf(workload), p50, p95, p99, mean, requestsPerSecond };
}

/** Where nothing tells the namespace, the name has to do. */
function isOf(workload: ExperimentWorkload, namespace: string, name: string): boolean {
  return workload.name === name && (namespace === '' || workload.namespace === namespace);
}

function idOf({ namespace, name }: ExperimentWorkload): string {
  return `${namespace}/${name}`;
}
