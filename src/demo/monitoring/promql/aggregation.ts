import { ExecutionError } from './errors.js';
import type { Aggregation } from './expression.js';
import { Labels } from './labels.js';
import { quantileOf } from './quantile.js';
import { formatValue, type Sample, type Vector } from './value.js';

/** One aggregation; remembers which series falls into which group. */
export class Aggregator {
  readonly #node: Aggregation;
  readonly #groupOf = new Map<Labels, Labels>();
  readonly #groups = new Map<string, Labels>();

  constructor(node: Aggregation) {
    this.#node = node;
  }

  /** `parameter` is k of topk, the quantile, or the label of count_values. */
  evaluate(vector: Vector, parameter: number | string): Vector {
    const groups = new Map<Labels, Sample[]>();
    for (const sample of vector) {
      const group = this.#group(sample.labels);
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [sample]);
      else members.push(sample);
    }
    const result: Sample[] = [];
    for (const [labels, members] of groups) result.push(...this.#combine(labels, members, parameter));
    return result;
  }

  #combine(labels: Labels, members: readonly Sample[], parameter: number | string): readonly Sample[] {
    const { op } = this.#node;
    const number = Number(parameter);
    const simple = reducers[op];
    if (simple !== undefined) return [{ labels, value: simple(members) }];
    switch (op) {
      case 'quantile':
        return [
          {
            labels,
            value: quantileOf(
              number,
              members.map(({ value }) => value),
            ),
          },
        ];
      case 'topk':
        return ranked(members, (a, b) => b - a).slice(0, Math.max(0, Math.trunc(number)));
      case 'bottomk':
        return ranked(members, (a, b) => a - b).slice(0, Math.max(0, Math.trunc(number)));
      case 'limitk':
        return members.slice(0, Math.max(0, Math.trunc(number)));
      case 'count_values':
        return countValues(labels, members, String(parameter));
      default:
        throw new ExecutionError(`aggregation ${JSON.stringify(op)} is not supported`);
    }
  }

  #group(labels: Labels): Labels {
    const { grouping, without } = this.#node;
    if (!without && grouping.length === 0) return everything;
    const known = this.#groupOf.get(labels);
    if (known !== undefined) return known;
    const own = without ? labels.without(['__name__', ...grouping]) : labels.only(grouping);
    const group = this.#groups.get(own.key) ?? own;
    this.#groups.set(group.key, group);
    this.#groupOf.set(labels, group);
    return group;
  }
}

const everything = new Labels([]);

const reducers: Readonly<Record<string, (members: readonly Sample[]) => number>> = {
  sum,
  avg: (members) => sum(members) / members.length,
  min: (members) => best(members, (value, least) => value < least),
  max: (members) => best(members, (value, most) => value > most),
  count: (members) => members.length,
  group: () => 1,
  stddev: (members) => Math.sqrt(variance(members)),
  stdvar: variance,
};

function sum(members: readonly Sample[]): number {
  let total = 0;
  for (const { value } of members) total += value;
  return total;
}

function best(members: readonly Sample[], better: (value: number, than: number) => boolean): number {
  let found = Number.NaN;
  for (const { value } of members) if (Number.isNaN(found) || better(value, found)) found = value;
  return found;
}

function variance(members: readonly Sample[]): number {
  const mean = sum(members) / members.length;
  return members.reduce((total, { value }) => total + (value - mean) ** 2, 0) / members.length;
}

function ranked(members: readonly Sample[], order: (a: number, b: number) => number): Sample[] {
  return [...members].sort((a, b) => (Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : order(a.value, b.value)));
}

function countValues(labels: Labels, members: readonly Sample[], label: string): Sample[] {
  const counts = new Map<string, number>();
  for (const { value } of members) counts.set(formatValue(value), (counts.get(formatValue(value)) ?? 0) + 1);
  return [...counts].map(([text, value]) => ({ labels: labels.with(label, text), value }));
}
