import type { ContextMemory, LastLook, NodeMemory, RebootMemory } from '../../config/memory.js';
import { rebootsKept } from '../../config/memory-document.js';
import { type Node, nodeAddress, readiness } from '../../state/nodes.js';
import type { Pod } from '../../state/pods.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { podIndex } from '../pod-index.js';
import { startingReasons, stuckContainer } from '../pod-status.js';
import { hostOf } from './boots.js';
import { type NodeTrack, rebootMemory, type Track } from './track.js';

/** What to remember after a look: the nodes as they are now, reboots that are over, and what was down. What cannot be seen now stays as it was. `now` is ms since the epoch. */
export function remembered(before: ContextMemory, track: Track, snapshot: ClusterSnapshot, now: number): ContextMemory {
  const live = snapshot.nodes.freshness.status === 'live' ? snapshot.nodes.value : null;
  const seesMachine = [...(snapshot.hosts.value?.values() ?? [])].some(({ contact }) => contact.status === 'connected');
  return {
    ...before,
    // A visit that saw nothing was none.
    lastVisitAt: live !== null || seesMachine ? now : before.lastVisitAt,
    nodes:
      live === null ? nodesUnseen(before, track) : Object.fromEntries([...live.values()].map((node) => [node.name, nodeMemory(node, before, track, snapshot)])),
    reboots: withReboots(before.reboots, track),
    last: lastLook(before.last, snapshot),
  };
}

/** Pods that will not come by waiting, as `namespace/name`; null while pods cannot be seen. */
export function badPods({ pods }: ClusterSnapshot): readonly string[] | null {
  const index = podIndex(pods);
  return index === null ? null : index.troubled.filter(isBad).map(({ namespace, name }) => `${namespace}/${name}`);
}

/** `job/instance` of the targets that are down; null while targets cannot be seen. */
export function targetsDown({ targets }: ClusterSnapshot): readonly string[] | null {
  if (targets.freshness.status !== 'live' || targets.value === null) return null;
  return targets.value.filter(({ health }) => health === 'down').map(({ job, instance }) => `${job}/${instance}`);
}

/** The driver that a machine runs; null while nobody tells. */
export function driverOf(name: string, snapshot: ClusterSnapshot): string | null {
  const report = snapshot.machineGpus.value?.get(name)?.report;
  if (report?.status === 'ok' && report.driverVersion !== null) return report.driverVersion;
  const facts = hostOf(name, snapshot)?.facts;
  return facts?.driver.known === true ? facts.driver.value.module : null;
}

function nodeMemory(node: Node, { nodes }: ContextMemory, track: Track, snapshot: ClusterSnapshot): NodeMemory {
  const { name, info } = node;
  const old = nodes[name];
  const own = track.nodes.get(name);
  const offered = snapshot.gpus.freshness.status === 'live' ? snapshot.gpus.value?.nodes.get(name)?.total.allocatable : undefined;
  const isReady = readiness(node) === 'ready';
  return {
    ...bootMemory(own, old),
    address: nodeAddress(node),
    kernel: info.kernelVersion,
    kubelet: info.kubeletVersion,
    runtime: info.containerRuntimeVersion,
    driver: driverOf(name, snapshot) ?? old?.driver ?? null,
    // On the way back it offers less than it will.
    gpus: isReady && !isOpen(own) && offered !== undefined ? offered : (old?.gpus ?? offered ?? null),
    ready: isReady,
    machineId: info.machineId,
  };
}

/** While the API server is silent the machines alone tell of a new boot. */
function nodesUnseen({ nodes }: ContextMemory, track: Track): ContextMemory['nodes'] {
  return Object.fromEntries(
    Object.entries(nodes).map(([name, old]) => [name, track.nodes.has(name) ? { ...old, ...bootMemory(track.nodes.get(name), old) } : old]),
  );
}

function bootMemory(own: NodeTrack | undefined, old: NodeMemory | undefined): Pick<NodeMemory, 'bootId' | 'bootedAt' | 'recovering'> {
  const bootId = own?.bootIds.at(-1) ?? old?.bootId ?? null;
  const bootedAt = own?.bootedAt ?? (bootId === old?.bootId ? (old?.bootedAt ?? null) : null);
  return { bootId, bootedAt, recovering: own === undefined ? old?.recovering === true : isOpen(own) && own.returning?.because !== 'down' };
}

function isOpen(own: NodeTrack | undefined): boolean {
  return own !== undefined && own.returning !== null && own.returning.shown.completeAt === null;
}

function withReboots(before: ContextMemory['reboots'], { nodes }: Track): ContextMemory['reboots'] {
  const reboots: Record<string, readonly RebootMemory[]> = { ...before };
  for (const [name, own] of nodes) {
    const over = rebootMemory(own);
    const known = before[name] ?? [];
    if (over !== null && !known.some(({ bootId }) => bootId === over.bootId)) reboots[name] = [...known, over].slice(-rebootsKept);
  }
  return reboots;
}

function lastLook(before: LastLook | null, snapshot: ClusterSnapshot): LastLook | null {
  const down = targetsDown(snapshot);
  const bad = badPods(snapshot);
  const { deadPods } = snapshot;
  if (before === null && (down === null || bad === null)) return null;
  return {
    targetsDown: down ?? before?.targetsDown ?? [],
    targets: down === null ? (before?.targets ?? 0) : (snapshot.targets.value?.length ?? 0),
    badPods: (bad ?? before?.badPods ?? []).slice(0, badPodsKept),
    deadPods: deadPods.value?.failed ?? before?.deadPods ?? 0,
  };
}

function isBad(pod: Pod): boolean {
  if (pod.deletedAt !== null) return false;
  const reason = stuckContainer(pod)?.reason ?? null;
  return pod.unschedulable !== null || (reason !== null && !startingReasons.has(reason) && reason !== 'Completed');
}

const badPodsKept = 500;
