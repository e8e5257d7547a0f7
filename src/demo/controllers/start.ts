import { startApiServices } from './api-services.js';
import { startDaemonSets } from './daemon-sets.js';
import { startDeployments } from './deployments.js';
import { startDisruptionBudgets } from './disruption-budgets.js';
import { startGarbageCollector } from './garbage-collector.js';
import { startJobs } from './jobs.js';
import { type StartSeconds, startKubelets } from './kubelet.js';
import { startNamespaces } from './namespaces.js';
import { startNodeTaints } from './node-taints.js';
import { type NodeLife, startNodes } from './nodes.js';
import { startReplicaSets } from './replica-sets.js';
import { startResourceQuotas } from './resource-quotas.js';
import { startScheduler } from './scheduler.js';
import { startSigningRequests } from './signing-requests.js';
import { startStatefulSets } from './stateful-sets.js';
import { type Systems, type SystemsSurroundings, startSystems } from './systems.js';
import { startVolumes } from './volumes.js';
import type { World } from './world.js';

export interface ControllerOptions extends SystemsSurroundings {
  /** PEM of the cluster's CA, for each namespace's kube-root-ca.crt. */
  readonly certificateAuthority: string;
  readonly startSeconds: StartSeconds;
}

/** Starts what a control plane and the kubelets do behind the API. They only hear of changes from now on. Endpoints have a start of their own. */
export function startControllers(world: World, options: ControllerOptions): { readonly nodes: NodeLife; readonly systems: Systems; stop(): void } {
  const kubelets = startKubelets(world, options.startSeconds);
  const nodes = startNodes(world, kubelets);
  const stops = [
    ...startNamespaces(world, options.certificateAuthority),
    ...startDeployments(world),
    ...startReplicaSets(world),
    ...startDaemonSets(world),
    ...startStatefulSets(world),
    ...startJobs(world),
    ...startScheduler(world),
    ...startVolumes(world),
    ...startResourceQuotas(world),
    ...startDisruptionBudgets(world),
    ...startNodeTaints(world),
    ...startGarbageCollector(world),
    ...startApiServices(world),
    ...startSigningRequests(world),
    ...nodes.stops,
  ];
  return {
    nodes,
    systems: startSystems(world, nodes, kubelets, options),
    stop() {
      for (const stop of stops) stop();
      kubelets.stop();
    },
  };
}
