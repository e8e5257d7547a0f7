import type { KubeClient } from '../kube/client.js';
import { at, list, text } from '../kube/json.js';
import { listPages } from '../kube/list-pages.js';
import type { Owner, Pod } from '../state/pods.js';
import { counted } from '../text/wording.js';

/** A pod that has failed, as little of it as tells whether it can go. */
export interface EndedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** status.reason, else the reason for which its first container ended; '' where nothing says. */
  readonly reason: string;
  readonly node: string | null;
  /** The controller; null for a pod that somebody made by hand. */
  readonly owner: Owner | null;
  /** Already deleted: it goes when its finalizers let it. */
  readonly terminating: boolean;
  readonly finalizers: boolean;
}

/** Failed pods of one owner, and what became of their work. */
export interface EndedGroup {
  readonly namespace: string;
  /** `deployment whisper`, `daemonset dcgm-exporter`, `job train-1`, `no owner`. */
  readonly owner: string;
  /**
   * replaced: other pods of the owner run. unreplaced: none does. history: pods of Jobs, which are their record and are not deleted. bare: nothing makes
   * them anew.
   */
  readonly fate: 'replaced' | 'unreplaced' | 'history' | 'bare';
  /** "replaced by 3 running pods of deployment whisper". */
  readonly words: string;
  readonly pods: readonly EndedPod[];
}

/** Lists the failed pods of all namespaces page by page, keeping a few fields of each. Rejects with KubeError. */
export async function readFailedPods(client: KubeClient, signal: AbortSignal = new AbortController().signal): Promise<readonly EndedPod[]> {
  const shared = new Map<string, Owner>();
  let pods: EndedPod[] = [];
  await listPages(client, failedPods, {
    pageSize: 500,
    signal,
    item(object) {
      const pod = endedPod(object, shared);
      if (pod !== null) pods.push(pod);
    },
    restart() {
      pods = [];
    },
  });
  return pods;
}

const failedPods = { path: '/api/v1/pods', name: 'pods', fieldSelector: 'status.phase=Failed' } as const;

/** v1.Pod, slim; null for one that has not failed. Equal owners are one object. */
export function endedPod(object: unknown, shared: Map<string, Owner> = new Map()): EndedPod | null {
  const metadata = at(object, 'metadata');
  const [namespace, name, uid] = [text(at(metadata, 'namespace')), text(at(metadata, 'name')), text(at(metadata, 'uid'))];
  if (namespace === null || name === null || uid === null || at(object, 'status', 'phase') !== 'Failed') return null;
  const controller = list(at(metadata, 'ownerReferences')).find((candidate) => at(candidate, 'controller') === true);
  const [kind, owner] = [text(at(controller, 'kind')), text(at(controller, 'name'))];
  const ended = list(at(object, 'status', 'containerStatuses')).map((status) => text(at(status, 'state', 'terminated', 'reason')));
  return {
    namespace,
    name,
    uid,
    reason: text(at(object, 'status', 'reason')) ?? ended.find((reason) => reason !== null && reason !== 'Completed') ?? '',
    node: text(at(object, 'spec', 'nodeName')),
    owner: kind === null || owner === null ? null : sharedOwner(shared, kind, owner),
    terminating: at(metadata, 'deletionTimestamp') !== undefined,
    finalizers: list(at(metadata, 'finalizers')).length > 0,
  };
}

/** The pods by namespace and owner, largest group first, each with what the living pods say about its fate. */
export function groupEndedPods(pods: readonly EndedPod[], living: Iterable<Pod>): readonly EndedGroup[] {
  const groups = new Map<string, EndedPod[]>();
  for (const pod of pods) {
    // Of a DaemonSet, only a pod on the same node is a replacement.
    const place = pod.owner?.kind === 'DaemonSet' ? `\n${pod.node ?? ''}` : '';
    const key = `${pod.namespace}\n${ownerWords(pod.owner)}${place}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pod]);
    else group.push(pod);
  }
  const runners = runningByOwner(living);
  return [...groups.values()].map((members) => groupOf(members, runners)).sort((a, b) => b.pods.length - a.pods.length);
}

/** What a clean-up deletes of them: all but the record of Jobs, and what is being deleted already. */
export function deletable(groups: readonly EndedGroup[]): readonly { readonly group: EndedGroup; readonly pod: EndedPod }[] {
  return groups.filter(({ fate }) => fate !== 'history').flatMap((group) => group.pods.filter((pod) => !pod.terminating).map((pod) => ({ group, pod })));
}

function groupOf(pods: readonly EndedPod[], runners: ReadonlyMap<string, number>): EndedGroup {
  const [first] = pods;
  const namespace = first?.namespace ?? '';
  const owner = first?.owner ?? null;
  const name = ownerWords(owner);
  if (owner === null) return { namespace, owner: name, fate: 'bare', words: 'nothing makes it anew: no controller owns it', pods };
  if (owner.kind === 'Job') return { namespace, owner: name, fate: 'history', words: `the record of ${name}`, pods };
  const daemon = owner.kind === 'DaemonSet';
  const running = runners.get(runnerKey(namespace, name, daemon ? (first?.node ?? null) : null)) ?? 0;
  const where = daemon && first?.node != null ? ` on ${first.node}` : '';
  if (running === 0) return { namespace, owner: name, fate: 'unreplaced', words: `no pod of ${name} runs${where}`, pods };
  return { namespace, owner: name, fate: 'replaced', words: `replaced by ${counted(running, 'running pod')} of ${name}${where}`, pods };
}

function runningByOwner(living: Iterable<Pod>): ReadonlyMap<string, number> {
  const running = new Map<string, number>();
  for (const pod of living) {
    if (pod.phase !== 'Running' || pod.deletedAt !== null || pod.owner === null) continue;
    const key = runnerKey(pod.namespace, ownerWords(pod.owner), pod.owner.kind === 'DaemonSet' ? pod.nodeName : null);
    running.set(key, (running.get(key) ?? 0) + 1);
  }
  return running;
}

function runnerKey(namespace: string, owner: string, node: string | null): string {
  return `${namespace}\n${owner}\n${node ?? ''}`;
}

/** A ReplicaSet goes by its Deployment's name: an older revision's pods are replaced by those of a newer one. */
function ownerWords(owner: Owner | null): string {
  if (owner === null) return 'no owner';
  const deployment = owner.kind === 'ReplicaSet' ? /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5,10}$/.exec(owner.name)?.[1] : undefined;
  return deployment === undefined ? `${owner.kind.toLowerCase()} ${owner.name}` : `deployment ${deployment}`;
}

function sharedOwner(shared: Map<string, Owner>, kind: string, name: string): Owner {
  const key = `${kind}/${name}`;
  const known = shared.get(key) ?? { kind, name };
  shared.set(key, known);
  return known;
}
