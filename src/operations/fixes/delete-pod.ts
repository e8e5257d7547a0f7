import { at, isObject, text } from '../../kube/json.js';
import { projectPod } from '../../kube/projections/pod.js';
import type { Pod } from '../../state/pods.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { forbidden, podPath, readObject, uidOf } from '../cluster-reading.js';
import { defineFix, fieldForms, nothingToDo } from '../fix.js';
import type { Operation } from '../operation.js';
import { deleteChange } from '../steps.js';
import { lookFor } from '../verification.js';

/** Deletes one pod, so that its controller makes a new one. */
export const deletePod: Operation = defineFix({
  id: 'delete-pod',
  title: 'delete a pod, so that a new one takes its place',
  fields: { namespace: fieldForms.object, name: fieldForms.object },
  headline: (field) => `Delete pod ${field('namespace')}/${field('name')}`,
  subject: (field) => field('name'),
  async propose(field, world) {
    const [namespace, name] = [field('namespace'), field('name')];
    const path = podPath(namespace, name);
    const object = await readObject(world, path);
    if (object === null) throw nothingToDo(`there is no pod ${namespace}/${name}`);
    const uid = uidOf(object);
    const phase = text(at(object, 'status', 'phase'));
    const ended = phase === 'Failed' || phase === 'Succeeded';
    const pod = projectPod(object);
    const owner = controllerOf(object);
    const node = text(at(object, 'spec', 'nodeName'));
    const label = `pod/${namespace}/${name}`;
    const goal = owner === null || ended ? `pod ${namespace}/${name} is gone` : `a new pod of ${owner.kind.toLowerCase()} ${owner.name} is ready`;
    const gpus = pod?.deviceRequests?.get('nvidia.com/gpu') ?? 0;
    return {
      risk: owner === null ? 'destructive' : ended ? 'safe' : 'disruptive',
      changes: [deleteChange({ object: label, text: owner === null ? 'Delete it for good' : 'Delete it', path, uid })],
      warnings: [
        ...(owner === null ? ['no controller owns it: nothing makes it anew'] : []),
        ...(owner !== null && !ended ? ['this is a delete, no eviction: disruption budgets are not asked'] : []),
        ...(owner?.kind === 'Job' && !ended ? ['it is the pod of a Job: what it has done so far is lost'] : []),
        ...(gpus > 0 && !ended ? [`it holds ${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'}, which its next pod has to find free`] : []),
        ...(at(object, 'metadata', 'deletionTimestamp') === undefined ? [] : ['it is already being deleted: its node or its finalizers hold it up']),
      ],
      blockers: [
        ...(pod?.mirror === true ? [`it mirrors a static pod: only its manifest on ${node ?? 'its node'} makes it go`] : []),
        ...(await forbidden(world, { verb: 'delete', resource: 'pods', namespace })),
      ],
      undo: null,
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 120_000,
          goal,
          missing(snapshot) {
            const known = snapshot.pods.value?.get(`${namespace}/${name}`);
            if (known?.uid === uid) return `pod ${namespace}/${name} is still there${known.deletedAt === null ? '' : ', terminating'}`;
            if (owner === null || ended || owner.kind === 'Job') return null;
            return hasSuccessor(snapshot, { namespace, owner, uid, node }) ? null : `no new pod of ${owner.kind.toLowerCase()} ${owner.name} is ready yet`;
          },
        }),
    };
  },
});

function controllerOf(object: unknown): { readonly kind: string; readonly name: string } | null {
  const owners = at(object, 'metadata', 'ownerReferences');
  const owner = Array.isArray(owners) ? owners.find((candidate) => isObject(candidate) && candidate['controller'] === true) : undefined;
  const [kind, name] = [text(at(owner, 'kind')), text(at(owner, 'name'))];
  return kind === null || name === null ? null : { kind, name };
}

/** Whether a ready pod of the same owner took its place: on the same node, where the owner is a DaemonSet. */
function hasSuccessor(
  { pods }: ClusterSnapshot,
  gone: { readonly namespace: string; readonly owner: { readonly kind: string; readonly name: string }; readonly uid: string; readonly node: string | null },
): boolean {
  const alike = (pod: Pod) => pod.namespace === gone.namespace && pod.owner?.kind === gone.owner.kind && pod.owner.name === gone.owner.name;
  const inPlace = (pod: Pod) => gone.owner.kind !== 'DaemonSet' || pod.nodeName === gone.node;
  const mates = [...(pods.value?.values() ?? [])].filter((pod) => pod.uid !== gone.uid && alike(pod) && inPlace(pod));
  return mates.length > 0 && mates.every((pod) => pod.ready?.status === 'True');
}
