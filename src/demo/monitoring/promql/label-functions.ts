import { ExecutionError } from './errors.js';
import { anchored } from './parse-selector.js';
import type { Vector } from './value.js';

/** label_replace(v, target, replacement, source, regex). */
export function replaceLabel(vector: Vector, [target = '', replacement = '', source = '', pattern = '']: readonly string[]): Vector {
  const regex = compiled(pattern);
  requireLabelName(target, 'label_replace');
  return vector.map((sample) => {
    const found = regex.exec(sample.labels.get(source));
    return found === null ? sample : { ...sample, labels: sample.labels.with(target, expanded(replacement, found)) };
  });
}

/** label_join(v, target, separator, sources…). */
export function joinLabels(vector: Vector, [target = '', separator = '', ...sources]: readonly string[]): Vector {
  requireLabelName(target, 'label_join');
  return vector.map((sample) => ({ ...sample, labels: sample.labels.with(target, sources.map((source) => sample.labels.get(source)).join(separator)) }));
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
