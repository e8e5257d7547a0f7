import { count } from '../text/amount.js';
import type { Observation } from './check.js';

/** No check reports more objects than this one by one: the reader needs the first few and the number. */
const limit = 25;

/**
 * The observations of many like objects: each of the first few, and one for all the rest, which counts as explained only when
 * every one of them is (`explainedBy` says by what). `noun` is their plural: "pods".
 */
export function mostTelling<T>(items: readonly T[], noun: string, observe: (item: T) => Observation, explainedBy: (item: T) => Groups): readonly Observation[] {
  const shown = items.slice(0, items.length <= limit ? limit : limit - 1).map(observe);
  const rest = items.slice(shown.length);
  const [first] = shown;
  if (rest.length === 0 || first === undefined) return shown;
  const groups = rest.flatMap((item) => orUnexplained(explainedBy(item)));
  const { detail: _, ...like } = first;
  return [...shown, { ...like, object: 'cluster', message: `${count(rest.length)} more ${noun} like these`, fix: null, explains: [], explainedBy: groups }];
}

type Groups = readonly (readonly string[])[];

/** What nothing explains must not be lost among what something does: an empty group is never explained. */
function orUnexplained(groups: Groups): Groups {
  return groups.length === 0 ? [[]] : groups;
}
