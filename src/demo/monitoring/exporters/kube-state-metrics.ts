import type { ObjectStore } from '../../api/object-store.js';
import type { Family } from './family.js';
import { nodeStateFamilies } from './node-state.js';
import { podStateFamilies } from './pod-state.js';
import { workloadStateFamilies } from './workload-state.js';

/** What kube-state-metrics 2.20 tells of the objects in the store: gauges that hold the present state from an object's creation on. */
export function kubeStateFamilies(store: ObjectStore): Family[] {
  return [...nodeStateFamilies(store), ...podStateFamilies(store), ...workloadStateFamilies(store)];
}
