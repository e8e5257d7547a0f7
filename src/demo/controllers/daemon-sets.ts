import type { KubeObject } from '../api/object-store.js';
import { at, type Fields, fieldsAt, listAt, textAt } from '../fields.js';
import { recordRevision } from './controller-revisions.js';
import { part } from './deployments.js';
import { matchesNode, toleratesAll } from './node-fit.js';
import { byKey, controllerOf, keyOf, writeStatus } from './objects.js';
import { createPod } from './pod-creation.js';
import { isActive, isReady, nodeOf, terminate } from './pod-state.js';
import { templateHash } from './template-hash.js';
import { type WorkQueue, workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Keeps one pod of each DaemonSet on every node that fits, and replaces old ones a few at a time. */
export function startDaemonSets(world: World): (() => void)[] {
  const queue: WorkQueue = workQueue(world, (key) => {
    const set = byKey(world.store, resource, key);
    if (set === null || set.metadata.deletionTimestamp !== undefined) return;
    if (reconcile(world, set)) queue.forget(key);
    else queue.addLater(key);
  });
  return [
    world.store.subscribe(resource, ({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
    }),
    world.store.subscribe('pods', ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'DaemonSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    }),
    world.store.subscribe('nodes', ({ object, previous }) => {
      const same = previous?.['spec'] === object['spec'] && previous?.metadata.labels === object.metadata.labels;
      if (!same) for (const set of world.store.list(resource)) queue.add(keyOf(set));
    }),
    // What admission refused for want of a runtime class is tried again when there is one.
    world.store.subscribe('runtimeclasses.node.k8s.io', ({ type }) => {
      if (type === 'ADDED') for (const set of world.store.list(resource)) queue.add(keyOf(set));
    }),
  ];
}

const resource = 'daemonsets.apps';
const component = 'daemonset-controller';

/** Whether all pods could be created. */
function reconcile(world: World, set: KubeObject): boolean {
  let refused = false;
  const template = at(set, 'spec', 'template');
  const hash = templateHash(template);
  recordRevision(world, set, hash);
  const nodes = world.store.list('nodes').filter((node) => shouldRun(set, node));
  const pods = podsByNode(world, set);
  for (const node of nodes) {
    const own = pods.get(node.metadata.name) ?? [];
    if (own.length > 0) continue;
    const options = { labels: { 'controller-revision-hash': hash, 'pod-template-generation': generation(set) }, spec: specOn(template, node.metadata.name) };
    if (typeof createPod(world, set, template, options, component) === 'string') refused = true;
  }
  const wanted = new Set(nodes.map((node) => node.metadata.name));
  for (const [node, own] of pods) {
    if (wanted.has(node)) continue;
    for (const pod of own.filter(isActive)) {
      terminate(world, pod);
      world.events.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`, { component });
    }
  }
  if (textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') replaceOld(world, set, hash, nodes);
  writeCounts(world, set, hash, nodes);
  return !refused;
}

/** The nodes a set wants to be on: unlike the scheduler it does not mind cordons, pressure and nodes that are not ready. */
function shouldRun(set: KubeObject, node: KubeObject): boolean {
  const spec = fieldsAt(set, 'spec', 'template', 'spec');
  const tolerations = [...listAt(spec, 'tolerations'), ...daemonTolerations];
  return matchesNode(spec, node) && toleratesAll(tolerations, node);
}

const daemonTolerations = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

function specOn(template: unknown, node: string): Fields {
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  const network =
    at(template, 'spec', 'hostNetwork') === true ? [{ key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }] : [];
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
    tolerations: [...listAt(template, 'spec', 'tolerations'), ...daemonTolerations, ...network],
  };
}

/** The set's pods by the node they are for, scheduled or not. */
function podsByNode(world: World, set: KubeObject): Map<string, KubeObject[]> {
  const byNode = new Map<string, KubeObject[]>();
  for (const pod of world.pods.ofOwner(set.metadata.uid ?? '')) {
    const node = nodeOf(pod) ?? targetOf(pod);
    byNode.set(node, [...(byNode.get(node) ?? []), pod]);
  }
  return byNode;
}

function targetOf(pod: KubeObject): string {
  const terms = listAt(pod, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  const node = listAt(listAt(terms[0], 'matchFields')[0], 'values')[0];
  return typeof node === 'string' ? node : '';
}

/** Rolling update: at most maxUnavailable nodes without a ready pod at a time, so a template that doesn't work stops at the first of them. */
function replaceOld(world: World, set: KubeObject, hash: string, nodes: readonly KubeObject[]): void {
  const pods = podsByNode(world, set);
  const allowed = part(at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable') ?? 1, nodes.length, Math.ceil);
  const own = (node: KubeObject) => (pods.get(node.metadata.name) ?? []).find(isActive);
  let room = allowed;
  const old: KubeObject[] = [];
  for (const node of nodes) {
    const pod = own(node);
    if (pod === undefined) room -= 1;
    else if (pod.metadata.labels?.['controller-revision-hash'] !== hash) {
      if (isReady(pod)) old.push(pod);
      else terminate(world, pod);
      if (!isReady(pod)) room -= 1;
    } else if (!isReady(pod)) room -= 1;
  }
  // The youngest node first: where something goes wrong, it does so on the one that was added or came back last.
  for (const pod of old.reverse().slice(0, Math.max(0, room))) {
    terminate(world, pod);
    world.events.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`, { component });
  }
}

function writeCounts(world: World, set: KubeObject, hash: string, nodes: readonly KubeObject[]): void {
  const pods = podsByNode(world, set);
  const wanted = new Set(nodes.map((node) => node.metadata.name));
  const current = nodes.map((node) => (pods.get(node.metadata.name) ?? []).find(isActive)).filter((pod) => pod !== undefined);
  const ready = current.filter(isReady).length;
  const unavailable = nodes.length - ready;
  const misscheduled = [...pods].filter(([node, own]) => !wanted.has(node) && own.some(isActive)).length;
  writeStatus(world.store, resource, set, {
    currentNumberScheduled: current.length,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: nodes.length,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 1,
    updatedNumberScheduled: current.filter((pod) => pod.metadata.labels?.['controller-revision-hash'] === hash).length,
    ...(ready > 0 ? { numberAvailable: ready } : {}),
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
  });
}

function generation(set: KubeObject): string {
  return String(set.metadata.generation ?? 1);
}
