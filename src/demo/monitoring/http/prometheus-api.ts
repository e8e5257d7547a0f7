import type { DemoStorage } from '../demo-storage.js';
import { ExecutionError, ParseError } from '../promql/errors.js';
import type { Matcher } from '../promql/expression.js';
import { parse, parseSelector } from '../promql/parse.js';
import { queryInstant, queryRange } from '../promql/query.js';
import { formatValue, type QueryResult } from '../promql/value.js';
import { evaluateRules, ruleGroup } from '../rules.js';
import { BadData } from './api-error.js';
import { stepOf, timeOf } from './parameters.js';
import { statusOf } from './prometheus-status.js';
import { json, notFound, type Reply, type Request, text } from './reply.js';
import { targetsAnswer } from './targets-answer.js';

/** Answers below /api/v1 as Prometheus does, with its shapes, words and status codes. */
export function prometheusApi(storage: DemoStorage, request: Request): Reply {
  const route = routes.find(({ path }) => path.test(request.path));
  if (route === undefined) return notFound;
  if (!route.methods.includes(request.method)) return text(405, 'Method Not Allowed\n');
  try {
    return json(200, { status: 'success', data: route.answer(storage, request) });
  } catch (error) {
    if (error instanceof BadData) return failure(400, 'bad_data', error.message);
    if (error instanceof ParseError) return failure(400, 'bad_data', `invalid parameter "${parameterOf(request)}": ${error.message}`);
    if (error instanceof ExecutionError) return failure(422, 'execution', error.message);
    throw error;
  }
}

interface Route {
  readonly path: RegExp;
  readonly methods: readonly string[];
  readonly answer: (storage: DemoStorage, request: Request) => unknown;
}

const both = ['GET', 'POST'];
const read = ['GET'];

const routes: readonly Route[] = [
  { path: /^\/api\/v1\/query$/, methods: both, answer: instant },
  { path: /^\/api\/v1\/query_range$/, methods: both, answer: range },
  { path: /^\/api\/v1\/targets$/, methods: read, answer: (storage, { parameters }) => targetsAnswer(storage, parameters) },
  { path: /^\/api\/v1\/rules$/, methods: read, answer: rules },
  { path: /^\/api\/v1\/alerts$/, methods: read, answer: (storage) => ({ alerts: evaluateRules(storage).flatMap(({ alerts }) => alerts) }) },
  { path: /^\/api\/v1\/labels$/, methods: both, answer: labelNames },
  { path: /^\/api\/v1\/label\/[^/]+\/values$/, methods: read, answer: labelValues },
  { path: /^\/api\/v1\/series$/, methods: both, answer: seriesOf },
  { path: /^\/api\/v1\/metadata$/, methods: read, answer: metadata },
  { path: /^\/api\/v1\/alertmanagers$/, methods: read, answer: alertmanagers },
  { path: /^\/api\/v1\/status\/\w+$/, methods: read, answer: (storage, { path }) => statusOf(storage, path.slice('/api/v1/status/'.length)) },
];

function failure(status: number, errorType: string, error: string): Reply {
  return json(status, { status: 'error', errorType, error });
}

function instant(storage: DemoStorage, { parameters }: Request): unknown {
  const time = timeOf(parameters, 'time', storage.model.now());
  return resultOf(queryInstant(parse(parameters.get('query') ?? ''), storage, Math.round(time * 1000) / 1000));
}

// Prometheus refuses more points than this for each series.
const mostPoints = 11_000;

function range(storage: DemoStorage, { parameters }: Request): unknown {
  const start = timeOf(parameters, 'start', null);
  const end = timeOf(parameters, 'end', null);
  if (end < start) throw new BadData('invalid parameter "end": end timestamp must not be before start time');
  const step = stepOf(parameters);
  if ((end - start) / step > mostPoints) {
    throw new BadData('exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)');
  }
  const expression = parse(parameters.get('query') ?? '');
  if (expression.type === 'matrix' || expression.type === 'subquery' || expression.type === 'string') {
    const type = expression.type === 'string' ? 'string' : 'range vector';
    throw new BadData(`invalid parameter "query": invalid expression type "${type}" for range query, must be Scalar or instant Vector`);
  }
  return resultOf(queryRange(expression, storage, { start, end, step }));
}

