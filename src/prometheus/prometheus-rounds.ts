import { live } from '../state/freshness.js';
import type { Prometheus, PrometheusAbout } from '../state/monitoring.js';
import type { PrometheusClient } from './client.js';
import type { Found } from './discovery.js';
import { MonitoringError } from './monitoring-error.js';
import type { Pace } from './pace.js';
import type { SliceWriter } from './slice-writer.js';

export interface PrometheusRoundsOptions {
  readonly find: () => Promise<Found<PrometheusClient>>;
  readonly slices: SliceWriter;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Told which Prometheus there is now, or why there is none. */
  readonly use: (client: PrometheusClient | MonitoringError) => void;
}

/** One round: find Prometheus if need be, ask for its targets and alerts; about itself only each fourth time. */
export function prometheusRounds({ find, slices, pace, signal, use }: PrometheusRoundsOptions): () => Promise<number> {
  let current: Extract<Found<PrometheusClient>, { status: 'found' }> | null = null;
  let rounds = 0;
  let failures = 0;

  const failed = (error: unknown): number => {
    rounds = 0;
    failures += 1;
    // A Service may have been renamed, or a path prefix set: after a second failure everything is looked for anew.
    if (failures >= 2) current = null;
    if (current === null && error instanceof MonitoringError) use(error);
    // One that is starting has said so in the slice of its own.
    const isStarting = error instanceof MonitoringError && error.kind === 'starting';
    slices.fade(isStarting ? ['targets', 'alerts'] : ['prometheus', 'targets', 'alerts'], error);
    return pace.afterTrouble();
  };

  return async () => {
    try {
      if (current === null) {
        const found = await find();
        if (found.status === 'none') {
          use(new MonitoringError('not-found', found.why));
          slices.absent(all, found.why);
          return pace.absent();
        }
        if (found.status === 'denied') {
          use(new MonitoringError('denied-proxy', 'not allowed to get services/proxy'));
          slices.denied(all);
          return pace.absent();
        }
        if (found.status === 'silent') throw new MonitoringError('unreachable', found.why);
        current = found;
        use(found.value);
      }
      const { value: client, foundBy, others } = current;
      if (rounds % 4 === 0) slices.write('prometheus', live({ ...(await introduction(client, signal)), foundBy, others }, Date.now()));
      await targetsAndAlerts(client, slices, signal);
      rounds += 1;
      failures = 0;
      return pace.next();
    } catch (error) {
      return failed(error);
    }
  };
}

/** The two are asked for side by side, and one that cannot be had does not keep the other away. Rejects when both fail. */
async function targetsAndAlerts(client: PrometheusClient, slices: SliceWriter, signal: AbortSignal): Promise<void> {
  const [targets, alerts] = await Promise.allSettled([client.targets(signal), client.rules(signal)]);
  const both = targets.status === 'rejected' && alerts.status === 'rejected';
  if (both && !isMissing(targets.reason)) throw targets.reason;
  if (targets.status === 'fulfilled') slices.write('targets', live(targets.value, Date.now()));
  else if (isMissing(targets.reason)) slices.absent(['targets'], `${client.road.name} keeps no list of targets, as Thanos and Mimir do not`);
  else slices.fade(['targets'], targets.reason);
  if (alerts.status === 'rejected') slices.fade(['alerts'], alerts.reason);
  else if (alerts.value === null) slices.absent(['alerts'], `${client.road.name} keeps no rules`);
  else slices.write('alerts', live(alerts.value, Date.now()));
}

function isMissing(error: unknown): boolean {
  return error instanceof MonitoringError && error.kind === 'not-found';
}

async function introduction(client: PrometheusClient, signal: AbortSignal): Promise<Omit<Prometheus, 'foundBy' | 'others'>> {
  const { url } = client.road;
  const notReady = { url, ready: false, version: null, roundTripMs: 0, about: null };
  // While it reads its log back it answers nothing but that.
  if (!(await client.ready(signal))) return notReady;
  try {
    return { url, ready: true, ...(await client.version(signal)), about: await aboutIt(client, signal) };
  } catch (error) {
    if (error instanceof MonitoringError && error.kind === 'starting') return notReady;
    throw error;
  }
}

/** What cannot be had of this is no trouble: a proxy may let through no more than queries. */
async function aboutIt(client: PrometheusClient, signal: AbortSignal): Promise<PrometheusAbout> {
  const [itself, storage, available, size, clock] = await Promise.all([
    client.itself(signal).catch(() => null),
    firstValue(client, storageBytes, signal),
    firstValue(client, `min(kubelet_volume_stats_available_bytes${itsVolume})`, signal),
    firstValue(client, `min(kubelet_volume_stats_capacity_bytes${itsVolume})`, signal),
    client.clock(signal).catch(() => null),
  ]);
  const isSkewed = clock !== null && Math.abs(clock.skewMs) > Math.max(1_000, clock.withinMs);
  return {
    startedAt: itself?.startedAt ?? null,
    retention: itself?.retention ?? null,
    headSeries: itself?.headSeries ?? null,
    storageBytes: storage,
    disk: available === null || size === null ? null : { availableBytes: available, sizeBytes: size },
    clockSkewMs: isSkewed ? Math.round(clock.skewMs) : null,
    troubles: itself?.troubles ?? [],
  };
}

async function firstValue(client: PrometheusClient, expr: string, signal: AbortSignal): Promise<number | null> {
  const answer = await client.query(expr, { signal, timeoutMs: 5_000 }).catch(() => null);
  return answer?.value[0]?.value ?? null;
}

const all = ['prometheus', 'targets', 'alerts'] as const;

/** Only where it scrapes itself. Of several that do, the largest. */
const storageBytes =
  'max(sum by (instance, job) (prometheus_tsdb_storage_blocks_bytes) + sum by (instance, job) (prometheus_tsdb_head_chunks_storage_size_bytes or prometheus_tsdb_storage_blocks_bytes * 0) + sum by (instance, job) (prometheus_tsdb_wal_storage_size_bytes or prometheus_tsdb_storage_blocks_bytes * 0))';
const itsVolume = '{persistentvolumeclaim=~"prometheus-.*-db-prometheus-.*|.*prometheus-server.*|prometheus(-.*)?"}';
