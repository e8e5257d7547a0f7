import { projectPod } from '../../kube/projections/pod.js';
import type { Pod } from '../../state/pods.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { count } from '../../text/amount.js';
import { counted, listed } from '../../text/wording.js';
import { forbidden, podPath, readObjects } from '../cluster-reading.js';
import { deletable, type EndedGroup, groupEndedPods, readFailedPods } from '../ended-pods.js';
import { defineFix, nothingToDo } from '../fix.js';
import type { Operation, World } from '../operation.js';
import { deleteChange } from '../steps.js';
import { askUntil } from '../verification.js';

/** Deletes at once; the server takes about 500 a second, and more at a time gain nothing. */
const concurrency = 24;

/** Clears the pods that failed for one reason and only lie about: evicted ones, and those the kubelet refused while devices were missing. */
export const deleteEndedPods: Operation = defineFix({
  id: 'delete-ended-pods',
  title: 'delete the failed pods of one reason',
  fields: { reason: /^[A-Za-z][A-Za-z0-9]{0,63}$/ },
  headline: (field) => `Delete the failed pods of reason ${field('reason')}`,
  subject: (_, world) => world.context,
  async propose(field, world) {
    const reason = field('reason');
    const failed = (await readFailedPods(world.client)).filter((pod) => pod.reason === reason);
    const groups = groupEndedPods(failed, await livingPods(world));
    const doomed = deletable(groups);
    const kept = groups.filter(({ fate }) => fate === 'history');
    if (doomed.length === 0) {
      throw nothingToDo(kept.length === 0 ? `no failed pod of reason ${reason} lies about` : `all pods of reason ${reason} are the record of Jobs`);
    }
    const uids = new Set(doomed.map(({ pod }) => pod.uid));
    const namespaces = [...new Set(doomed.map(({ pod }) => pod.namespace))];
    const bare = groups.some(({ fate }) => fate === 'bare');
    const goal = `none of these ${count(doomed.length)} pods is left`;
    return {
      title: `Delete ${counted(doomed.length, 'pod')} of reason ${reason} in ${listed(namespaces)}`,
      risk: bare ? 'destructive' : 'safe',
      changes: doomed.map(({ group, pod }) =>
        deleteChange({ object: `pod/${pod.namespace}/${pod.name}`, text: group.words, path: podPath(pod.namespace, pod.name), uid: pod.uid }),
      ),
      concurrency,
      warnings: [...groupWarnings(groups), ...(reason === 'Evicted' ? pressureWarnings(world.snapshot()) : [])],
      blockers: await permissions(world, namespaces),
      undo: null,
      goal,
      verify: (seen, signal) =>
        askUntil(signal, {
          within: 60_000,
          everyMs: 2000,
          goal: `all ${count(doomed.length)} pods are gone`,
          read: () => readFailedPods(seen.client, signal),
          missing(pods) {
            const left = pods.filter((pod) => uids.has(pod.uid));
            if (left.length === 0) return null;
            const held = left.some((pod) => pod.finalizers) ? ', held by finalizers' : '';
            return `${count(left.length)} of ${count(doomed.length)} pods are still there${held}`;
          },
        }),
    };
  },
});

async function livingPods(world: World): Promise<Iterable<Pod>> {
  const { pods } = world.snapshot();
  if (pods.value !== null && pods.freshness.status === 'live') return pods.value.values();
  const objects = await readObjects(world, '/api/v1/pods', { fieldSelector: 'status.phase=Running' });
  return objects.flatMap((object) => projectPod(object) ?? []);
}

function groupWarnings(groups: readonly EndedGroup[]): readonly string[] {
  const told = (fate: EndedGroup['fate']) => {
    const those = groups.filter((group) => group.fate === fate);
    return { pods: those.flatMap((group) => group.pods), names: [...new Set(those.map((group) => `${group.namespace}/${group.owner.replace(/^\S+ /, '')}`))] };
  };
  const [bare, unreplaced, history] = [told('bare'), told('unreplaced'), told('history')];
  const terminating = groups.flatMap(({ pods }) => pods).filter((pod) => pod.terminating);
  const held = groups
    .filter(({ fate }) => fate !== 'history')
    .flatMap(({ pods }) => pods)
    .filter((pod) => pod.finalizers && !pod.terminating);
  return [
    ...(bare.pods.length === 0
      ? []
      : [
          `not recreated, since no controller owns ${bare.pods.length === 1 ? 'it' : 'them'}: ${listed(bare.pods.map((pod) => `${pod.namespace}/${pod.name}`))}`,
        ]),
    ...(unreplaced.pods.length === 0 ? [] : [`nothing runs in place of ${counted(unreplaced.pods.length, 'pod')} of ${listed(unreplaced.names)}`]),
    ...(history.pods.length === 0
      ? []
      : [`${counted(history.pods.length, 'pod')} of Jobs ${history.pods.length === 1 ? 'is' : 'are'} kept: the record of ${listed(history.names)}`]),
    ...(held.length === 0 ? [] : [`${counted(held.length, 'pod')} with finalizers will stay Terminating until those are done`]),
    ...(terminating.length === 0 ? [] : [`${counted(terminating.length, 'pod')} ${terminating.length === 1 ? 'is' : 'are'} being deleted already`]),
  ];
}

function pressureWarnings({ nodes }: ClusterSnapshot): readonly string[] {
  const pressed = [...(nodes.value?.values() ?? [])].filter((node) =>
    node.conditions.some(({ type, status }) => /^(?:Disk|Memory|PID)Pressure$/.test(type) && status === 'True'),
  );
  return pressed.length === 0 ? [] : [`${listed(pressed.map(({ name }) => name))} still under pressure: more pods will be evicted there until it is relieved`];
}

/** Asked for all namespaces first: whoever may do it there need not be asked about each. */
async function permissions(world: World, namespaces: readonly string[]): Promise<readonly string[]> {
  const everywhere = await forbidden(world, { verb: 'delete', resource: 'pods' });
  if (everywhere.length === 0) return [];
  return forbidden(world, ...namespaces.map((namespace) => ({ verb: 'delete', resource: 'pods', namespace })));
}
