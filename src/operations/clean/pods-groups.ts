import type { KubeClient } from '../../kube/client.js';
import { listPages } from '../../kube/list-pages.js';
import { projectPod } from '../../kube/projections/pod.js';
import type { EndedPodGroup } from '../../state/ended-pods.js';
import type { Owner, Pod } from '../../state/pods.js';
import { counted } from '../../text/wording.js';
import type { World } from '../operation.js';
import { type EndedPod, podPaths } from './pods-list.js';

/** Ended pods that have namespace, owner, reason and node in common, and what became of their work. */
export interface EndedGroup extends Omit<EndedPodGroup, 'endedAt' | 'terminating'> {
  readonly pods: readonly EndedPod[];
}

/** How many pods of an owner run; of a DaemonSet, on which node. */
export interface Runners {
  add(pod: Pod): void;
  running(namespace: string, owner: Owner, node: string | null): number;
}

/** The pods by namespace, owner, reason and node, largest group first. */
export function groupEndedPods(pods: readonly EndedPod[], runners: Runners): readonly EndedGroup[] {
  const groups = new Map<string, EndedPod[]>();
  for (const pod of pods) {
    const key = groupId(pod);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pod]);
    else group.push(pod);
  }
  return [...groups].map(([id, members]) => groupOf(id, members, runners)).sort((a, b) => b.pods.length - a.pods.length);
}

/** What a wish to clean up calls the group of a pod. */
export function groupId({ namespace, owner, reason, node }: EndedPod): string {
  return [namespace, ownerWords(owner), reason, node ?? ''].join('|');
}

/** A ReplicaSet goes by its Deployment's name: an older revision's pods are replaced by those of a newer one. */
export function ownerWords(owner: Owner | null): string {
  if (owner === null) return 'no owner';
  const known = words.get(owner);
  if (known !== undefined) return known;
  const deployment = owner.kind === 'ReplicaSet' ? /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5,10}$/.exec(owner.name)?.[1] : undefined;
  const said = deployment === undefined ? `${owner.kind.toLowerCase()} ${owner.name}` : `deployment ${deployment}`;
  words.set(owner, said);
  return said;
}

const words = new WeakMap<Owner, string>();

export function createRunners(): Runners {
  const running = new Map<string, number>();
  const keyOf = (namespace: string, owner: Owner, node: string | null) =>
    `${namespace}\n${ownerWords(owner)}\n${owner.kind === 'DaemonSet' ? (node ?? '') : ''}`;
  return {
    add({ phase, deletedAt, owner, namespace, nodeName }) {
      if (phase !== 'Running' || deletedAt !== null || owner === null) return;
      const key = keyOf(namespace, owner, nodeName);
      running.set(key, (running.get(key) ?? 0) + 1);
    },
    running: (namespace, owner, node) => running.get(keyOf(namespace, owner, node)) ?? 0,
  };
}

/** What runs now in these namespaces (null: in all), from the feed where it is live, else asked for page by page. Rejects with KubeError. */
export async function readRunners(
  { snapshot, client }: Pick<World, 'snapshot' | 'client'>,
  namespaces: readonly string[] | null,
  signal: AbortSignal = new AbortController().signal,
): Promise<Runners> {
  const { pods } = snapshot();
  const runners = createRunners();
  if (pods.value !== null && pods.freshness.status === 'live') for (const pod of pods.value.values()) runners.add(pod);
  else for (const path of podPaths(namespaces)) await askForRunners(client, path, runners, signal);
  return runners;
}

async function askForRunners(client: KubeClient, path: string, runners: Runners, signal: AbortSignal): Promise<void> {
  let seen: Pod[] = [];
  await listPages(
    client,
    { path, name: 'pods', fieldSelector: 'status.phase=Running' },
    {
      pageSize: 500,
      signal,
      item(object) {
        const pod = projectPod(object);
        if (pod !== null) seen.push(pod);
      },
      restart() {
        seen = [];
      },
    },
  );
  for (const pod of seen) runners.add(pod);
}

function groupOf(id: string, pods: readonly EndedPod[], runners: Runners): EndedGroup {
  const [first] = pods;
  const { namespace = '', owner = null, reason = '', node = null } = first ?? {};
  const name = ownerWords(owner);
  const group = { id, namespace, owner: name, reason, node, pods, running: 0 };
  if (owner === null) return { ...group, fate: 'bare', words: 'nothing makes it anew: no controller owns it' };
  if (owner.kind === 'Job') return { ...group, fate: 'history', words: `the record of ${name}` };
  // Of a DaemonSet, only a pod on the same node is a replacement.
  const where = owner.kind === 'DaemonSet' && node !== null ? ` on ${node}` : '';
  const running = runners.running(namespace, owner, node);
  if (running === 0) return { ...group, fate: 'unreplaced', words: `no pod of ${name} runs${where}` };
  return { ...group, running, fate: 'replaced', words: `replaced by ${counted(running, 'running pod')} of ${name}${where}` };
}
