import type { ClusterModel } from './cluster-model.js';
import type { NodeRecord } from './node-record.js';
import { type Noise, noise } from './noise.js';
import type { PodRecord } from './pod-record.js';
import { appOfServer, loadOf, servicesOf } from './service-model.js';
import { mapSteps, type Steps, totalOf } from './steps.js';

/** How a node is used over time. */
export interface NodeLoad {
  /** Busy share of its processors, 0 to below 1. */
  readonly cpu: Steps<number>;
  readonly cpuNoise: Noise;
  /** Bytes in use. */
  readonly memory: Steps<number>;
  readonly memoryNoise: Noise;
  /** Requests per second that its inference pods answer. */
  readonly requests: Steps<number>;
}

/** The load of a node from the pods that ran on it; derived anew when the cluster has changed. */
export function nodeLoadOf(model: ClusterModel, node: NodeRecord): NodeLoad {
  let cache = derived.get(model);
  if (cache?.version !== model.version) {
    cache = { version: model.version, loads: loadsOf(model) };
    derived.set(model, cache);
  }
  return cache.loads.get(node.name) ?? loadOfPods(model, node, []);
}

/** Cores that a pod uses on average while it runs. */
export function coresOf(model: ClusterModel, pod: PodRecord): number {
  const app = appOfServer(pod);
  const service = app === null ? undefined : servicesOf(model).get(app);
  if (service !== undefined) return service.profile.cores;
  const requested = pod.containers.reduce((sum, { cpu }) => sum + cpu, 0);
  return pod.gpuCount > 0 ? 2 + pod.gpuCount : 0.01 + requested * 0.22;
}

/** Bytes that a pod keeps in memory while it runs. */
export function memoryOf(pod: PodRecord): number {
  const requested = pod.containers.reduce((sum, { memory }) => sum + memory, 0);
  return requested > 0 ? requested * 0.62 : 48 * 2 ** 20 * pod.containers.length;
}

const derived = new WeakMap<ClusterModel, { version: number; loads: ReadonlyMap<string, NodeLoad> }>();

function loadsOf(model: ClusterModel): Map<string, NodeLoad> {
  const byNode = new Map<string, PodRecord[]>();
  for (const pod of model.podsEver()) {
    if (pod.node === null || pod.running.length === 0) continue;
    const pods = byNode.get(pod.node);
    if (pods === undefined) byNode.set(pod.node, [pod]);
    else pods.push(pod);
  }
  const loads = new Map<string, NodeLoad>();
  for (const node of model.nodes()) loads.set(node.name, loadOfPods(model, node, byNode.get(node.name) ?? []));
  return loads;
}

function loadOfPods(model: ClusterModel, node: NodeRecord, pods: readonly PodRecord[]): NodeLoad {
  const weighted = (weight: (pod: PodRecord) => number): Steps<number> => totalOf(pods.map((pod) => ({ spans: pod.running, weight: weight(pod) })));
  const system = 0.02 + 0.5 / node.cores;
  return {
    // However much is asked for, the noise on top must not pass the machine's whole time.
    cpu: mapSteps(coarse(weighted((pod) => coresOf(model, pod))), (cores) => 0.72 * (1 - Math.exp(-(system + cores / node.cores) / 0.72))),
    cpuNoise: noise(`${node.name}/cpu`, 0.25),
    memory: mapSteps(coarse(weighted(memoryOf)), (bytes) => Math.min(0.86 * node.memory, 2.6 * 2 ** 30 + 0.02 * node.memory + bytes)),
    memoryNoise: noise(`${node.name}/memory`, 0.06),
    requests: weighted((pod) => requestsOf(model, pod)),
  };
}

function requestsOf(model: ClusterModel, pod: PodRecord): number {
  const app = appOfServer(pod);
  const service = app === null ? undefined : servicesOf(model).get(app);
  return service === undefined ? 0 : (service.profile.demand * loadOf(service, service.replicas.at(-1)?.value ?? 0)) / service.profile.load;
}

/** Without the steps that nobody would see: thousands of small pods come and go. */
function coarse(steps: Steps<number>): Steps<number> {
  const kept: { from: number; value: number }[] = [];
  for (const step of steps) {
    const last = kept.at(-1);
    if (last === undefined || Math.abs(step.value - last.value) > 0.01 * Math.max(last.value, 1e-9)) kept.push({ ...step });
  }
  return kept;
}
