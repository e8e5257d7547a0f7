import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAt, textAt, textsAt } from '../../../../src/demo/fields.js';
import { Labels } from '../../../../src/demo/monitoring/promql/labels.js';
import { parse } from '../../../../src/demo/monitoring/promql/parse.js';
import { queryInstant, queryRange } from '../../../../src/demo/monitoring/promql/query.js';
import { formatValue, type QueryResult } from '../../../../src/demo/monitoring/promql/value.js';
import { prometheusInstalled, type RealPrometheus, startRealPrometheus } from '../real-prometheus.js';
import { begin, openMetricsOf, someSeries, storageOf } from './samples.js';

// Between two samples: Prometheus 2 counts a sample at a range's very beginning, Prometheus 3 and this evaluator do not.
const moment = begin + 3007;

const queries = [
  'temperature',
  'temperature{instance!="a:9100"}',
  '{__name__=~"temp.*|limit", instance=~"a.+"}',
  'temperature offset 5m',
  'temperature offset -2m',
  `temperature @ ${begin + 600}`,
  'temperature @ end() - temperature @ start()',
  'temperature - temperature offset 10m',
  '-temperature offset 3m',
  'sum(rate(node_cpu_seconds_total[5m] offset 10m))',
  'ended',
  'absent(ended)',
  'absent(nothing{a="1", b=~"x", c!="d"})',
  'rate(node_cpu_seconds_total[5m])',
  'irate(node_cpu_seconds_total{mode="user"}[5m])',
  'increase(restarted_total[40m])',
  'rate(restarted_total[30m])',
  'resets(restarted_total[45m])',
  'changes(up[50m])',
  'increase(late_total[30m])',
  'rate(late_total[10m])',
  'delta(temperature[10m])',
  'idelta(temperature[10m])',
  'deriv(free_bytes[20m])',
  'predict_linear(free_bytes[30m], 3600)',
  'avg_over_time(temperature[7m])',
  'min_over_time(temperature[7m]) or max_over_time(temperature[7m])',
  'sum_over_time(up[50m])',
  'count_over_time(ended[1h])',
  'last_over_time(ended[1h])',
  'stddev_over_time(temperature[20m])',
  'quantile_over_time(0.9, temperature[20m])',
  'present_over_time(ended[1h])',
  'max_over_time(rate(node_cpu_seconds_total{mode="user"}[3m])[20m:1m])',
  'avg_over_time(temperature[10m:30s] offset 5m)',
  '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))',
  'sum without (cpu) (node_cpu_seconds_total)',
  'count by (mode) (node_cpu_seconds_total)',
  'min(temperature)',
  'max by (job) (temperature)',
  'group by (instance) (limit)',
  'stddev(node_cpu_seconds_total)',
  'quantile by (mode) (0.75, node_cpu_seconds_total)',
  'topk(3, node_cpu_seconds_total)',
  'bottomk by (mode) (1, node_cpu_seconds_total)',
  'count_values("v", up)',
  'count(up == 0) by (job)',
  'temperature > 60',
  'temperature > bool 60',
  '60 < temperature',
  'limit - on (instance) group_left (job) temperature',
  'temperature * on (instance) group_right () limit',
  'limit{severity="high"} - ignoring (severity) limit{severity="low"}',
  'temperature > ignoring (job, severity) limit{severity="high"}',
  'temperature >= on (instance) limit{severity="low"}',
  'temperature and on (instance) limit{instance="a:9100"}',
  'temperature unless on (instance) limit{instance="a:9100"}',
  'temperature or up',
  'temperature % 7 ^ 2 / 3',
  '-temperature',
  '-2 ^ 2',
  '2 ^ 3 ^ 2',
  '1 + 2 * 3 - 4 / 8',
  '(1 > bool 2) + (2 >= bool 2)',
  'histogram_quantile(0.95, sum by (le, app) (rate(latency_bucket[5m])))',
  'histogram_quantile(0.5, rate(latency_bucket[5m]))',
  'histogram_quantile(0.999, sum by (le) (latency_bucket))',
  'histogram_quantile(1.2, latency_bucket{pod="1"})',
  'clamp_max(clamp_min(temperature, 55), 65)',
  'clamp(temperature, 50, 60)',
  'round(temperature, 5)',
  'floor(temperature) + ceil(temperature) + abs(-temperature)',
  'sqrt(temperature) + ln(temperature) + exp(up) + log2(temperature) + log10(temperature) + sgn(up)',
  'sort_desc(temperature)',
  'sort(temperature)',
  'time() - timestamp(temperature)',
  'scalar(temperature{instance="a:9100"}) + vector(1)',
  'scalar(temperature)',
  'hour() * 60 + minute() + day_of_month() + month() + year() + day_of_week() + days_in_month()',
  'label_replace(temperature, "host", "$1-node", "instance", "(.+):\\\\d+")',
  'label_join(limit, "both", "/", "instance", "severity")',
  '0x1F + 1e3 + .5 + Inf',
  'temperature / 0',
  '"a string"',
  'temperature[1m]',
  '(100 * avg(rate(node_cpu_seconds_total[5m])) >= bool 10) + (vector(5) > bool 60)',
];

