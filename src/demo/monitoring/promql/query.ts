import { ExecutionError } from './errors.js';
import { type EvaluationRange, Evaluator } from './evaluator.js';
import type { Expression } from './expression.js';
import type { Labels } from './labels.js';
import type { SampleStorage } from './storage.js';
import { formatValue, type QueryResult } from './value.js';

/** The value of an expression at one moment (seconds); throws ExecutionError. */
export function queryInstant(expression: Expression, storage: SampleStorage, time: number): QueryResult {
  const evaluator = new Evaluator(storage, { start: time, end: time, step: 1 });
  if (expression.type === 'matrix' || expression.type === 'subquery') return { resultType: 'matrix', series: rawSamples(evaluator, expression, time) };
  const value = evaluator.value(expression, time);
  if (typeof value === 'number') return { resultType: 'scalar', time, value: formatValue(value) };
  if (typeof value === 'string') return { resultType: 'string', time, value };
  const seen = new Set<string>();
  for (const { labels } of value) refuseTwice(seen, labels);
  return { resultType: 'vector', time, samples: value };
}

/** The values of an expression at start, start + step, … up to end (seconds), sorted by labels; throws ExecutionError. */
export function queryRange(expression: Expression, storage: SampleStorage, range: EvaluationRange): QueryResult {
  const evaluator = new Evaluator(storage, range);
  const series = new Map<string, { labels: Labels; points: [number, number][] }>();
  const steps = Math.floor((range.end - range.start) / range.step + 1e-9);
  for (let index = 0; index <= steps; index++) {
    const time = range.start + index * range.step;
    const value = evaluator.value(expression, time);
    if (typeof value === 'string') throw new ExecutionError('invalid expression type "string" for range query, must be Scalar or instant Vector');
    if (typeof value === 'number') add(series, noLabels, time, value);
    else for (const sample of value) add(series, sample.labels, time, sample.value);
  }
  const sorted = [...series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return { resultType: 'matrix', series: sorted };
}

const noLabels = Evaluator.noLabels;

function add(series: Map<string, { labels: Labels; points: [number, number][] }>, labels: Labels, time: number, value: number): void {
  const known = series.get(labels.key);
  if (known === undefined) {
    series.set(labels.key, { labels, points: [[time, value]] });
    return;
  }
  if (known.points.at(-1)?.[0] === time) throw duplicate();
  known.points.push([time, value]);
}

function refuseTwice(seen: Set<string>, labels: Labels): void {
  if (seen.has(labels.key)) throw duplicate();
  seen.add(labels.key);
}

function duplicate(): ExecutionError {
  return new ExecutionError('vector cannot contain metrics with the same labelset');
}

function rawSamples(evaluator: Evaluator, expression: Extract<Expression, { type: 'matrix' | 'subquery' }>, time: number) {
  return evaluator.windows(expression, time).map(({ labels, times, values, first, end }) => {
    const points: [number, number][] = [];
    for (let index = first; index < end; index++) points.push([times[index] ?? 0, values[index] ?? Number.NaN]);
    return { labels, points };
  });
}
