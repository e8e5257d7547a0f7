import type { ContextMemory, RebootMemory } from '../../config/memory.js';
import type { NodeRecovery, Recovery } from '../../state/recovery.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { type BootSight, bootSight } from './boots.js';
import { chainOf, lookAtSteps, type Moments, momentsAfter } from './chain.js';
import { type NodeSight, nodeSight } from './node-sight.js';
import { seenBy } from './seen-by.js';

/** What is known of the reboots of all nodes in this visit. */
export interface Track {
  readonly nodes: ReadonlyMap<string, NodeTrack>;
}

export interface NodeTrack {
  /** Every boot id met so far, the newest last. */
  readonly bootIds: readonly string[];
  readonly bootedAt: number | null;
  /** Some boot id was seen in this visit. */
  readonly wasSeen: boolean;
  /** It was Ready at the last visit or in this one. */
  readonly wasReady: boolean;
  /** Reboots that had happened before this visit began. */
  readonly rebootsBefore: number;
  readonly returning: Returning | null;
}

/** A node on its way back. */
interface Returning {
  readonly because: NodeRecovery['because'];
  /** It booted while this program was looking: every step was open once. */
  readonly watched: boolean;
  readonly moments: Moments;
  readonly reportingSince: number | null;
  readonly apiWasSilent: boolean;
  /** Since when all steps were done at every look. */
  readonly allDoneSince: number | null;
  readonly shown: NodeRecovery;
}

/** One look: the snapshot, what was remembered when the visit began (with the reboots learned since), and when that was. Times are ms since the epoch. */
export interface Look {
  readonly snapshot: ClusterSnapshot;
  readonly memory: ContextMemory;
  readonly visitBegan: number;
  readonly now: number;
}

export const nothingTracked: Track = { nodes: new Map() };

/** Follows every node through one more look. */
export function tracked(before: Track, look: Look): Track {
  const { snapshot, memory } = look;
  // While the API server is silent, the nodes of the last visit are those there are.
  const names = snapshot.nodes.value === null ? Object.keys(memory.nodes) : [...snapshot.nodes.value.keys()];
  return { nodes: new Map(names.map((name) => [name, trackedNode(before.nodes.get(name) ?? firstTrack(name, memory), name, look)])) };
}

/** The nodes on their way back, the newest boot first; those that were back half an hour ago only while there is nothing else. */
export function recoveryOf({ nodes }: Track, now: number): Recovery {
  const all = [...nodes.values()].flatMap(({ returning }) => (returning === null ? [] : [returning.shown]));
  const recent = all.filter(({ completeAt }) => completeAt === null || now - completeAt < shownFor);
  return { nodes: (recent.length > 0 ? recent : all).toSorted((a, b) => (b.bootedAt ?? now) - (a.bootedAt ?? now) || a.node.localeCompare(b.node)) };
}

/** What is to be remembered of a reboot that is over; null while it is not, or where nobody can say when it began. */
export function rebootMemory({ returning }: NodeTrack): RebootMemory | null {
  if (returning === null) return null;
  const { bootId, bootedAt, completeAt, steps } = returning.shown;
  if (bootId === null || bootedAt === null || completeAt === null) return null;
  return { bootId, bootedAt, steps: Object.fromEntries(steps.flatMap(({ id, sinceBootMs }) => (sinceBootMs === null ? [] : [[id, sinceBootMs]]))) };
}

function firstTrack(name: string, { nodes, reboots }: ContextMemory): NodeTrack {
  const remembered = nodes[name];
  const ids = [...(reboots[name] ?? []).map(({ bootId }) => bootId), ...(remembered?.bootId == null ? [] : [remembered.bootId])];
  return { bootIds: [...new Set(ids)], bootedAt: null, wasSeen: false, wasReady: remembered?.ready === true, rebootsBefore: 0, returning: null };
}

function trackedNode(before: NodeTrack, name: string, look: Look): NodeTrack {
  const { snapshot, memory, visitBegan, now } = look;
  const boot = bootSight(name, snapshot, memory.lastVisitAt, now);
  const fresh = boot.ids.filter((id) => !before.bootIds.includes(id));
  // The first id of a node that was never seen before is no reboot.
  const reboots = before.bootIds.length > 0 ? fresh.length : Math.max(0, fresh.length - 1);
  const bootIds = [...before.bootIds, ...fresh];
  const bootedAt = fresh.length > 0 ? boot.bootedAt : (before.bootedAt ?? (boot.ids.at(-1) === bootIds.at(-1) ? boot.bootedAt : null));
  const whileAway = !before.wasSeen && (bootedAt === null || bootedAt < visitBegan) ? reboots : 0;
  const after: NodeTrack = {
    bootIds,
    bootedAt,
    wasSeen: before.wasSeen || boot.ids.length > 0,
    wasReady: before.wasReady || boot.ready,
    rebootsBefore: before.rebootsBefore + whileAway,
    returning: before.returning,
  };
  const because = reboots > 0 ? 'boot-id' : whyReturning(before, after, boot, name, look);
  if (because === null) return { ...after, returning: null };
  const begun = reboots > 0 || before.returning === null ? begin(because, before.returning, bootedAt, visitBegan) : before.returning;
  return { ...after, returning: walked({ ...begun, because }, after, name, { snapshot, memory, visitBegan, now }) };
}

