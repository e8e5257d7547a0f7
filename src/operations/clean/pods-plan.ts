import { pause } from '../../kube/backoff.js';
import type { OperationRef, Plan, PlanItem, PlanTable, Verification } from '../../state/operations.js';
import { age } from '../../text/age.js';
import { count } from '../../text/amount.js';
import { pressureWords } from '../../text/pressure.js';
import { counted, listed } from '../../text/wording.js';
import { forbidden, podPath } from '../cluster-reading.js';
import { nothingToDo } from '../fix.js';
import type { CallAction, CallOutcome, PlannedOperation, Step, World } from '../operation.js';
import { createPace } from '../pace.js';
import { readPressures } from './pods-causes.js';
import { createPodDeleter, deletion, type PodDeleter } from './pods-deleter.js';
import { type EndedGroup, groupEndedPods, readRunners } from './pods-groups.js';
import { type EndedPod, readEndedPods, readLeft } from './pods-list.js';
import { type PodSelection, phasesOf, select } from './pods-selection.js';

/** At most so many deletes at once, whatever is gained by it. */
const concurrency = 64;

/**
 * The plan to delete the ended pods that are wanted: these very ones, by UID, however many end after it. Rejects with a sentence where there are none, and with KubeError where
 * they cannot be listed.
 */
export async function planCleanUp(ref: OperationRef, selection: PodSelection, world: World): Promise<PlannedOperation> {
  const now = Date.now();
  const { namespaces: places } = selection;
  const [all, runners, pressures] = await Promise.all([
    readEndedPods(world.client, { phases: phasesOf(selection), namespaces: places }),
    readRunners(world, places),
    readPressures(world),
  ]);
  const wanted = groupEndedPods(select(all, selection, now), runners);
  const goes = ({ fate }: EndedGroup) => fate !== 'history' || selection.jobs;
  const groups = wanted.filter(goes).map((group) => ({ ...group, pods: group.pods.filter(({ terminating }) => !terminating) }));
  const kept = wanted.filter((group) => !goes(group));
  const doomed = groups.reduce((sum, { pods }) => sum + pods.length, 0);
  if (doomed === 0) throw nothingToDo(whyNothing(selection, kept));
  const namespaces = [...new Set(groups.flatMap(({ namespace, pods }) => (pods.length === 0 ? [] : [namespace])))];
  const pace = createPace({ most: concurrency });
  const deleter = createPodDeleter({ client: world.client, pace });
  const steps = groups.flatMap(({ words, pods }) => pods.map((pod) => ({ pod, words }))).map(({ pod, words }, index) => stepOf(index, pod, words, deleter));
  const evicts = selection.reasons === null || selection.reasons.has('Evicted');
  const plan: Plan = {
    ref,
    title: `Delete ${counted(doomed, 'pod')}${reasonWords(groups)} in ${listed(namespaces)}`,
    risk: groups.some(({ fate, pods }) => (fate === 'bare' || fate === 'history') && pods.length > 0) ? 'destructive' : 'safe',
    items: steps.map(({ item }) => item),
    table: tableOf(groups, kept, now),
    warnings: [...(evicts ? pressures.map((pressure) => pressureWords(pressure, now)) : []), ...groupWarnings(wanted, selection.jobs)],
    blockers: await permissions(world, namespaces),
    undo: null,
    confirmName: world.context,
    goal: `none of these ${count(doomed)} pods is left`,
    plannedAt: now,
  };
  const pods = steps.map(({ pod }) => pod);
  return { plan, steps, concurrency, pace, verify: (seen, signal) => verify(seen, signal, { pods, deleter, selection }) };
}

/** One pod as a step: everything that can be said of it is made when it is asked for, since there may be fifty thousand of them. */
function stepOf(index: number, pod: EndedPod, words: string, deleter: PodDeleter): Step & { readonly pod: EndedPod } {
  return { pod, item: new PodItem(index, pod, words), action: new PodDeletion(pod, deleter) };
}

class PodItem implements PlanItem {
  readonly #index: number;
  readonly #pod: EndedPod;
  readonly text: string;

  constructor(index: number, pod: EndedPod, words: string) {
    this.#index = index;
    this.#pod = pod;
    this.text = words;
  }

  get id(): string {
    return String(this.#index + 1);
  }

  get object(): string {
    return `pod/${this.#pod.namespace}/${this.#pod.name}`;
  }

  get exact(): string {
    const { namespace, name, uid } = this.#pod;
    const { method, body } = deletion(uid);
    return `${method} ${podPath(namespace, name)} ${JSON.stringify(body)}`;
  }
}

class PodDeletion implements CallAction {
  readonly #pod: EndedPod;
  readonly #deleter: PodDeleter;

  constructor(pod: EndedPod, deleter: PodDeleter) {
    this.#pod = pod;
    this.#deleter = deleter;
  }

  get do(): 'call' {
    return 'call';
  }

