import { ExecutionError } from './errors.js';
import type { BinaryOperation } from './expression.js';
import type { Labels } from './labels.js';
import type { Sample, Vector } from './value.js';

type Operand = number | Vector;

/** One binary operation; remembers the match signature and the result's labels of each series. */
export class BinaryEvaluator {
  readonly #node: BinaryOperation;
  readonly #signatures = new Map<Labels, string>();
  readonly #results = new Map<Labels, { one: Labels; labels: Labels }>();

  constructor(node: BinaryOperation) {
    this.#node = node;
  }

  evaluate(left: Operand, right: Operand): Operand {
    if (typeof left === 'number') return typeof right === 'number' ? this.#scalars(left, right) : this.#withScalar(right, left, true);
    if (typeof right === 'number') return this.#withScalar(left, right, false);
    if (isSetOperator(this.#node.op)) return this.#set(left, right);
    return this.#vectors(left, right);
  }

  #scalars(left: number, right: number): number {
    const comparison = comparisons[this.#node.op];
    return comparison === undefined ? arithmetic(this.#node.op, left, right) : Number(comparison(left, right));
  }

  #withScalar(vector: Vector, scalar: number, swapped: boolean): Vector {
    const { op, bool } = this.#node;
    const comparison = comparisons[op];
    const result: Sample[] = [];
    for (const { labels, value } of vector) {
      const [a, b] = swapped ? [scalar, value] : [value, scalar];
      if (comparison === undefined) result.push({ labels: labels.nameless, value: arithmetic(op, a, b) });
      else if (bool) result.push({ labels: labels.nameless, value: Number(comparison(a, b)) });
      else if (comparison(a, b)) result.push({ labels, value });
    }
    return result;
  }

  #set(left: Vector, right: Vector): Vector {
    const { op } = this.#node;
    const signatures = new Set((op === 'or' ? left : right).map(({ labels }) => this.#signature(labels)));
    if (op === 'or') return [...left, ...right.filter(({ labels }) => !signatures.has(this.#signature(labels)))];
    return left.filter(({ labels }) => signatures.has(this.#signature(labels)) === (op === 'and'));
  }

  #vectors(left: Vector, right: Vector): Vector {
    const { op, bool, matching } = this.#node;
    const swapped = matching.card === 'one-to-many';
    const [many, one] = swapped ? [right, left] : [left, right];
    const oneBySignature = this.#index(one, swapped ? 'left' : 'right');
    const comparison = comparisons[op];
    const result: Sample[] = [];
    const used = new Set<string>();
    for (const sample of many) {
      const signature = this.#signature(sample.labels);
      const partner = oneBySignature.get(signature);
      if (partner === undefined) continue;
      const [a, b] = swapped ? [partner.value, sample.value] : [sample.value, partner.value];
      const keep = comparison === undefined || bool || comparison(a, b);
      if (!keep) continue;
      const value = comparison === undefined ? arithmetic(op, a, b) : bool ? Number(comparison(a, b)) : a;
      if (matching.card === 'one-to-one') {
        if (used.has(signature)) {
          throw new ExecutionError('multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)');
        }
        used.add(signature);
      }
      result.push({ labels: this.#resultLabels(sample.labels, partner.labels), value });
    }
    return result;
  }

  #index(one: Vector, side: string): Map<string, Sample> {
    const index = new Map<string, Sample>();
    for (const sample of one) {
      const signature = this.#signature(sample.labels);
      const twin = index.get(signature);
      if (twin !== undefined) {
        const { on, labels } = this.#node.matching;
        const group = on ? sample.labels.only(labels) : sample.labels.without(['__name__', ...labels]);
        throw new ExecutionError(
          `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${sample.labels}, ${twin.labels}];` +
            'many-to-many matching not allowed: matching labels must be unique on one side',
        );
      }
      index.set(signature, sample);
    }
    return index;
  }

  #signature(labels: Labels): string {
    const known = this.#signatures.get(labels);
    if (known !== undefined) return known;
    const { on, labels: names } = this.#node.matching;
    const signature = (on ? labels.only(names) : labels.without(['__name__', ...names])).key;
    this.#signatures.set(labels, signature);
    return signature;
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const known = this.#results.get(many);
    if (known !== undefined && known.one === one) return known.labels;
    const { matching, op, bool } = this.#node;
    // A filtering comparison gives back the left side's element with its name.
    let labels = comparisons[op] !== undefined && !bool ? many : many.nameless;
    if (matching.card === 'one-to-one') labels = matching.on ? labels.only(matching.labels) : labels.without(matching.labels);
    for (const name of matching.include) labels = labels.with(name, one.get(name));
    this.#results.set(many, { one, labels });
    return labels;
  }
}

function isSetOperator(op: string): boolean {
  return op === 'and' || op === 'or' || op === 'unless';
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function arithmetic(op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ** b;
    case 'atan2':
      return Math.atan2(a, b);
    default:
      throw new ExecutionError(`operator ${JSON.stringify(op)} is not supported`);
  }
}
