import { Aggregator } from './aggregation.js';
import { BinaryEvaluator } from './binary.js';
import { elementFunctions } from './element-functions.js';
import { ExecutionError } from './errors.js';
import type { Aggregation, BinaryOperation, Expression, Selector, Shift } from './expression.js';
import { HistogramQuantile } from './histogram-quantile.js';
import { Relabelling, sortByLabels } from './label-functions.js';
import { Labels } from './labels.js';
import { keepsName, type RangeFunction, rangeFunctions } from './range-functions.js';
import type { SampleStorage, StoredSeries } from './storage.js';
import type { Sample, Vector, Window } from './value.js';

/** The moments a query is evaluated at, in seconds. */
export interface EvaluationRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

type Value = number | string | Vector;
type Call = Extract<Expression, { type: 'call' }>;
type Ranged = Extract<Expression, { type: 'matrix' | 'subquery' }>;

// How long an instant selector goes back for a sample (--query.lookback-delta).
const lookback = 300;

/**
 * Evaluates one expression at the moments of one range. Samples are fetched once per selector for the whole range; what depends
 * on labels alone (groups, match signatures) is remembered between the steps.
 */
export class Evaluator {
  static readonly noLabels = new Labels([]);

  readonly #storage: SampleStorage;
  readonly #range: EvaluationRange;
  readonly #query: EvaluationRange;
  readonly #fetched = new Map<Expression, readonly StoredSeries[]>();
  readonly #aggregators = new Map<Aggregation, Aggregator>();
  readonly #operators = new Map<BinaryOperation, BinaryEvaluator>();
  readonly #relabellings = new Map<Call, Relabelling>();
  readonly #quantiles = new Map<Call, HistogramQuantile>();
  readonly #inner = new Map<Expression, { evaluator: Evaluator; values: Map<number, Vector> }>();

  /** `query` is the range of the whole query, which `@ start()` and `@ end()` mean inside a subquery too. */
  constructor(storage: SampleStorage, range: EvaluationRange, query: EvaluationRange = range) {
    this.#storage = storage;
    this.#range = range;
    this.#query = query;
  }

  value(expression: Expression, time: number): Value {
    switch (expression.type) {
      case 'number':
      case 'string':
        return expression.value;
      case 'selector':
        return this.#instant(expression, time);
      case 'matrix':
      case 'subquery':
        throw new ExecutionError('invalid expression type "range vector" for range query, must be Scalar or instant Vector');
      case 'negation':
        return negated(this.value(expression.inner, time));
      case 'call':
        return this.#call(expression, time);
      case 'aggregation':
        return this.#aggregate(expression, time);
      case 'binary':
        return this.#binary(expression, time);
    }
  }

  /** The samples of a range vector seen from `time`; series without any are left out. */
  windows(expression: Ranged, time: number): Window[] {
    return expression.type === 'matrix' ? this.#matrix(expression, time) : this.#subquery(expression, time);
  }

