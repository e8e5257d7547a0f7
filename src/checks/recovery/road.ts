import { apiServer, gpusRegistered, nodeReady, targetsUp } from './cluster-steps.js';
import { machineSteps } from './machine-steps.js';
import { devicePluginRuns, dns, exporters, podNetwork, workloadsReady } from './pod-steps.js';
import type { Step } from './step.js';

/** Every step of a node's way back, in the order in which they usually come; what each truly waits for is in its `needs`. */
export const road: readonly Step[] = [
  ...machineSteps,
  apiServer,
  nodeReady,
  podNetwork,
  dns,
  devicePluginRuns,
  gpusRegistered,
  exporters,
  targetsUp,
  workloadsReady,
];