/** Why a node without a new boot id counts as on its way back; null: it does not. */
function whyReturning(before: NodeTrack, { bootedAt, bootIds, wasReady }: NodeTrack, boot: BootSight, name: string, look: Look): Returning['because'] | null {
  const { memory, now, snapshot } = look;
  const under = before.returning;
  // A machine that is gone without a word has perhaps been switched off: it is on its way back from then on.
  if (boot.state === 'down' && (wasReady || wentAwayLately(name, snapshot, now))) return 'down';
  if (under !== null && under.because !== 'down') return under.because;
  // Gone for a moment and back in the same boot: no reboot.
  if (under !== null && !(boot.state === 'up' && boot.ready)) return under.because;
  const remembered = memory.nodes[name];
  if (remembered?.recovering === true && remembered.bootId === bootIds.at(-1)) return 'boot-id';
  if (bootedAt === null) return null;
  const isNew = remembered?.bootId == null && memory.lastVisitAt !== null && bootedAt > memory.lastVisitAt;
  return isNew || now - bootedAt < youngFor ? 'younger-than-visit' : null;
}

function wentAwayLately(name: string, { nodes }: ClusterSnapshot, now: number): boolean {
  const ready = nodes.value?.get(name)?.conditions.find(({ type }) => type === 'Ready');
  return ready?.status === 'Unknown' && ready.lastTransitionAt !== null && now - ready.lastTransitionAt < youngFor;
}

function begin(because: Returning['because'], before: Returning | null, bootedAt: number | null, visitBegan: number): Returning {
  const shown: NodeRecovery = { node: '', bootId: null, bootedAt: null, because, steps: [], completeAt: null, seenBy: null };
  // What was seen open while the node was down has not been done in this boot before now.
  const open = [...(before?.moments ?? [])].filter(([, { wasOpen }]) => wasOpen).map(([id]) => [id, { wasOpen: true, doneAt: null, exact: false }] as const);
  const watched = bootedAt !== null && bootedAt > visitBegan;
  return { because, watched, moments: new Map(open), reportingSince: null, apiWasSilent: false, allDoneSince: null, shown };
}

function walked(before: Returning, node: NodeTrack, name: string, { snapshot, memory, now }: Look): Returning {
  // What it took is told; what happens to the node from then on is the checks' affair.
  if (before.shown.completeAt !== null) return before;
  const isDown = before.because === 'down';
  const bootId = isDown ? null : (node.bootIds.at(-1) ?? null);
  const bootedAt = isDown ? null : node.bootedAt;
  const apiWasSilent = before.apiWasSilent || snapshot.connection.status === 'lost';
  const sight: NodeSight = nodeSight(
    name,
    snapshot,
    {
      bootId,
      bootedAt,
      remembered: memory.nodes[name] ?? null,
      badBefore: new Set(memory.last?.badPods ?? []),
      reportingSince: before.reportingSince,
      apiWasSilent,
    },
    now,
  );
  const looks = lookAtSteps(sight);
  const moments = momentsAfter(before.moments, looks, sight, before.watched);
  const steps = chainOf(looks, moments, sight, snapshot.report.value, memory.reboots[name] ?? []);
  const allDone = !isDown && sight.reporting && steps.every(({ status }) => status === 'done' || status === 'skipped');
  const allDoneSince = allDone ? (before.allDoneSince ?? now) : null;
  const isComplete = allDoneSince !== null && now - allDoneSince >= steadyFor;
  const last = Math.max(...[...moments.values()].map(({ doneAt }) => doneAt ?? 0));
  return {
    ...before,
    moments,
    apiWasSilent,
    reportingSince: sight.reportingSince,
    allDoneSince,
    shown: {
      node: name,
      bootId,
      bootedAt,
      because: before.because,
      steps,
      completeAt: isComplete ? (last > 0 ? last : allDoneSince) : null,
      seenBy: seenBy(sight),
    },
  };
}

/** Ms: a boot this young is worth telling, whoever looked last. */
const youngFor = 30 * 60_000;
const shownFor = 30 * 60_000;
/** Ms for which all steps must stay done: a pod may be Ready for the moment between two states. */
const steadyFor = 4_000;
