import { badRequest } from './api-error.js';
import { at, listAt, stringsAt, textAt } from './json.js';
import type { KubeObject } from './object-store.js';

export type Matcher = (object: KubeObject) => boolean;

/** A label selector of a query (`app=a,tier in (x, y),!gone,old`); throws ApiError 400 for what cannot be parsed. Null matches all. */
export function parseLabelSelector(text: string): Matcher | null {
  const tests = splitOutsideParentheses(text).map(labelTest);
  if (tests.length === 0) return null;
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

function labelTest(requirement: string): LabelTest {
  const set = /^(?<key>\S+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$/.exec(requirement)?.groups;
  if (set !== undefined) {
    const values = new Set((set['values'] ?? '').split(',').map((value) => value.trim()));
    const key = labelKey(set['key'] ?? '', requirement);
    return set['operator'] === 'in' ? (labels) => hasOneOf(labels, key, values) : (labels) => !hasOneOf(labels, key, values);
  }
  const compared = /^(?<key>[^\s=!<>()]+)\s*(?<operator>==|=|!=|>|<)\s*(?<value>[^\s=!<>()]*)$/.exec(requirement)?.groups;
  if (compared !== undefined) return comparison(labelKey(compared['key'] ?? '', requirement), compared['operator'] ?? '', compared['value'] ?? '', requirement);
  const absent = /^!\s*(?<key>[^\s=!<>()]+)$/.exec(requirement)?.groups;
  if (absent !== undefined) {
    const key = labelKey(absent['key'] ?? '', requirement);
    return (labels) => labels[key] === undefined;
  }
  const key = labelKey(requirement, requirement);
  return (labels) => labels[key] !== undefined;
}

function comparison(key: string, operator: string, value: string, requirement: string): LabelTest {
  switch (operator) {
    case '!=':
      return (labels) => labels[key] !== value;
    case '>':
    case '<': {
      const bound = Number(value);
      if (!/^-?\d+$/.test(value)) throw unparsable(requirement);
      return (labels) => {
        const number = Number(labels[key] ?? 'none');
        return operator === '>' ? number > bound : number < bound;
      };
    }
    default:
      return (labels) => labels[key] === value;
  }
}

function hasOneOf(labels: Readonly<Record<string, string>>, key: string, values: ReadonlySet<string>): boolean {
  const value = labels[key];
  return value !== undefined && values.has(value);
}

const qualifiedName = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function labelKey(key: string, requirement: string): string {
  if (!qualifiedName.test(key)) throw unparsable(requirement);
  return key;
}

function unparsable(requirement: string): Error {
  return badRequest(`unable to parse requirement: found '${requirement}', expected: !, identifier, or 'end of string'`);
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  if (depth !== 0) throw unparsable(text);
  parts.push(part);
  return parts.map((each) => each.trim()).filter((each, _, all) => each !== '' || all.length > 1);
}

/** Which fields a resource can be selected by, and how to read them, beside `metadata.name` and `metadata.namespace`. */
export type SelectableFields = Readonly<Record<string, (object: KubeObject) => string>>;

export interface FieldSelector {
  readonly matches: Matcher;
  /** The one name asked for, where there is one: a list then is a look-up. */
  readonly name: string | null;
}

/**
 * A field selector (`status.phase!=Failed,spec.nodeName=gpu-1`); throws ApiError 400 with the server's own words for a field
 * that the resource does not have. Null matches all.
 */
export function parseFieldSelector(text: string, fields: SelectableFields): FieldSelector | null {
  if (text.trim() === '') return null;
  const terms = text.split(',').map((term) => fieldTerm(term, text));
  const tests = terms.map(({ field, equal, value }): Matcher => {
    const read = metadataFields[field] ?? fields[field];
    if (read === undefined) {
      throw badRequest(
        Object.keys(fields).length > 0
          ? `field label not supported: ${field}`
          : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    }
    return (object) => (read(object) === value) === equal;
  });
  return {
    matches: (object) => tests.every((test) => test(object)),
    name: terms.find(({ field, equal }) => field === 'metadata.name' && equal)?.value ?? null,
  };
}

const metadataFields: SelectableFields = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

function fieldTerm(term: string, whole: string): { field: string; equal: boolean; value: string } {
  const found = /^(?<field>[^=!]+)(?<operator>==|=|!=)(?<value>.*)$/s.exec(term.trim())?.groups;
  if (found === undefined) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  return { field: found['field'] ?? '', equal: found['operator'] !== '!=', value: (found['value'] ?? '').replace(/\\([,=\\])/g, '$1') };
}

/** Whether labels match a LabelSelector object (`matchLabels`, `matchExpressions`); an absent selector matches nothing, an empty one all. */
export function matchesLabelSelector(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (selector === undefined || selector === null) return false;
  const wanted = Object.entries(stringsAt(selector, 'matchLabels'));
  return wanted.every(([key, value]) => labels[key] === value) && listAt(selector, 'matchExpressions').every((each) => matchesExpression(each, labels));
}

function matchesExpression(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const key = textAt(expression, 'key');
  const values = new Set(listAt(expression, 'values').filter((value) => typeof value === 'string'));
  switch (at(expression, 'operator')) {
    case 'In':
      return hasOneOf(labels, key, values);
    case 'NotIn':
      return !hasOneOf(labels, key, values);
    case 'Exists':
      return labels[key] !== undefined;
    case 'DoesNotExist':
      return labels[key] === undefined;
    default:
      return false;
  }
}

/** A LabelSelector object in the form of a query, as the printers show it; `<none>` where it is empty. */
export function formatLabelSelector(selector: unknown): string {
  const equal = Object.entries(stringsAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`);
  const expressions = listAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key');
    const values = `(${listAt(expression, 'values').join(',')})`;
    switch (at(expression, 'operator')) {
      case 'In':
        return `${key} in ${values}`;
      case 'NotIn':
        return `${key} notin ${values}`;
      case 'Exists':
        return key;
      default:
        return `!${key}`;
    }
  });
  return [...equal, ...expressions].sort().join(',') || '<none>';
}
