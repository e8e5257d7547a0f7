import { at, text } from '../../kube/json.js';
import { expectedGpus } from '../../state/gpus.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { forbidden, kubectl, readObject, uidOf, workloadPlace } from '../cluster-reading.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import type { Operation, World } from '../operation.js';
import { rolledOut, rolloutWarnings } from '../rollout.js';
import { handlerWarnings, runtimeClassChanges } from '../runtime-class.js';
import { patchChange } from '../steps.js';
import { lookFor } from '../verification.js';

/** Lets the pods of a workload (most of all the device plugin) be run by NVIDIA's runtime. */
export const setRuntimeClass: Operation = defineFix({
  id: 'set-runtime-class',
  title: 'run the pods of a workload with the runtime class nvidia',
  fields: { kind: fieldForms.kind, namespace: fieldForms.object, name: fieldForms.object },
  headline: (field) => `Set runtimeClassName nvidia on ${workloadPlace(field('kind'), field('namespace'), field('name')).words}`,
  subject: (field) => field('name'),
  async propose(field, world) {
    const place = workloadPlace(field('kind'), field('namespace'), field('name'));
    const object = await readObject(world, place.path);
    if (object === null) throw new Blocked(`there is no ${place.words}`);
    const current = text(at(object, 'spec', 'template', 'spec', 'runtimeClassName'));
    const classChanges = await runtimeClassChanges(world);
    if (current === 'nvidia' && classChanges.length === 0) throw nothingToDo(`${place.words} has runtimeClassName nvidia`);
    const snapshot = world.snapshot();
    const nodes = registersGpus(place.name, object) ? waitingNodes(snapshot) : [];
    const patch = { spec: { template: { spec: { runtimeClassName: 'nvidia' } } } };
    const back = { spec: { template: { spec: { runtimeClassName: current } } } };
    const goal = nodes.length === 0 ? `all pods of ${place.words} run with the runtime class nvidia` : `${gpusOf(snapshot, nodes)} registered`;
    return {
      risk: 'disruptive',
      changes: [
        ...classChanges,
        ...(current === 'nvidia'
          ? []
          : [
              patchChange({
                object: place.object,
                text: 'Set runtimeClassName nvidia in its pod template',
                path: place.path,
                type: 'strategic',
                uid: uidOf(object),
                patch,
              }),
            ]),
      ],
      warnings: [...handlerWarnings(snapshot), ...rolloutWarnings(object, place, snapshot)],
      blockers: await forbidden(
        world,
        { verb: 'patch', resource: place.resource, namespace: place.namespace },
        ...(classChanges.length === 0 ? [] : [{ verb: 'create', resource: 'runtimeclasses.node.k8s.io' }]),
      ),
      undo: kubectl(world, '-n', place.namespace, 'patch', place.kind.toLowerCase(), place.name, '--type=merge', '-p', JSON.stringify(back)),
      goal,
      async verify(seen, signal) {
        const rollout = await rolledOut(seen, signal, place, { within: 180_000, goal });
        if (!rollout.seen || nodes.length === 0) return rollout;
        return lookFor(seen, signal, { within: 120_000, goal: registered(seen, nodes), missing: (now) => unregistered(now, nodes) });
      },
    };
  },
});

/** A device plugin, as far as its name and images tell. */
function registersGpus(name: string, object: unknown): boolean {
  const containers = at(object, 'spec', 'template', 'spec', 'containers');
  const images = (Array.isArray(containers) ? containers : []).map((container) => text(at(container, 'image')) ?? '');
  return /device-plugin/.test([name, ...images].join(' '));
}

/** Nodes that offer fewer GPUs than they have. */
function waitingNodes({ gpus }: ClusterSnapshot): readonly string[] {
  return [...(gpus.value?.nodes.values() ?? [])].filter((own) => own.total.allocatable < expectedGpus(own)).map(({ node }) => node);
}

function gpusOf(snapshot: ClusterSnapshot, nodes: readonly string[]): string {
  return nodes
    .map((node) => {
      const own = snapshot.gpus.value?.nodes.get(node);
      const expected = own === undefined ? 0 : expectedGpus(own);
      return `${expected} of ${expected} GPUs of ${node}`;
    })
    .join(', ');
}

function registered(world: World, nodes: readonly string[]): string {
  return `${gpusOf(world.snapshot(), nodes)} registered`;
}

function unregistered({ gpus }: ClusterSnapshot, nodes: readonly string[]): string | null {
  for (const node of nodes) {
    const own = gpus.value?.nodes.get(node);
    if (own === undefined) return `nothing is known of the GPUs of ${node}`;
    if (own.total.allocatable < expectedGpus(own)) return `${own.total.allocatable} of ${expectedGpus(own)} GPUs of ${node} registered`;
  }
  return null;
}
