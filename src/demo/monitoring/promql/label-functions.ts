import { ExecutionError } from './errors.js';
import type { Labels } from './labels.js';
import { anchored } from './parse-selector.js';
import type { Vector } from './value.js';

/**
 * One call of label_replace or label_join; remembers which labels become which. A range query asks at every step, and whoever groups the result knows it again only by its identity.
 */
export class Relabelling {
  readonly #known = new Map<Labels, Labels>();
  readonly #change: (labels: Labels) => Labels;

  constructor(name: 'label_replace' | 'label_join', strings: readonly string[]) {
    this.#change = name === 'label_replace' ? replacement(strings) : joining(strings);
  }

  evaluate(vector: Vector): Vector {
    return vector.map((sample) => {
      const labels = this.#changed(sample.labels);
      return labels === sample.labels ? sample : { ...sample, labels };
    });
  }

  #changed(labels: Labels): Labels {
    const known = this.#known.get(labels);
    if (known !== undefined) return known;
    const changed = this.#change(labels);
    this.#known.set(labels, changed);
    return changed;
  }
}

/** label_replace(v, target, replacement, source, regex). */
function replacement([target = '', template = '', source = '', pattern = '']: readonly string[]): (labels: Labels) => Labels {
  const regex = compiled(pattern);
  requireLabelName(target, 'label_replace');
  return (labels) => {
    const found = regex.exec(labels.get(source));
    return found === null ? labels : labels.with(target, expanded(template, found));
  };
}

/** label_join(v, target, separator, sources…). */
function joining([target = '', separator = '', ...sources]: readonly string[]): (labels: Labels) => Labels {
  requireLabelName(target, 'label_join');
  return (labels) => labels.with(target, sources.map((source) => labels.get(source)).join(separator));
}

/** sort_by_label and sort_by_label_desc: in natural order, so that node-2 comes before node-10. */
export function sortByLabels(vector: Vector, names: readonly string[], descending: boolean): Vector {
  const direction = descending ? -1 : 1;
  return [...vector].sort((a, b) => {
    for (const name of names) {
      const order = a.labels.get(name).localeCompare(b.labels.get(name), 'en', { numeric: true });
      if (order !== 0) return direction * order;
    }
    return direction * (a.labels.key < b.labels.key ? -1 : 1);
  });
}

function compiled(pattern: string): RegExp {
  try {
    return anchored(pattern);
  } catch {
    throw new ExecutionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

function requireLabelName(name: string, where: string): void {
  if (name === '') throw new ExecutionError(`invalid destination label name in ${where}(): ${name}`);
}

/** Go's Expand: `$1`, `${1}`, `$name`, `$$`. */
function expanded(template: string, found: RegExpExecArray): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare, braced) => {
    if (whole === '$$') return '$';
    const name = String(bare ?? braced);
    return (/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? '';
  });
}
