import { at, isObject, list } from './json.js';

/** Whether a label selector (matchLabels, matchExpressions) selects labels; one that says nothing selects all. */
export function selects(selector: unknown, labels: ReadonlyMap<string, string>): boolean {
  const matchLabels = at(selector, 'matchLabels');
  const equal = Object.entries(isObject(matchLabels) ? matchLabels : {}).every(([key, wanted]) => labels.get(key) === wanted);
  return equal && list(at(selector, 'matchExpressions')).every((expression) => fits(expression, labels));
}

/** One requirement of a label or node selector: `{key, operator, values}`. Node selectors also know Gt and Lt. */
export function fits(expression: unknown, labels: ReadonlyMap<string, string>): boolean {
  const own = labels.get(String(at(expression, 'key')));
  const values = list(at(expression, 'values'));
  switch (at(expression, 'operator')) {
    case 'In':
      return own !== undefined && values.includes(own);
    case 'NotIn':
      return own === undefined || !values.includes(own);
    case 'Exists':
      return own !== undefined;
    case 'DoesNotExist':
      return own === undefined;
    case 'Gt':
      return own !== undefined && Number(own) > Number(values[0]);
    case 'Lt':
      return own !== undefined && Number(own) < Number(values[0]);
    default:
      return false;
  }
}
