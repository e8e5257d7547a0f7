import type { KubeObject } from '../api/object-store.js';
import { at, listAt, textAt } from '../fields.js';
import { matchesNode, preference, untolerated } from './node-fit.js';
import { byKey, keyOf, specOf, statusOf, withCondition } from './objects.js';
import { isActive, nodeOf, requestsOf } from './pod-state.js';
import { quantity } from './quantity.js';
import { unboundClaims, volumeElsewhere } from './volumes.js';
import { type WorkQueue, workQueue } from './work-queue.js';
import type { World } from './world.js';

/**
 * Binds pods to nodes: cordons, taints, selectors and affinity, every resource the nodes offer. A pod without a place gets the condition
 * and the event of the real scheduler, word by word, and is looked at again when something changes that may help.
 */
export function startScheduler(world: World): (() => void)[] {
  const waiting = new Set<string>();
  const queue: WorkQueue = workQueue(world, (key) => {
    const pod = byKey(world.store, 'pods', key);
    if (pod === null || nodeOf(pod) !== null || !isActive(pod)) waiting.delete(key);
    else if ((textAt(pod, 'spec', 'schedulerName') ?? 'default-scheduler') !== 'default-scheduler' || listAt(pod, 'spec', 'schedulingGates').length > 0) return;
    else if (schedule(world, pod)) waiting.delete(key);
    else waiting.add(key);
  });
  const retry = () => {
    for (const key of waiting) queue.add(key);
  };
  return [
    world.store.subscribe('pods', ({ type, object, previous }) => {
      if (type !== 'DELETED' && nodeOf(object) === null && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
      const freed = previous !== null && nodeOf(previous) !== null && isActive(previous) && (type === 'DELETED' || !isActive(object));
      if ((freed || (type === 'DELETED' && nodeOf(object) !== null)) && waiting.size > 0) retry();
    }),
    world.store.subscribe('nodes', ({ object, previous }) => {
      const same = previous !== null && specOf(previous) === specOf(object) && at(previous, 'status', 'allocatable') === at(object, 'status', 'allocatable');
      if (!same && waiting.size > 0) retry();
    }),
    world.store.subscribe('persistentvolumeclaims', () => {
      if (waiting.size > 0) retry();
    }),
  ];
}

/** Whether the pod found a place. */
function schedule(world: World, pod: KubeObject): boolean {
  const nodes = world.store.list('nodes');
  const spec = specOf(pod);
  const unbound = unboundClaims(world, pod);
  const refusals: Refusal[] = [];
  let best: { node: KubeObject; score: number } | null = null;
  for (const node of nodes) {
    const refusal = unbound ?? refuse(world, pod, spec, node);
    if (refusal !== null) refusals.push(refusal);
    else {
      const score = scoreOf(world, pod, spec, node);
      if (best === null || score > best.score) best = { node, score };
    }
  }
  if (best !== null) bind(world, pod, best.node.metadata.name);
  else turnDown(world, pod, nodes.length, refusals);
  return best !== null;
}

interface Refusal {
  readonly reasons: readonly string[];
  /** Whether evicting other pods could make room. */
  readonly preemptable: boolean;
  /** Whether it holds for all nodes alike. */
  readonly general?: boolean;
}

function refuse(world: World, pod: KubeObject, spec: unknown, node: KubeObject): Refusal | null {
  const tolerations = listAt(spec, 'tolerations');
  const cordon = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };
  const cordoned = at(node, 'spec', 'unschedulable') === true;
  if (cordoned && !tolerations.some((each) => textAt(each, 'key') === cordon.key || (textAt(each, 'key') === null && textAt(each, 'operator') === 'Exists'))) {
    return { reasons: ['node(s) were unschedulable'], preemptable: false };
  }
  const taint = untolerated(tolerations, node);
  if (taint !== null) return { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value}}`], preemptable: false };
  if (!matchesNode(spec, node)) return { reasons: ["node(s) didn't match Pod's node affinity/selector"], preemptable: false };
  if (volumeElsewhere(world, pod, node)) return { reasons: ["node(s) didn't match PersistentVolume's node affinity"], preemptable: false };
  const missing: string[] = [];
  let hopeless = false;
  for (const [resource, amount] of requestsOf(pod)) {
    const allocatable = quantity(at(node, 'status', 'allocatable', resource));
    if (amount === 0 || (world.pods.requestedOn(node.metadata.name).get(resource) ?? 0) + amount <= allocatable) continue;
    missing.push(resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`);
    if (amount > allocatable) hopeless = true;
  }
  return missing.length > 0 ? { reasons: missing, preemptable: !hopeless } : null;
}

/** GPUs are packed, so that large requests still find a node with enough of them; all else is spread, away from the GPUs where it can. */
function scoreOf(world: World, pod: KubeObject, spec: unknown, node: KubeObject): number {
  const requested = world.pods.requestedOn(node.metadata.name);
  const share = (resource: string) => {
    const allocatable = quantity(at(node, 'status', 'allocatable', resource));
    return allocatable === 0 ? 1 : (requested.get(resource) ?? 0) / allocatable;
  };
  const devices = [...requestsOf(pod).keys()].filter((resource) => resource.includes('/'));
  if (devices.length > 0) return preference(spec, node) + devices.reduce((sum, resource) => sum + share(resource), 0);
  return preference(spec, node) - (share('cpu') + share('memory') + share('pods')) / 3;
}

function bind(world: World, pod: KubeObject, node: string): void {
  const conditions = withCondition(pod, { type: 'PodScheduled', status: 'True' }, world.clock.now()).map((condition) =>
    textAt(condition, 'type') === 'PodScheduled'
      ? { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: at(condition, 'lastTransitionTime') }
      : condition,
  );
  const bound = world.store.update('pods', { ...pod, spec: { ...specOf(pod), nodeName: node }, status: { ...statusOf(pod), conditions } });
  world.events.record(bound, 'Normal', 'Scheduled', `Successfully assigned ${keyOf(pod)} to ${node}`, { component: 'default-scheduler' });
}

function turnDown(world: World, pod: KubeObject, nodes: number, refusals: readonly Refusal[]): void {
  const message = failure(nodes, refusals);
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastProbeTime: null,
    observedGeneration: pod.metadata.generation ?? 1,
  };
  world.store.update('pods', { ...pod, status: { ...statusOf(pod), conditions: withCondition(pod, condition, world.clock.now()) } });
  world.events.record(pod, 'Warning', 'FailedScheduling', message, { component: 'default-scheduler' });
}

/** The sentence of the scheduler's FitError and of its preemption, reasons counted and sorted as text. */
function failure(nodes: number, refusals: readonly Refusal[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  // What is wrong with the pod itself is said once, not for each node.
  const [first] = refusals;
  const reasons = first?.general === true ? first.reasons.join(', ') : histogram(refusals.flatMap((refusal) => refusal.reasons));
  const victims = histogram(
    refusals.map((refusal) => (refusal.preemptable ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling')),
  );
  return `0/${nodes} nodes are available: ${reasons}. preemption: 0/${nodes} nodes are available: ${victims}.`;
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