  perform(signal: AbortSignal): Promise<string | CallOutcome | null> {
    return this.#deleter.remove(this.#pod, signal);
  }
}

/** Looks until none of them is left; not for those that finalizers hold, which may take for ever. */
async function verify(
  { client }: World,
  signal: AbortSignal,
  { pods, deleter, selection }: { readonly pods: readonly EndedPod[]; readonly deleter: PodDeleter; readonly selection: PodSelection },
): Promise<Verification> {
  const uids = new Set(pods.map(({ uid }) => uid));
  const giveUpAt = performance.now() + verifyMs;
  for (;;) {
    const last = signal.aborted || performance.now() + lookMs > giveUpAt;
    try {
      const left = await readLeft(client, uids, { phases: phasesOf(selection), namespaces: selection.namespaces, signal });
      const held = [...left].filter((uid) => deleter.held.has(uid)).length;
      const hopeless = [...left].every((uid) => deleter.held.has(uid) || deleter.refused.has(uid));
      if (left.size === 0) return { seen: true, text: pods.length === 1 ? 'the pod is gone' : `all ${count(pods.length)} pods are gone` };
      if (last || hopeless) return { seen: false, text: leftWords(left.size, pods.length, held) };
    } catch (error) {
      if (last) throw error;
    }
    await pause(lookMs, signal);
  }
}

const verifyMs = 60_000;
const lookMs = 2000;

function leftWords(left: number, all: number, held: number): string {
  const why = held === 0 ? '' : held === left ? ', held by finalizers' : `, ${count(held)} of them held by finalizers`;
  return `${count(left)} of ${counted(all, 'pod')} ${left === 1 ? 'is' : 'are'} still there${why}`;
}

function reasonWords(groups: readonly EndedGroup[]): string {
  const reasons = [...new Set(groups.flatMap(({ reason, pods }) => (pods.length === 0 ? [] : [reason === '' ? 'no reason' : reason])))];
  return reasons.length === 1 ? ` of reason ${reasons[0] ?? ''}` : ` (${listed(reasons)})`;
}

function whyNothing(selection: PodSelection, kept: readonly EndedGroup[]): string {
  const { reasons, namespaces, olderThanMs, keep } = selection;
  if (kept.length > 0) return `all pods${reasons === null ? '' : ` of reason ${listed([...reasons])}`} are the record of Jobs`;
  const what = `${phasesOf(selection)} pod${reasons === null ? '' : ` of reason ${listed([...reasons])}`}`;
  const where = namespaces === null ? '' : ` in ${listed(namespaces)}`;
  return `no ${what}${olderThanMs > 0 ? ' that old' : ''}${keep > 0 ? ' beyond those to keep' : ''} lies about${where}`;
}

function tableOf(groups: readonly EndedGroup[], kept: readonly EndedGroup[], now: number): PlanTable {
  const row = ({ namespace, owner, reason, node, pods, words, fate, running }: EndedGroup, changes: boolean) => ({
    changes,
    cells: [
      namespace,
      owner,
      reason === '' ? '–' : reason,
      node ?? '–',
      count(pods.length),
      age(
        pods.reduce((oldest, { endedAt }) => Math.min(oldest, endedAt), now),
        now,
      ),
      changes ? (fate === 'replaced' ? `${count(running)} running` : words) : "kept: a Job's record",
    ],
  });
  const rows = [...groups.filter(({ pods }) => pods.length > 0).map((group) => row(group, true)), ...kept.map((group) => row(group, false))];
  const amount = (some: readonly EndedGroup[]) => some.reduce((sum, { pods }) => sum + pods.length, 0);
  const stay = amount(kept) === 0 ? '' : ` ${count(amount(kept))} are kept.`;
  return {
    heads: ['NAMESPACE', 'OWNER', 'REASON', 'NODE', 'PODS', 'OLDEST', 'REPLACED BY'],
    right: ['PODS', 'OLDEST'],
    rows,
    sum: `${counted(amount(groups), 'pod')} will be deleted, each only if it is still the same pod (UID); what ends after this stays.${stay}`,
  };
}

function groupWarnings(groups: readonly EndedGroup[], jobs: boolean): readonly string[] {
  const told = (fate: EndedGroup['fate']) => {
    const those = groups.filter((group) => group.fate === fate);
    return { pods: those.flatMap((group) => group.pods), names: [...new Set(those.map((group) => `${group.namespace}/${group.owner.replace(/^\S+ /, '')}`))] };
  };
  const [bare, unreplaced, history] = [told('bare'), told('unreplaced'), told('history')];
  const all = groups.flatMap(({ pods }) => pods);
  const terminating = all.filter((pod) => pod.terminating).length;
  const held = groups
    .filter(({ fate }) => fate !== 'history' || jobs)
    .flatMap(({ pods }) => pods)
    .filter((pod) => pod.finalizers && !pod.terminating).length;
  const record = `the record of ${listed(history.names)}`;
  return [
    ...(bare.pods.length === 0
      ? []
      : [
          `not recreated, since no controller owns ${bare.pods.length === 1 ? 'it' : 'them'}: ${listed(bare.pods.map((pod) => `${pod.namespace}/${pod.name}`))}`,
        ]),
    ...(unreplaced.pods.length === 0 ? [] : [`nothing runs in place of ${counted(unreplaced.pods.length, 'pod')} of ${listed(unreplaced.names)}`]),
    ...(history.pods.length === 0
      ? []
      : [`${counted(history.pods.length, 'pod')} of Jobs ${history.pods.length === 1 ? 'is' : 'are'} ${jobs ? 'deleted' : 'kept'}: ${record}`]),
    ...(held === 0 ? [] : [`${counted(held, 'pod')} with finalizers will stay Terminating until those are done`]),
    ...(terminating === 0 ? [] : [`${counted(terminating, 'pod')} ${terminating === 1 ? 'is' : 'are'} being deleted already`]),
  ];
}

/** Asked for all namespaces first: whoever may do it there need not be asked about each. */
async function permissions(world: World, namespaces: readonly string[]): Promise<readonly string[]> {
  const everywhere = await forbidden(world, { verb: 'delete', resource: 'pods' });
  if (everywhere.length === 0) return [];
  return forbidden(world, ...namespaces.map((namespace) => ({ verb: 'delete', resource: 'pods', namespace })));
}