  #call(call: Call, time: number): Value {
    const over = rangeFunctions[call.name];
    if (over !== undefined) return this.#overRange(call, over, time);
    const numbers = (from: number): number[] => call.args.slice(from).map((argument) => this.#scalar(argument, time));
    const strings = (): string[] => call.args.slice(1).map((argument) => (argument.type === 'string' ? argument.value : ''));
    const vector = (index: number): Vector => this.#vector(call.args[index], time);
    const element = elementFunctions[call.name];
    if (element !== undefined) {
      const input = call.args.length === 0 ? [{ labels: Evaluator.noLabels, value: time }] : vector(0);
      const parameters = numbers(1);
      return input.map((sample) => ({ labels: sample.labels.nameless, value: element(sample.value, parameters) }));
    }
    switch (call.name) {
      case 'time':
        return time;
      case 'pi':
        return Math.PI;
      case 'scalar': {
        const [only, more] = vector(0);
        return only !== undefined && more === undefined ? only.value : Number.NaN;
      }
      case 'vector':
        return [{ labels: Evaluator.noLabels, value: this.#scalar(call.args[0], time) }];
      case 'timestamp':
        return vector(0).map((sample) => ({ labels: sample.labels.nameless, value: sample.time ?? time }));
      case 'sort':
        return [...vector(0)].sort((a, b) => ascending(a.value, b.value));
      case 'sort_desc':
        return [...vector(0)].sort((a, b) => (Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : b.value - a.value));
      case 'sort_by_label':
      case 'sort_by_label_desc':
        return sortByLabels(vector(0), strings(), call.name.endsWith('desc'));
      case 'absent':
        return vector(0).length > 0 ? [] : [{ labels: equalityLabels(call.args[0]), value: 1 }];
      case 'absent_over_time':
        return this.windows(ranged(call.args[0]), time).length > 0 ? [] : [{ labels: equalityLabels(call.args[0]), value: 1 }];
      case 'label_replace':
      case 'label_join': {
        const relabelling = this.#relabellings.get(call) ?? new Relabelling(call.name, strings());
        this.#relabellings.set(call, relabelling);
        return relabelling.evaluate(vector(0));
      }
      case 'histogram_quantile': {
        const quantile = this.#quantiles.get(call) ?? new HistogramQuantile();
        this.#quantiles.set(call, quantile);
        return quantile.evaluate(this.#scalar(call.args[0], time), vector(1));
      }
      default:
        throw new ExecutionError(`function ${JSON.stringify(call.name)} is not supported`);
    }
  }

  #overRange(call: Call, over: RangeFunction, time: number): Vector {
    const expression = ranged(call.args.find((argument) => argument.type === 'matrix' || argument.type === 'subquery'));
    const parameters = call.args.filter((argument) => argument !== expression).map((argument) => this.#scalar(argument, time));
    const { offset } = shiftOf(expression);
    const end = this.#anchor(shiftOf(expression), time) - offset;
    const samples: Sample[] = [];
    for (const window of this.windows(expression, time)) {
      const value = over(window, { start: end - expression.range, end, time }, parameters);
      if (value !== null) samples.push({ labels: keepsName.has(call.name) ? window.labels : window.labels.nameless, value });
    }
    return samples;
  }

  #aggregate(node: Aggregation, time: number): Vector {
    const aggregator = this.#aggregators.get(node) ?? new Aggregator(node);
    this.#aggregators.set(node, aggregator);
    const parameter = node.parameter === null ? Number.NaN : this.value(node.parameter, time);
    return aggregator.evaluate(this.#vector(node.inner, time), typeof parameter === 'object' ? Number.NaN : parameter);
  }

  #binary(node: BinaryOperation, time: number): Value {
    const operator = this.#operators.get(node) ?? new BinaryEvaluator(node);
    this.#operators.set(node, operator);
    const left = this.value(node.left, time);
    const right = this.value(node.right, time);
    if (typeof left === 'string' || typeof right === 'string') throw new ExecutionError('binary expression must contain only scalar and instant vector types');
    return operator.evaluate(left, right);
  }

  #instant(selector: Selector, time: number): Vector {
    const when = this.#anchor(selector.shift, time) - selector.shift.offset;
    const samples: Sample[] = [];
    for (const series of this.#fetch(selector, lookback, true)) {
      const index = lastAtOrBefore(series.times, when);
      const taken = series.times[index];
      if (taken === undefined || taken <= when - lookback || series.stale?.[index] === 1) continue;
      samples.push({ labels: series.labels, value: series.values[index] ?? Number.NaN, time: taken });
    }
    return samples;
  }

  #matrix(expression: Extract<Expression, { type: 'matrix' }>, time: number): Window[] {
    const { selector, range } = expression;
    const to = this.#anchor(selector.shift, time) - selector.shift.offset;
    const windows: Window[] = [];
    for (const { labels, times, values } of this.#fetch(selector, range, false)) {
      const first = lastAtOrBefore(times, to - range) + 1;
      const end = lastAtOrBefore(times, to) + 1;
      if (end > first) windows.push({ labels, times, values, first, end });
    }
    return windows;
  }

