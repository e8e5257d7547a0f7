import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { Target } from '../../../src/state/monitoring.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { age } from '../../../src/text/age.js';
import { type Line, line, lineWidth } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { counted } from '../../../src/text/wording.js';
import { firing } from '../monitoring/alert-rows.js';
import { atMost, type PanelContent } from './panel-content.js';

/** Is the monitoring itself healthy: Prometheus, Grafana, the targets that are down with their error, and the count of each job. */
export function monitoringPanel(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const targets = snapshot.targets.value ?? [];
  const down = targets.filter(({ health }) => health === 'down');
  const up = targets.filter(({ health }) => health !== 'down');
  const head = [servers(snapshot, now), ...alertLine(snapshot, now), ...down.map(downLine)];
  const each = [...head, ...up.map((target) => upLine(target, now))];
  const lines = each.length <= room && targets.length > 0 ? each : [...head, ...jobLines(targets, width)];
  return { frame: { title: 'Monitoring', right: summary(snapshot.targets) }, lines: atMost(lines, room, '4 shows all') };
}

function summary(slice: Slice<readonly Target[]>): Line {
  if (slice.value === null) return [];
  const up = slice.value.filter(({ health }) => health === 'up').length;
  return line([slice.freshness.status === 'stale' ? 'dim' : up === slice.value.length ? 'good' : 'bad', `${up} of ${slice.value.length} targets up`]);
}

/** What fires, the oldest first: `✗ 2 alerts: GpuMissing 3m, NodeDown 40s`. */
function alertLine({ alerts }: ClusterSnapshot, now: number): readonly Line[] {
  if (alerts.value === null) return [];
  const active = firing(alerts.value);
  if (active.length === 0) return [];
  const said = active.map(({ name, activeAt }) => `${name} ${ageOf(activeAt, now)}`).join(', ');
  const tone = alerts.freshness.status === 'stale' ? 'dim' : 'bad';
  return [line([tone, `✗ ${counted(active.length, 'alert')}`], `: ${said}`)];
}

/** The same in few and narrow lines, for beside another panel's: what is down, what fires, and how much is well. */
export function monitoringLines(snapshot: ClusterSnapshot, now: number): readonly Line[] {
  const targets = snapshot.targets.value;
  const down = (targets ?? []).filter(({ health }) => health === 'down');
  const jobs = new Map<string, number>();
  for (const { job } of down) jobs.set(job, (jobs.get(job) ?? 0) + 1);
  const all = (job: string) => (targets ?? []).filter((target) => target.job === job).length;
  const well = (targets ?? []).filter(({ health }) => health === 'up').length;
  return [
    ...[...jobs].map(([job, missing]) => line(['bad', '✗ '], `${job} ${all(job) - missing}/${all(job)}`)),
    ...alertLine(snapshot, now),
    targets === null
      ? line(['dim', whyMissing(snapshot.targets) ?? ''])
      : line(well === targets.length ? ['good', '✓ '] : ['dim', '· '], `${well} of ${targets.length} targets up`),
    ...(snapshot.prometheus.value === null || snapshot.prometheus.freshness.status === 'stale'
      ? [serverPart('Prometheus', snapshot.prometheus, false, now)]
      : []),
  ];
}

function servers({ prometheus, grafana }: ClusterSnapshot, now: number): Line {
  return line(
    serverPart('Prometheus', prometheus, prometheus.value?.ready === true, now),
    '   ',
    serverPart('Grafana', grafana, grafana.value?.database === 'ok', now),
  );
}

function serverPart(name: string, slice: Slice<{ readonly version: string | null; readonly roundTripMs: number }>, well: boolean, now: number): Line {
  const { value, freshness } = slice;
  if (freshness.status === 'stale') return line(['bad', '✗ '], name, ['dim', ` last seen ${age(freshness.since, now)} ago: ${freshness.why}`]);
  if (value === null)
    return line([freshness.status === 'loading' ? 'dim' : 'warn', freshness.status === 'loading' ? '· ' : '! '], `${name}: `, ['dim', whyMissing(slice) ?? '']);
  return line(well ? ['good', '✓ '] : ['bad', '✗ '], name, ['dim', `${value.version === null ? '' : ` ${value.version}`} ${Math.round(value.roundTripMs)} ms`]);
}

function downLine({ job, instance, lastError }: Target): Line {
  return line(['bad', '✗ '], `${job} ${instance} `, ['dim', lastError ?? 'down']);
}

function upLine({ job, instance, health, lastScrapeAt, scrapeDurationSeconds }: Target, now: number): Line {
  const took = scrapeDurationSeconds === null ? '' : ` ${Math.round(scrapeDurationSeconds * 1000)} ms`;
  const when = lastScrapeAt === null ? ' not scraped yet' : `, ${age(lastScrapeAt, now)} ago`;
  return line(health === 'up' ? ['good', '✓ '] : ['warn', '? '], `${job} ${instance}`, ['dim', `${took}${when}`]);
}

/** `✓ node-exporter 3/3  ✗ dcgm-exporter 2/3`, as many in a row as fit. */
function jobLines(targets: readonly Target[], width: number): readonly Line[] {
  const jobs = new Map<string, { up: number; all: number }>();
  for (const { job, health } of targets) {
    const counts = jobs.get(job) ?? { up: 0, all: 0 };
    jobs.set(job, { up: counts.up + (health === 'up' ? 1 : 0), all: counts.all + 1 });
  }
  const rows: Line[] = [];
  for (const [job, { up, all }] of [...jobs].sort(([, a], [, b]) => b.all - b.up - (a.all - a.up))) {
    const piece = line(up === all ? ['good', '✓ '] : ['bad', '✗ '], job, ['dim', ` ${up}/${all}`]);
    const last = rows.at(-1);
    const joined = last === undefined ? piece : line(last, '  ', piece);
    if (last !== undefined && lineWidth(joined) <= width) rows[rows.length - 1] = joined;
    else rows.push(piece);
  }
  return rows;
}
