import type { Quantities } from '../../state/quantities.js';
import { clean } from '../../text/clean.js';
import { quantityOrNull } from '../../text/quantity.js';
import { isObject } from '../json.js';

/** A resource list such as status.capacity; amounts that are no quantities are left out. */
export function quantities(resources: unknown, wanted: (name: string) => boolean = () => true): Quantities {
  const amounts = new Map<string, number>();
  if (!isObject(resources)) return amounts;
  for (const [name, quantity] of Object.entries(resources)) {
    const amount = wanted(name) ? quantityOrNull(quantity) : null;
    if (amount !== null) amounts.set(clean(name), amount);
  }
  return amounts;
}
