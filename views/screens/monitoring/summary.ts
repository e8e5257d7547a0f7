import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { Grafana, Prometheus, Target } from '../../../src/state/monitoring.js';
import { type Line, line, lineWidth } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { dimmed } from '../../widgets/freshness-note.js';

/** One line or two on each of the things that watch the cluster: where it is, how it was found, how it answers. */
export function summaryLines(prometheus: Slice<Prometheus>, grafana: Slice<Grafana>, width: number): readonly Line[] {
  return [...about('Prometheus', prometheus, width, prometheusLine), ...about('Grafana', grafana, width, grafanaLine)];
}

/** Jobs with how many of their targets are up, as many lines as it takes: `✓ node-exporter 3/3  ✗ dcgm-exporter 2/3`. */
export function jobLines(targets: readonly Target[], width: number): readonly Line[] {
  const jobs = new Map<string, { up: number; all: number }>();
  for (const { job, health } of targets) {
    const counted = jobs.get(job) ?? { up: 0, all: 0 };
    jobs.set(job, { up: counted.up + (health === 'up' ? 1 : 0), all: counted.all + 1 });
  }
  const worstFirst = [...jobs].sort(([, a], [, b]) => a.up / a.all - b.up / b.all);
  const lines: Line[] = [];
  let current: Line = [];
  for (const [job, { up, all }] of worstFirst) {
    const tone = up === all ? 'good' : up === 0 ? 'bad' : 'warn';
    const one = line([tone, `${{ good: '✓', warn: '!', bad: '✗' }[tone]} `], job, [tone === 'good' ? 'dim' : tone, ` ${up}/${all}`]);
    const longer = current.length === 0 ? one : line(current, '  ', one);
    if (lineWidth(longer) > width && current.length > 0) {
      lines.push(current);
      current = one;
    } else {
      current = longer;
    }
  }
  return current.length === 0 ? lines : [...lines, current];
}

function about<T extends object>(name: string, slice: Slice<T>, width: number, lineOf: (value: T) => Line): readonly Line[] {
  if (slice.value !== null) {
    const row = lineOf(slice.value);
    return slice.freshness.status === 'stale' ? [...[dimmed(row)], line('  ', ['warn', slice.freshness.why])] : [row];
  }
  const sign = slice.freshness.status === 'loading' ? '◌' : slice.freshness.status === 'denied' ? '!' : '·';
  return wrap(`no ${name}: ${whyMissing(slice) ?? ''}`, width - 2).map((text, index) => line(index === 0 ? ['dim', `${sign} `] : '  ', ['dim', text]));
}

function prometheusLine({ url, foundBy, version, ready, roundTripMs }: Prometheus): Line {
  return line(ready ? ['good', '✓ '] : ['bad', '✗ '], ['strong', 'Prometheus'], version === null ? '' : ` ${version}`, ready ? '' : ['bad', ' not ready'], [
    'dim',
    `  ${Math.round(roundTripMs)} ms  ${foundBy}  ${url}`,
  ]);
}

function grafanaLine({ url, foundBy, version, database, roundTripMs }: Grafana): Line {
  const fine = database === 'ok';
  return line(
    fine ? ['good', '✓ '] : ['bad', '✗ '],
    ['strong', 'Grafana'],
    version === null ? '' : ` ${version}`,
    fine ? '' : ['bad', ' its database is failing'],
    ['dim', `  ${Math.round(roundTripMs)} ms  ${foundBy}  ${url}`],
  );
}
