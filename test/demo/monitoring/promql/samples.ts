import { Labels } from '../../../../src/demo/monitoring/promql/labels.js';
import type { SampleStorage, StoredSeries } from '../../../../src/demo/monitoring/promql/storage.js';
import { formatValue } from '../../../../src/demo/monitoring/promql/value.js';

/** One hour of samples every 15 s, from this moment (seconds) on; no sample falls on a full minute, where subqueries look. */
export const begin = 1_793_620_803;
const count = 240;

/** Two nodes with counters (one restarts), gauges, a histogram per app, series that come late and that end early. */
export function someSeries(): StoredSeries[] {
  const series: StoredSeries[] = [];
  const add = (record: Record<string, string>, value: (index: number) => number, first = 0, last = count): void => {
    const indices = Array.from({ length: last - first }, (_, index) => first + index);
    series.push({
      labels: Labels.of(record),
      times: indices.map((index) => begin + 15 * index),
      values: indices.map(value),
      stale: null,
    });
  };
  for (const [position, instance] of ['a:9100', 'b:9100'].entries()) {
    for (const cpu of ['0', '1']) {
      add({ __name__: 'node_cpu_seconds_total', instance, cpu, mode: 'idle' }, (index) => 5000 + Number(cpu) + index * (11 + position) + Math.sin(index / 9));
      add({ __name__: 'node_cpu_seconds_total', instance, cpu, mode: 'user' }, (index) => 700 + index * (2 - position) + Math.sin(index / 5) + Number(cpu));
    }
    add({ __name__: 'restarted_total', instance }, (index) => (index < 100 + 7 * position ? 40 + index * 3 : (index - 100) * 3));
    add({ __name__: 'temperature', instance, job: 'x' }, (index) => 60 + 12 * Math.sin(index / 20 + position));
    add({ __name__: 'limit', instance, severity: 'high' }, () => 70 + position);
    add({ __name__: 'limit', instance, severity: 'low' }, () => 50 + position);
    add({ __name__: 'free_bytes', instance }, (index) => 1e9 - index * 1_500_000 * (1 + position));
  }
  add({ __name__: 'late_total' }, (index) => index - 150, 150);
  add({ __name__: 'ended', why: 'gone' }, () => 5, 0, 90);
  add({ __name__: 'up', job: 'n', instance: 'a:9100' }, () => 1);
  add({ __name__: 'up', job: 'n', instance: 'b:9100' }, (index) => Number(index < 120));
  for (const [position, app] of ['resnet50', 'whisper'].entries()) {
    for (const [place, le] of ['0.01', '0.05', '0.1', '0.5', '+Inf'].entries()) {
      for (const pod of ['1', '2']) {
        add({ __name__: 'latency_bucket', app, pod, le }, (index) =>
          Math.floor(index * (place + 1) * (3 + position) * (1 + 0.3 * Math.sin(index / 30 + place / 9) ** 2)),
        );
      }
    }
  }
  return series;
}

/** Those series as a storage. */
export function storageOf(series: readonly StoredSeries[]): SampleStorage {
  return {
    select: (matchers, from, to) =>
      series
        .filter(({ labels }) => matchers.every(({ label, matches }) => matches(labels.get(label))))
        .map(({ labels, times, values }) => {
          const within = (_: number, index: number): boolean => (times[index] ?? 0) > from && (times[index] ?? 0) <= to;
          return { labels, times: Array.from(times).filter(within), values: Array.from(values).filter(within), stale: null };
        }),
  };
}

/** Those series as OpenMetrics text with timestamps. */
export function openMetricsOf(series: readonly StoredSeries[]): string {
  const lines: string[] = [];
  for (const { labels, times, values } of series) {
    const pairs = labels.nameless.pairs.map(([name, value]) => `${name}="${value}"`).join(',');
    for (const [index, time] of Array.from(times).entries()) lines.push(`${labels.get('__name__')}{${pairs}} ${formatValue(values[index] ?? 0)} ${time}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
