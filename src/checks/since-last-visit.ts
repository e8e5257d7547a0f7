import type { ContextMemory, NodeMemory } from '../config/memory.js';
import { type Node, readiness } from '../state/nodes.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { VisitChange } from '../state/visit.js';
import { counted, listed } from '../text/wording.js';
import { badPods, driverOf, targetsDown } from './recovery/remember.js';

/** What is different from the last visit, worst first. `reboots`: by node, how often it was rebooted meanwhile. Nothing at the first visit, and nothing of what cannot be seen. */
export function changesSince(memory: ContextMemory, snapshot: ClusterSnapshot, reboots: ReadonlyMap<string, number>): readonly VisitChange[] {
  if (memory.lastVisitAt === null) return [];
  const nodes = snapshot.nodes.freshness.status === 'live' ? snapshot.nodes.value : null;
  const changes: VisitChange[] = [
    ...rebootChanges(reboots),
    ...(nodes === null ? [] : nodeChanges(memory, nodes)),
    ...(nodes === null ? [] : gpuChanges(memory, nodes, snapshot)),
    ...targetChanges(memory, snapshot),
    ...podChanges(memory, snapshot),
    ...(nodes === null ? [] : versionChanges(memory, nodes, snapshot)),
  ];
  return changes.toSorted((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
}

const order: readonly VisitChange['tone'][] = ['bad', 'warn', 'plain', 'good'];

function rebootChanges(reboots: ReadonlyMap<string, number>): readonly VisitChange[] {
  const byCount = grouped(
    [...reboots].filter(([, times]) => times > 0),
    ([, times]) => String(times),
  );
  return [...byCount].map(([times, entries]) => {
    const names = entries.map(([name]) => name);
    return { kind: 'reboot', object: objectOf('node', names), text: `${listed(names)} rebooted ${times}×`, tone: 'plain' };
  });
}

function nodeChanges({ nodes: before }: ContextMemory, nodes: ReadonlyMap<string, Node>): readonly VisitChange[] {
  if (Object.keys(before).length === 0) return [];
  const gone = Object.keys(before).filter((name) => !nodes.has(name));
  const added = [...nodes.keys()].filter((name) => before[name] === undefined);
  const down = [...nodes.values()].filter((node) => before[node.name]?.ready === true && readiness(node) !== 'ready').map(({ name }) => name);
  const back = [...nodes.values()].filter((node) => before[node.name]?.ready === false && readiness(node) === 'ready').map(({ name }) => name);
  return [
    ...nodesChange(gone, (names) => `${names} gone`, 'bad'),
    ...nodesChange(down, (names) => `${names} not Ready`, 'bad'),
    ...nodesChange(added, (names) => `${names} new`, 'plain'),
    ...nodesChange(back, (names) => `${names} Ready again`, 'good'),
  ];
}

function nodesChange(names: readonly string[], text: (names: string) => string, tone: VisitChange['tone']): readonly VisitChange[] {
  return names.length === 0 ? [] : [{ kind: 'node', object: objectOf('node', names), text: text(listed(names)), tone }];
}

/** A node that is not Ready keeps its last numbers in the API: they say nothing. */
function gpuChanges({ nodes: before }: ContextMemory, nodes: ReadonlyMap<string, Node>, { gpus }: ClusterSnapshot): readonly VisitChange[] {
  if (gpus.freshness.status !== 'live') return [];
  return [...nodes.values()].flatMap((node): readonly VisitChange[] => {
    const old = before[node.name]?.gpus;
    const now = gpus.value?.nodes.get(node.name)?.total.allocatable ?? 0;
    if (old == null || old === now || readiness(node) !== 'ready') return [];
    return [{ kind: 'gpus', object: `node/${node.name}`, text: `GPUs of ${node.name} ${old} → ${now}`, tone: now < old ? 'bad' : 'good' }];
  });
}

function targetChanges({ last }: ContextMemory, snapshot: ClusterSnapshot): readonly VisitChange[] {
  const down = targetsDown(snapshot);
  if (last === null || down === null) return [];
  const fresh = down.filter((target) => !last.targetsDown.includes(target));
  if (fresh.length === 0) return [];
  return [{ kind: 'target', object: objectOf('target', fresh), text: `${counted(fresh.length, 'target')} down: ${listed(fresh)}`, tone: 'warn' }];
}

function podChanges({ last }: ContextMemory, snapshot: ClusterSnapshot): readonly VisitChange[] {
  if (last === null) return [];
  const known = new Set(last.badPods);
  const bad = (badPods(snapshot) ?? []).filter((pod) => !known.has(pod));
  const { deadPods } = snapshot;
  const failed = deadPods.freshness.status === 'live' && deadPods.value !== null ? deadPods.value.failed - last.deadPods : 0;
  const evicted = deadPods.value?.failedByReason.get('Evicted') ?? 0;
  return [
    ...(bad.length === 0
      ? []
      : [{ kind: 'pods' as const, object: objectOf('pod', bad), text: `${counted(bad.length, 'pod')} in trouble: ${listed(bad)}`, tone: 'warn' as const }]),
    // Only how many there are is known: more of the most frequent kind is the likeliest tale.
    ...(failed <= 0
      ? []
      : [
          {
            kind: 'pods' as const,
            object: 'cluster',
            text: evicted >= failed ? `${counted(failed, 'pod')} evicted` : `${counted(failed, 'pod')} failed`,
            tone: 'warn' as const,
          },
        ]),
  ];
}

function versionChanges({ nodes: before }: ContextMemory, nodes: ReadonlyMap<string, Node>, snapshot: ClusterSnapshot): readonly VisitChange[] {
  const changed = [...nodes.values()].flatMap(({ name, info }) => {
    const old = before[name];
    if (old === undefined) return [];
    return fields.flatMap(({ field, word }) => {
      const was = old[field];
      const is = { kernel: info.kernelVersion, kubelet: info.kubeletVersion, runtime: info.containerRuntimeVersion, driver: driverOf(name, snapshot) }[field];
      return was === null || is === null || was === is ? [] : [{ name, text: `${word} ${shortened(was)} → ${shortened(is)}` }];
    });
  });
  return [...grouped(changed, ({ text }) => text)].map(([text, entries]) => {
    const names = entries.map(({ name }) => name);
    return { kind: 'version', object: objectOf('node', names), text: `${text} on ${listed(names)}`, tone: 'plain' };
  });
}

const fields: readonly { readonly field: 'kernel' | 'kubelet' | 'runtime' | 'driver'; readonly word: string }[] = [
  { field: 'kernel', word: 'kernel' },
  { field: 'driver', word: 'driver' },
  { field: 'kubelet', word: 'kubelet' },
  { field: 'runtime', word: 'runtime' },
] satisfies readonly { readonly field: keyof NodeMemory; readonly word: string }[];

/** `containerd://2.3.4` → `containerd 2.3.4`. */
function shortened(version: string): string {
  return version.replace('://', ' ');
}

function objectOf(kind: string, names: readonly string[]): string {
  const [only] = names;
  return names.length === 1 ? `${kind}/${only}` : 'cluster';
}

function grouped<T>(items: readonly T[], by: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = by(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
