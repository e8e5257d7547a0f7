import type { Alertmanager, Alerts } from '../../../src/state/alerts.js';
import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { Grafana, Prometheus, Target } from '../../../src/state/monitoring.js';
import type { OperationRef } from '../../../src/state/operations.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { duration } from '../../../src/text/age.js';
import { bytes, count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import { flowing } from '../../widgets/flowing.js';
import { dimmed } from '../../widgets/freshness-note.js';
import type { MissingExporter } from './missing-exporters.js';

/** What stands above the lists: the health of each thing that watches the cluster, and which exporters are missing altogether. */
export interface Summary {
  readonly lines: readonly Line[];
  /** What can be mended of it from here, the most needed first. */
  readonly fixes: readonly OperationRef[];
}

/** At most `room` lines: what is well gives way before what is not. */
export function summaryOf(snapshot: ClusterSnapshot, missing: readonly MissingExporter[], now: number, width: number, room: number): Summary {
  const { prometheus, alertmanager, grafana, alerts, targets } = snapshot;
  const servers = [
    ...about('Prometheus', prometheus, width, (value) => prometheusLines(value, now, width)),
    ...sideBySide(
      [about('Grafana', grafana, width, (value) => [grafanaLine(value)]), about('Alertmanager', alertmanager, width, (value) => [alertmanagerLine(value)])],
      width,
    ),
  ];
  const absent = missing.flatMap(({ text }) => wrap(text, width - 2).map((piece, index) => line(index === 0 ? ['bad', '✗ '] : '  ', piece)));
  const jobs = jobLines(targets.value ?? [], width);
  const left = Math.max(0, room - servers.length - absent.length);
  return {
    lines: [...servers, ...absent, ...jobs.slice(0, left)].slice(0, room),
    fixes: [...missing.flatMap(({ fixes }) => fixes), ...dashboardFixes(grafana), ...ruleFixes(alerts)],
  };
}

function dashboardFixes({ value }: Slice<Grafana>): readonly OperationRef[] {
  if (value === null || value.inside.status === 'unknown') return [];
  // Who is not let in cannot see whether they are there: the import asks for a login.
  const isMissing = value.inside.status === 'login-needed' || value.inside.dashboards.some(({ present }) => !present);
  return isMissing ? [{ id: 'import-dashboards', input: {} }] : [];
}

function ruleFixes({ value }: Slice<Alerts>): readonly OperationRef[] {
  return value !== null && value.rules === 0 ? [{ id: 'apply-alert-rules', input: {} }] : [];
}

/** Jobs with how many of their targets are up, as many lines as it takes, the worst first: `✗ dcgm-exporter 2/3  ✓ node-exporter 3/3`. */
function jobLines(targets: readonly Target[], width: number): readonly Line[] {
  const jobs = new Map<string, { up: number; all: number }>();
  for (const { job, health } of targets) {
    const counted = jobs.get(job) ?? { up: 0, all: 0 };
    jobs.set(job, { up: counted.up + (health === 'up' ? 1 : 0), all: counted.all + 1 });
  }
  const parts = [...jobs]
    .sort(([, a], [, b]) => a.up / a.all - b.up / b.all)
    .map(([job, { up, all }]) => {
      const tone = up === all ? 'good' : up === 0 ? 'bad' : 'warn';
      return line([tone, `${{ good: '✓', warn: '!', bad: '✗' }[tone]} `], job, [tone === 'good' ? 'dim' : tone, ` ${up}/${all}`]);
    });
  return flowing(parts, width, '  ');
}

/** Short ones share a row. */
function sideBySide(blocks: readonly (readonly Line[])[], width: number): readonly Line[] {
  const [first = [], second = []] = blocks;
  if (first.length !== 1 || second.length !== 1) return [...first, ...second];
  return flowing([first[0] ?? [], second[0] ?? []], width, '   ');
}

function about<T extends object>(name: string, slice: Slice<T>, width: number, linesOf: (value: T) => readonly Line[]): readonly Line[] {
  if (slice.value !== null) {
    const rows = linesOf(slice.value);
    return slice.freshness.status === 'stale' ? [...rows.slice(0, 1).map(dimmed), line('  ', ['warn', slice.freshness.why])] : rows;
  }
  const why = whyMissing(slice) ?? '';
  if (slice.freshness.status === 'loading' && slice.freshness.why !== null) {
    // Found, but it has not answered yet.
    return wrap(why.startsWith(name) ? why : `${name}: ${why}`, width - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text));
  }
  const sign = slice.freshness.status === 'loading' ? '◌' : slice.freshness.status === 'denied' ? '!' : '·';
  // Nothing was found, or it has not been looked for long enough to say so.
  const words = slice.freshness.status === 'loading' ? `${name}: ` : `no ${name}: `;
  return wrap(`${words}${why}`, width - 2).map((text, index) => line(index === 0 ? ['dim', `${sign} `] : '  ', ['dim', text]));
}

