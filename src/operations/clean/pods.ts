import type { Operation } from '../operation.js';
import { planCleanUp } from './pods-plan.js';
import { parseSelection } from './pods-selection.js';

/** Clears ended pods that only lie about, chosen by reason, namespace, owner, node, group, age and how many to keep. */
export const cleanPods: Operation = {
  id: 'clean-pods',
  title: 'delete ended pods',
  plan: async (input, world) => planCleanUp({ id: 'clean-pods', input }, parseSelection(input), world),
};
