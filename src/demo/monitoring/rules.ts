import type { DemoStorage } from './demo-storage.js';
import type { Expression } from './promql/expression.js';
import type { Labels } from './promql/labels.js';
import { parse } from './promql/parse.js';
import { queryRange } from './promql/query.js';
import { formatValue } from './promql/value.js';

/** An alerting rule of the demo cluster. */
interface Rule {
  readonly name: string;
  readonly query: string;
  /** `for` in seconds. */
  readonly duration: number;
  readonly severity: string;
  readonly summary: string;
}

/** An alert as /api/v1/alerts gives it. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAt: string;
  readonly value: string;
}

/** A rule with its alerts as /api/v1/rules gives it. */
export interface EvaluatedRule {
  readonly state: 'inactive' | 'pending' | 'firing';
  readonly name: string;
  readonly query: string;
  readonly duration: number;
  readonly keepFiringFor: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly alerts: readonly Alert[];
  readonly health: 'ok';
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly type: 'alerting';
}

export const ruleGroup = { name: 'gpuk8s', file: '/etc/prometheus/rules/gpuk8s.yaml', interval: 15 };

const rules: readonly Rule[] = [
  { name: 'GpuUtilHigh', query: 'DCGM_FI_DEV_GPU_UTIL > 90', duration: 600, severity: 'warning', summary: 'GPU {{gpu}} of {{Hostname}} is busier than 90 %' },
  { name: 'GpuTempHigh', query: 'DCGM_FI_DEV_GPU_TEMP > 80', duration: 300, severity: 'warning', summary: 'GPU {{gpu}} of {{Hostname}} is hotter than 80 °C' },
  { name: 'GpuXid', query: 'DCGM_FI_DEV_XID_ERRORS > 0', duration: 0, severity: 'critical', summary: 'GPU {{gpu}} of {{Hostname}} has reported an XID error' },
  {
    name: 'GpuMissing',
    query: 'sum by (node) (kube_node_status_allocatable{resource="nvidia_com_gpu"}) < sum by (node) (kube_node_status_capacity{resource="nvidia_com_gpu"})',
    duration: 300,
    severity: 'critical',
    summary: 'Node {{node}} offers fewer GPUs than it has',
  },
  {
    name: 'NodeDiskNearEviction',
    query: 'node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"} < 0.2',
    duration: 600,
    severity: 'warning',
    summary: 'The root file system of {{node}} is nearly full',
  },
  { name: 'PodsEvicted', query: 'sum(kube_pod_status_reason{reason="Evicted"}) > 10', duration: 0, severity: 'warning', summary: 'Evicted pods lie about' },
  { name: 'TargetDown', query: 'up == 0', duration: 300, severity: 'warning', summary: '{{job}} on {{instance}} cannot be scraped' },
];

/** The rules as Prometheus last evaluated them: once per interval, whoever asks. */
export function evaluateRules(storage: DemoStorage): readonly EvaluatedRule[] {
  const now = storage.model.now();
  const moment = Math.floor(now / ruleGroup.interval) * ruleGroup.interval;
  const cached = evaluations.get(storage);
  if (cached?.moment === moment) return cached.rules;
  const evaluated = rules.map((rule) => evaluate(rule, storage, moment));
  evaluations.set(storage, { moment, rules: evaluated });
  return evaluated;
}

const evaluations = new WeakMap<DemoStorage, { moment: number; rules: readonly EvaluatedRule[] }>();
const parsed = new Map<string, Expression>();

function evaluate(rule: Rule, storage: DemoStorage, moment: number): EvaluatedRule {
  const began = performance.now();
  const alerts = alertsOf(rule, storage, moment);
  return {
    state: alerts.some(({ state }) => state === 'firing') ? 'firing' : alerts.length > 0 ? 'pending' : 'inactive',
    name: rule.name,
    query: rule.query,
    duration: rule.duration,
    keepFiringFor: 0,
    labels: { severity: rule.severity },
    annotations: { summary: rule.summary.replaceAll(/\{\{(\w+)\}\}/g, '{{ $labels.$1 }}') },
    alerts,
    health: 'ok',
    evaluationTime: (performance.now() - began) / 1000,
    lastEvaluation: new Date(moment * 1000).toISOString(),
    type: 'alerting',
  };
}

/** Since when each element of the expression has been there without a break tells the alert's state. */
function alertsOf(rule: Rule, storage: DemoStorage, moment: number): Alert[] {
  const step = 30;
  const expression = parsed.get(rule.query) ?? parse(rule.query);
  parsed.set(rule.query, expression);
  // First the present alone: most rules have nothing to tell, and then the past does not matter.
  const present = queryRange(expression, storage, { start: moment, end: moment, step });
  if (present.resultType !== 'matrix' || present.series.length === 0) return [];
  if (rule.duration === 0)
    return present.series.map(({ labels, points }) => alertOf(rule, labels, firstSeen(rule, labels, storage, moment), points.at(-1)?.[1] ?? 0, moment));
  const result = queryRange(expression, storage, { start: moment - 3 * rule.duration, end: moment, step });
  if (result.resultType !== 'matrix') return [];
  return result.series.flatMap(({ labels, points }) => {
    const last = points.at(-1);
    if (last === undefined || last[0] < moment - step / 2) return [];
    let begin = points.length - 1;
    while (begin > 0 && (points[begin]?.[0] ?? 0) - (points[begin - 1]?.[0] ?? 0) <= step * 1.5) begin--;
    const activeAt = points[begin]?.[0] ?? moment;
    return [alertOf(rule, labels, activeAt, last[1], moment)];
  });
}

/** A rule that fires at once needs no past but for the date: when it was first seen, or a while ago where that was at the first look. */
function firstSeen(rule: Rule, labels: Labels, storage: DemoStorage, moment: number): number {
  const seen = dates.get(storage) ?? new Map<string, { since: number; last: number }>();
  const first = evaluations.get(storage) === undefined;
  dates.set(storage, seen);
  const key = `${rule.name} ${labels.key}`;
  const before = evaluations.get(storage)?.moment ?? moment;
  const known = seen.get(key);
  const since = known !== undefined && known.last >= before ? known.since : first ? moment - 600 : moment;
  seen.set(key, { since, last: moment });
  return since;
}

const dates = new WeakMap<DemoStorage, Map<string, { since: number; last: number }>>();

function alertOf(rule: Rule, labels: Labels, activeAt: number, value: number, moment: number): Alert {
  return {
    labels: { alertname: rule.name, ...labels.nameless.toJSON(), severity: rule.severity },
    annotations: { summary: rule.summary.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => labels.get(String(name))) },
    state: moment - activeAt >= rule.duration ? 'firing' : 'pending',
    activeAt: new Date(activeAt * 1000).toISOString(),
    value: exponential(value),
  };
}

/** Alerts give their value in Go's exponent form: 4.6e+00. */
function exponential(value: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