function resultOf(result: QueryResult): unknown {
  switch (result.resultType) {
    case 'scalar':
    case 'string':
      return { resultType: result.resultType, result: [result.time, result.value] };
    case 'vector':
      return { resultType: 'vector', result: result.samples.map(({ labels, value }) => ({ metric: labels, value: [result.time, formatValue(value)] })) };
    case 'matrix':
      return {
        resultType: 'matrix',
        result: result.series.map(({ labels, points }) => ({ metric: labels, values: points.map(([time, value]) => [time, formatValue(value)]) })),
      };
  }
}

function rules(storage: DemoStorage, { parameters }: Request): unknown {
  const type = parameters.get('type');
  if (type !== null && type !== '' && type !== 'alert' && type !== 'record')
    throw new BadData(`invalid parameter "type": not supported value ${JSON.stringify(type)}`);
  const evaluated = type === 'record' ? [] : evaluateRules(storage);
  if (evaluated.length === 0) return { groups: [] };
  const lastEvaluation = evaluated[0]?.lastEvaluation;
  const evaluationTime = evaluated.reduce((sum, rule) => sum + rule.evaluationTime, 0);
  return { groups: [{ ...ruleGroup, limit: 0, rules: evaluated, evaluationTime, lastEvaluation }] };
}

/** Where firing alerts are sent, while anybody takes them. */
function alertmanagers({ model }: DemoStorage): unknown {
  const isThere = !model.world.faults.alertmanagerDown;
  return { activeAlertmanagers: isThere ? [{ url: 'http://kps-alertmanager.monitoring:9093/api/v2/alerts' }] : [], droppedAlertmanagers: [] };
}

function labelNames(storage: DemoStorage, { parameters }: Request): string[] {
  const names = new Set<string>();
  for (const labels of matched(storage, parameters, false)) for (const [name] of labels.pairs) names.add(name);
  return [...names].sort();
}

function labelValues(storage: DemoStorage, { path, parameters }: Request): string[] {
  const label = path.slice('/api/v1/label/'.length, -'/values'.length);
  if (!/^[a-zA-Z_]\w*$/.test(label)) throw new BadData(`invalid label name: ${JSON.stringify(label)}`);
  const values = new Set<string>();
  for (const labels of matched(storage, parameters, false)) if (labels.get(label) !== '') values.add(labels.get(label));
  return [...values].sort();
}

function seriesOf(storage: DemoStorage, { parameters }: Request): unknown {
  return matched(storage, parameters, true);
}

function matched(storage: DemoStorage, parameters: URLSearchParams, required: boolean) {
  const now = storage.model.now();
  const start = timeOf(parameters, 'start', now - 300);
  const end = timeOf(parameters, 'end', now);
  if (end < start) throw new BadData('invalid parameter "end": end timestamp must not be before start time');
  const selectors = parameters.getAll('match[]');
  if (required && selectors.length === 0) throw new BadData('no match[] parameter provided');
  const all: readonly Matcher[][] = selectors.length === 0 ? [[]] : selectors.map((selector) => [...parseSelector(selector).matchers]);
  const found = new Map(all.flatMap((matchers) => storage.labelSets(matchers, start, end)).map((labels) => [labels.key, labels]));
  return [...found.values()];
}

function metadata(storage: DemoStorage, { parameters }: Request): unknown {
  const wanted = parameters.get('metric');
  const limit = Number(parameters.get('limit') ?? -1);
  const result: Record<string, unknown> = {};
  for (const { family } of storage.offers()) {
    if (wanted !== null && wanted !== family.name) continue;
    if (limit >= 0 && Object.keys(result).length >= limit) break;
    result[family.name] ??= [{ type: family.type, help: family.help, unit: '' }];
  }
  return result;
}

function parameterOf({ path }: Request): string {
  return path.includes('/query') ? 'query' : 'match[]';
}
