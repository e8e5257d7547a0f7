import type { ClusterModel } from '../model/cluster-model.js';
import type { Family } from './family.js';
import { nodeStateFamilies } from './node-state.js';
import { podStateFamilies } from './pod-state.js';
import { workloadStateFamilies } from './workload-state.js';

/** What kube-state-metrics 2.20 tells of the objects in the store: gauges that hold the present state from an object's creation on. */
export function kubeStateFamilies(model: ClusterModel): Family[] {
  const { store } = model.world;
  return [...nodeStateFamilies(model), ...podStateFamilies(store), ...workloadStateFamilies(model)];
}
