import { type Check, defineCheck } from './check.js';
import { gpuNodes } from './gpu-nodes.js';

/** A pod that computes something on a GPU is the last proof, and takes one away while it runs: only on demand. */
export const gpuPod: Check = defineCheck({
  id: 'gpu-pod',
  title: 'a pod computes on a GPU',
  severity: 'critical',
  look(sight) {
    const message =
      sight.peek('nodes') !== null && gpuNodes(sight).length === 0 ? 'no GPU nodes here' : 'only on demand: it takes a GPU for as long as it runs';
    return [{ object: 'cluster', status: 'skipped', message }];
  },
});