const refused = [
  'rate(temperature)',
  'sum(temperature[5m])',
  'temperature + "x"',
  '1 > 2',
  'nonsense(temperature)',
  '(temperature + limit) offset 5m',
  'sum(temperature) offset 5m',
  'temperature{',
  '{}',
  'sum(',
  'temperature[5m',
  'limit - temperature and',
  '',
  'limit / on (instance) limit',
  'temperature / on (instance) limit',
];

describe.skipIf(!prometheusInstalled)('the same samples in a real Prometheus and in the demo', () => {
  const series = someSeries();
  const storage = storageOf(series);
  let real: RealPrometheus;

  beforeAll(async () => {
    real = await startRealPrometheus('global: {}\n', openMetricsOf(series));
  }, 30_000);
  afterAll(() => real.close());

  test.each(queries)('give the same answer to %s', async (query) => {
    const answer = await real.get(`/api/v1/query?time=${moment}&query=${encodeURIComponent(query)}`);
    expect(comparable(queryInstant(parse(query), storage, moment), ordered(query))).toEqual(fromApi(answer, ordered(query)));
  });

  test.each(queries.filter((query) => !/^"|\]$|^sort/.test(query)))('give the same chart of %s', async (query) => {
    const range = { start: begin + 907, end: begin + 3307, step: 60 };
    const answer = await real.get(`/api/v1/query_range?start=${range.start}&end=${range.end}&step=60&query=${encodeURIComponent(query)}`);
    expect(comparable(queryRange(parse(query), storage, range), false)).toEqual(fromApi(answer, false));
  });

  test.each(refused)('both refuse %s', async (query) => {
    expect(await real.get(`/api/v1/query?time=${moment}&query=${encodeURIComponent(query)}`)).toMatchObject({ status: 'error' });
    expect(() => queryInstant(parse(query), storage, moment)).toThrow();
  });
});

function ordered(query: string): boolean {
  return query.startsWith('sort');
}

/** Values to nine digits: both add up in different order. */
function rounded(value: string): string {
  return Number.isFinite(Number(value)) ? Number(value).toPrecision(9) : value;
}

function comparable(result: QueryResult, keepOrder: boolean): unknown {
  if ('value' in result) return [result.resultType, rounded(result.value)];
  const rows =
    'samples' in result
      ? result.samples.map(({ labels, value }) => JSON.stringify([labels, rounded(formatValue(value))]))
      : result.series.map(({ labels, points }) => JSON.stringify([labels, points.map(([time, value]) => [time, rounded(formatValue(value))])]));
  return [result.resultType, ...(keepOrder ? rows : rows.sort())];
}

function fromApi(answer: unknown, keepOrder: boolean): unknown {
  const type = textAt(answer, 'data', 'resultType');
  const result = listAt(answer, 'data', 'result');
  if (type === 'scalar' || type === 'string') return [type, rounded(String(result[1]))];
  const rows = result.map((each) => {
    const labels = Labels.of(textsAt(each, 'metric'));
    const value = listAt(each, 'value');
    return JSON.stringify([labels, value.length > 0 ? rounded(String(value[1])) : listAt(each, 'values').map(pointOf)]);
  });
  return [type, ...(keepOrder ? rows : rows.sort())];
}

function pointOf(point: unknown): unknown {
  return Array.isArray(point) ? [point[0], rounded(String(point[1]))] : point;
}
