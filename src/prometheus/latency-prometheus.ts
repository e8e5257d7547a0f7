import type { LatencyService } from '../state/latency.js';
import type { Target } from '../state/monitoring.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { PrometheusClient } from './client.js';
import { type Discovery, discoverLatency, type Measured } from './latency-discovery.js';
import type { PodOwners } from './latency-labels.js';
import { readLatency } from './latency-readings.js';
import { type LatencySlos, latencyRow, workloadOf } from './latency-rows.js';
import type { LatencyStack } from './latency-stacks.js';
import { createTrend, type Trend } from './latency-trend.js';

/** Latency as one Prometheus tells it. */
export interface LatencyFromPrometheus {
  readonly client: PrometheusClient;
  /** Reads everything anew; what is there to be read is looked up once a minute. Rejects with MonitoringError. */
  read(snapshot: ClusterSnapshot, signal: AbortSignal): Promise<LatencyLook>;
  /** The services as last found. */
  services(): readonly Measured[];
  /** What the cluster knows of their pods. */
  owners(): PodOwners;
  /** Looks for services anew at the next reading. */
  refresh(): void;
}

export interface LatencyLook {
  readonly services: readonly LatencyService[];
  /** `namespace/name` of the workloads that are read this way now. */
  readonly covered: ReadonlySet<string>;
  readonly notes: readonly string[];
}

export function latencyFromPrometheus(client: PrometheusClient, stacks: readonly LatencyStack[], slos: LatencySlos): LatencyFromPrometheus {
  let found: Discovery | null = null;
  let foundAt = 0;
  let trends = new Map<LatencyStack, Trend>();
  let shape = '';
  let answering: string | null = null;

  async function discovered(snapshot: ClusterSnapshot, now: number, signal: AbortSignal): Promise<Discovery> {
    if (found !== null && found.services.length > 0 && performance.now() - foundAt < discoveredEveryMs) return found;
    const next = await discoverLatency(client, { stacks, snapshot, now, signal });
    // Other owners are other names: what was charted under the old ones is asked for anew.
    const owners = JSON.stringify([[...next.owners], [...next.native]]);
    if (owners !== shape) trends = new Map();
    shape = owners;
    found = next;
    foundAt = performance.now();
    return next;
  }

  return {
    client,
    services: () => found?.services ?? [],
    owners: () => found?.owners ?? new Map(),
    refresh() {
      foundAt = Number.NEGATIVE_INFINITY;
    },
    async read(snapshot, signal) {
      const clock = await client.clock(signal);
      const skewMs = clock?.skewMs ?? 0;
      const now = Math.floor(Date.now() + skewMs);
      const { services, owners, native } = await discovered(snapshot, now, signal);
      const used = [...new Set(services.map(({ stack }) => stack))];
      for (const stack of used) if (!trends.has(stack)) trends.set(stack, createTrend(client, stack, owners, native.has(stack.id)));
      const [readings] = await Promise.all([
        readLatency(client, { stacks: used, owners, native, at: now, signal }),
        ...used.map((stack) => trends.get(stack)?.extend(now, signal)),
      ]);
      // What answers and was not there before has a name to be found.
      if (answering !== null && readings.keys !== answering) foundAt = Number.NEGATIVE_INFINITY;
      answering = readings.keys;
      const covered = new Set<string>();
      const rows = services.flatMap((service) => {
        const { stack, key, measure } = service;
        const trend = trends.get(stack);
        const reading = readings.of(stack, key);
        if (trend === undefined) return [];
        const sampledAt = reading?.sampledAt === null || reading === null ? trend.sampledAt(key) : reading.sampledAt * 1000;
        // Of what is long gone only that is worth a row whose workload is still there.
        if (sampledAt === null && workloadOf(snapshot, service.namespace, service.name) === null) return [];
        const staleMs = staleAfter(service, snapshot.targets.value ?? []);
        const facts = {
          service,
          stack: stack.id,
          source: 'prometheus',
          reading,
          trend: trend.of(key, measure, staleMs),
          sampledAt,
          now,
          skewMs,
          staleMs,
        } as const;
        if (sampledAt !== null && now - sampledAt <= staleMs) covered.add(id(service));
        return [latencyRow(facts, snapshot, slos)];
      });
      return {
        services: rows,
        covered,
        notes: [
          ...services.flatMap(({ id, flaw }) => (flaw === null ? [] : [`${id}: ${flaw.text}`])),
          ...readings.notes.map((said) => `Prometheus says: ${said}`),
        ],
      };
    },
  };
}

function id({ namespace, name }: Measured): string {
  return `${namespace}/${name}`;
}

/** A service that missed two scrapes is not read any more, whatever rates still say. */
function staleAfter({ jobs }: Measured, targets: readonly Target[]): number {
  const intervals = targets.flatMap(({ job, scrapeIntervalSeconds }) => (jobs.has(job) && scrapeIntervalSeconds !== null ? [scrapeIntervalSeconds] : []));
  // Where nothing tells, Prometheus' own default of a minute is taken.
  const interval = intervals.length === 0 ? 60 : Math.max(...intervals);
  return Math.max(10_000, interval * 2_500);
}

const discoveredEveryMs = 60_000;