function prometheusLines({ url, foundBy, version, ready, roundTripMs, about: own, others }: Prometheus, now: number, width: number): readonly Line[] {
  const disk = own?.disk ?? null;
  const full = disk === null || disk.sizeBytes === 0 ? null : 1 - disk.availableBytes / disk.sizeBytes;
  const facts: readonly Line[] = [
    line(ready ? ['good', '✓ '] : ['bad', '✗ '], ['strong', 'Prometheus'], version === null ? '' : ` ${version}`, ready ? '' : ['bad', ' not ready']),
    ...(ready ? [line(['dim', `${Math.round(roundTripMs)} ms`])] : []),
    ...(own?.startedAt == null ? [] : [line(['dim', 'up '], ageOf(own.startedAt, now))]),
    ...(own?.retention == null ? [] : [line(['dim', 'keeps '], own.retention)]),
    ...(own?.headSeries == null ? [] : [line(count(own.headSeries), ['dim', ' series'])]),
    ...(own?.storageBytes == null ? [] : [line(bytes(own.storageBytes), ['dim', ' stored'])]),
    ...(full === null ? [] : [line(['dim', 'disk '], [full >= 0.85 ? 'bad' : full >= 0.75 ? 'warn' : 'plain', `${Math.round(full * 100)} %`])]),
    line(['dim', `${foundBy.startsWith('--') ? url : foundBy}${others.length === 0 ? '' : ` (+${others.length})`}`]),
  ];
  const skew = own?.clockSkewMs ?? null;
  const troubles = [...(skew === null ? [] : [`its clock is ${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} ours`]), ...(own?.troubles ?? [])];
  return [
    ...flowing(facts, width, '  ').slice(0, 2),
    ...troubles.flatMap((text) => wrap(text, width - 4).map((piece, index) => line(index === 0 ? ['warn', '  ! '] : '    ', piece))),
  ];
}

function grafanaLine({ version, database, roundTripMs, inside }: Grafana): Line {
  const fine = database === 'ok';
  return line(
    fine ? ['good', '✓ '] : ['bad', '✗ '],
    ['strong', 'Grafana'],
    version === null ? '' : ` ${version}`,
    fine ? ['dim', `  ${Math.round(roundTripMs)} ms`] : ['bad', ' its database is failing'],
    '  ',
    insideLine(inside),
  );
}

function insideLine(inside: Grafana['inside']): Line {
  if (inside.status === 'login-needed') return line(['dim', 'dashboards: it wants a login']);
  if (inside.status === 'unknown') return line(['warn', inside.why]);
  const present = inside.dashboards.filter((one) => one.present).length;
  const all = inside.dashboards.length;
  const failing = inside.dataSources.filter(({ health }) => health === 'failing');
  const source =
    inside.dataSources.length === 0
      ? line(['bad', '✗ no Prometheus data source'])
      : failing.length > 0
        ? line(['bad', `✗ data source ${failing.map(({ name, said }) => (said === null ? name : `${name}: ${said}`)).join(', ')}`])
        : line(['dim', 'data source '], inside.dataSources.map(({ name }) => name).join(', '));
  return line(source, '  ', present === all ? ['dim', `${all} dashboards`] : ['warn', `! ${present} of ${all} dashboards`]);
}

function alertmanagerLine({ version, ready, peers, roundTripMs }: Alertmanager): Line {
  return line(
    ready ? ['good', '✓ '] : ['bad', '✗ '],
    ['strong', 'Alertmanager'],
    version === null ? '' : ` ${version}`,
    ready ? ['dim', `  ${Math.round(roundTripMs)} ms`] : ['bad', ' not ready'],
    peers === null || peers < 2 ? '' : ['dim', `  ${peers} peers`],
  );
}
