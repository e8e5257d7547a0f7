import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { Target } from '../../../src/state/monitoring.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { age } from '../../../src/text/age.js';
import { type Line, line, lineWidth } from '../../../src/text/line.js';
import { atMost, type PanelContent } from './panel-content.js';

/** Is the monitoring itself healthy: Prometheus, Grafana, the targets that are down with their error, and the count of each job. */
export function monitoringPanel(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const targets = snapshot.targets.value ?? [];
  const down = targets.filter(({ health }) => health === 'down');
  const up = targets.filter(({ health }) => health !== 'down');
  const head = [servers(snapshot, now), ...down.map(downLine)];
  const each = [...head, ...up.map((target) => upLine(target, now))];
  const lines = each.length <= room && targets.length > 0 ? each : [...head, ...jobLines(targets, width)];
  return { frame: { title: 'Monitoring', right: summary(snapshot.targets) }, lines: atMost(lines, room, '4 shows all') };
}

function summary(slice: Slice<readonly Target[]>): Line {
  if (slice.value === null) return [];
  const up = slice.value.filter(({ health }) => health === 'up').length;
  return line([slice.freshness.status === 'stale' ? 'dim' : up === slice.value.length ? 'good' : 'bad', `${up} of ${slice.value.length} targets up`]);
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