  #subquery(expression: Extract<Expression, { type: 'subquery' }>, time: number): Window[] {
    const step = expression.step ?? 60;
    const to = this.#anchor(expression.shift, time) - expression.shift.offset;
    const { evaluator, values } = this.#innerOf(expression, step);
    const collected = new Map<string, { labels: Labels; times: number[]; values: number[] }>();
    // Subqueries are evaluated at multiples of their step, whatever the query's own moments.
    for (let at = (Math.floor((to - expression.range) / step) + 1) * step; at <= to; at += step) {
      const vector = values.get(at) ?? asVector(evaluator.value(expression.inner, at));
      values.set(at, vector);
      for (const { labels, value } of vector) {
        const series = collected.get(labels.key) ?? { labels, times: [], values: [] };
        collected.set(labels.key, series);
        series.times.push(at);
        series.values.push(value);
      }
    }
    return [...collected.values()].map((series) => ({ ...series, first: 0, end: series.times.length }));
  }

  #innerOf(expression: Extract<Expression, { type: 'subquery' }>, step: number) {
    const { shift, range } = expression;
    const known = this.#inner.get(expression);
    if (known !== undefined) return known;
    const bounds = {
      start: this.#anchor(shift, this.#range.start) - shift.offset - range,
      end: this.#anchor(shift, this.#range.end) - shift.offset,
      step,
    };
    const fresh = { evaluator: new Evaluator(this.#storage, bounds, this.#query), values: new Map<number, Vector>() };
    this.#inner.set(expression, fresh);
    return fresh;
  }

  #fetch(selector: Selector, reach: number, instant: boolean): readonly StoredSeries[] {
    const known = this.#fetched.get(selector);
    if (known !== undefined) return known;
    const from = this.#anchor(selector.shift, this.#range.start) - selector.shift.offset - reach;
    const to = this.#anchor(selector.shift, this.#range.end) - selector.shift.offset;
    const newestOnly = instant && (this.#range.start === this.#range.end || selector.shift.at !== null);
    const stored = this.#storage.select(selector.matchers, from, to, newestOnly);
    const fetched = instant ? stored : stored.map(withoutStale);
    this.#fetched.set(selector, fetched);
    return fetched;
  }

  #anchor({ at }: Shift, time: number): number {
    if (at === null) return time;
    return at === 'start' ? this.#query.start : at === 'end' ? this.#query.end : at;
  }

  #scalar(expression: Expression | undefined, time: number): number {
    const value = expression === undefined ? Number.NaN : this.value(expression, time);
    return typeof value === 'number' ? value : Number.NaN;
  }

  #vector(expression: Expression | undefined, time: number): Vector {
    return expression === undefined ? [] : asVector(this.value(expression, time));
  }
}

function asVector(value: Value): Vector {
  if (typeof value === 'number') return [{ labels: Evaluator.noLabels, value }];
  return typeof value === 'string' ? [] : value;
}

function negated(value: Value): Value {
  if (typeof value === 'number') return -value;
  return asVector(value).map((sample) => ({ labels: sample.labels.nameless, value: -sample.value }));
}

function ranged(expression: Expression | undefined): Ranged {
  if (expression?.type === 'matrix' || expression?.type === 'subquery') return expression;
  throw new ExecutionError('expected type range vector');
}

function shiftOf(expression: Ranged): Shift {
  return expression.type === 'matrix' ? expression.selector.shift : expression.shift;
}

/** The labels that absent() can tell: those the selector fixes with `=`, once. */
function equalityLabels(expression: Expression | undefined): Labels {
  const selector = expression?.type === 'matrix' ? expression.selector : expression;
  if (selector?.type !== 'selector') return Evaluator.noLabels;
  const once = selector.matchers.filter(
    ({ label, op }) => label !== '__name__' && op === '=' && selector.matchers.filter((other) => other.label === label).length === 1,
  );
  return Labels.of(Object.fromEntries(once.map(({ label, value }) => [label, value])));
}

function ascending(a: number, b: number): number {
  return Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b;
}

/** Index of the last time at or before `time`, -1 without one. */
function lastAtOrBefore(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Number.POSITIVE_INFINITY) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Ranges see the samples on both sides of a gap, not the mark between them. */
function withoutStale(series: StoredSeries): StoredSeries {
  const { stale } = series;
  if (stale === null) return series;
  const alive = (_: number, index: number): boolean => stale[index] !== 1;
  return { labels: series.labels, times: Array.from(series.times).filter(alive), values: Array.from(series.values).filter(alive), stale: null };
}
