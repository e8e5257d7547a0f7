import { planCleanUp } from '../clean/pods-plan.js';
import { parseSelection } from '../clean/pods-selection.js';
import type { Operation } from '../operation.js';

/** Clears the pods that failed for one reason and only lie about: evicted ones, and those the kubelet refused while devices were missing. */
export const deleteEndedPods: Operation = {
  id: 'delete-ended-pods',
  title: 'delete the failed pods of one reason',
  async plan({ reason = '' }, world) {
    if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(reason))
      throw new Error(reason === '' ? 'delete-ended-pods needs to know the reason' : `"${reason}" is no reason of a pod`);
    return planCleanUp({ id: 'delete-ended-pods', input: { reason } }, parseSelection({ reasons: reason }), world);
  },
};
