import type { KubeObject } from '../api/object-store.js';
import { at, listAt, numberAt, textAt } from '../fields.js';
import { type Taint, taintsOf, tolerates } from './node-fit.js';
import { byKey, keyOf, specOf } from './objects.js';
import { isActive, terminate } from './pod-state.js';
import { workQueue } from './work-queue.js';
import type { World } from './world.js';

/** What taints do: a cordon becomes one, NoExecute sends pods away (after their tolerationSeconds), and pods of a node that was deleted go with it. */
export function startNodeTaints(world: World): (() => void)[] {
  const leaving = new Map<string, () => void>();
  const queue = workQueue(world, (name) => {
    const node = world.store.get('nodes', name);
    if (node === null) return;
    taintCordon(world, node);
    for (const pod of world.pods.onNode(name)) consider(pod, node);
  });

  /** Plans a pod's leaving, or cancels it where its taint is gone. */
  function consider(pod: KubeObject, node: KubeObject): void {
    const key = keyOf(pod);
    const stay = stayMs(pod, taintsOf(node));
    if (stay === null) {
      leaving.get(key)?.();
      leaving.delete(key);
    } else if (!leaving.has(key)) {
      leaving.set(
        key,
        world.clock.after(stay, () => {
          leaving.delete(key);
          leave(key, pod);
        }),
      );
    }
  }

  function leave(key: string, planned: KubeObject): void {
    const pod = byKey(world.store, 'pods', key);
    if (pod === null || pod.metadata.uid !== planned.metadata.uid || !isActive(pod)) return;
    world.events.record(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`, { component: 'taint-eviction-controller' });
    terminate(world, pod);
  }

  return [
    world.store.subscribe('nodes', ({ type, object, previous }) => {
      if (type === 'DELETED') for (const pod of world.pods.onNode(object.metadata.name)) world.store.remove('pods', pod.metadata.name, pod.metadata.namespace);
      else if (previous?.['spec'] !== object['spec']) queue.add(object.metadata.name);
    }),
  ];
}

const cordon = 'node.kubernetes.io/unschedulable';

/** The node lifecycle controller says by taint what spec.unschedulable says by field. */
function taintCordon(world: World, node: KubeObject): void {
  const cordoned = at(node, 'spec', 'unschedulable') === true;
  const taints = listAt(node, 'spec', 'taints');
  const tainted = taints.some((taint) => textAt(taint, 'key') === cordon);
  if (cordoned === tainted) return;
  const wanted = cordoned
    ? [...taints, { key: cordon, effect: 'NoSchedule', timeAdded: new Date(world.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z') }]
    : taints.filter((taint) => textAt(taint, 'key') !== cordon);
  const { taints: _, ...spec } = specOf(node);
  world.store.update('nodes', { ...node, spec: wanted.length > 0 ? { ...spec, taints: wanted } : spec });
}

/** How long a pod may stay with these taints, in ms: the shortest of its tolerations' limits, 0 where it tolerates one not at all, null for ever. */
function stayMs(pod: KubeObject, taints: readonly Taint[]): number | null {
  let shortest: number | null = null;
  const tolerations = listAt(pod, 'spec', 'tolerations');
  for (const taint of taints.filter(({ effect }) => effect === 'NoExecute')) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const toleration of matching) {
      const seconds = numberAt(toleration, 'tolerationSeconds');
      if (seconds !== null) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, seconds * 1000);
    }
  }
  return shortest;
}
