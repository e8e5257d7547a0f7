import type { KubeClient } from '../../kube/client.js';
import { createIntern } from '../../kube/intern.js';
import { at, list, text, time } from '../../kube/json.js';
import { listPages } from '../../kube/list-pages.js';
import type { Owner } from '../../state/pods.js';

/** A pod that has ended, as little of it as tells whether it can go: there may be fifty thousand. Times are ms since the epoch. */
export interface EndedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** status.reason, else the reason for which its first container ended; '' where nothing says. */
  readonly reason: string;
  readonly node: string | null;
  /** The controller; null for a pod that somebody made by hand. */
  readonly owner: Owner | null;
  /** When its last container ended, else when its state last changed, else when it was made. */
  readonly endedAt: number;
  /** Already deleted: it goes when its finalizers let it. */
  readonly terminating: boolean;
  readonly finalizers: boolean;
}

/** `failed`: phase Failed. `ended`: Failed or Succeeded. */
export type EndedPhases = 'failed' | 'ended';

export interface ListOptions {
  readonly phases?: EndedPhases;
  /** null: all of them, in one list. */
  readonly namespaces?: readonly string[] | null;
  readonly signal?: AbortSignal;
}

/** Lists the ended pods page by page, keeping a few fields of each. Rejects with KubeError. */
export async function readEndedPods(client: KubeClient, options: ListOptions = {}): Promise<readonly EndedPod[]> {
  const project = endedPods();
  const pods: EndedPod[] = [];
  for (const list of lists(options)) {
    const before = pods.length;
    await listPages(client, list.resource, {
      pageSize: 500,
      signal: list.signal,
      item(object) {
        const pod = project(object);
        if (pod !== null) pods.push(pod);
      },
      restart() {
        pods.length = before;
      },
    });
  }
  return pods;
}

/** Which of these UIDs ended pods still have; asks for metadata alone. Rejects with KubeError. */
export async function readLeft(client: KubeClient, uids: { has(uid: string): boolean }, options: ListOptions = {}): Promise<ReadonlySet<string>> {
  const left = new Set<string>();
  for (const list of lists(options)) {
    await listPages(client, list.resource, {
      pageSize: 500,
      accept: asMetadata,
      signal: list.signal,
      item(object) {
        const uid = text(at(object, 'metadata', 'uid'));
        if (uid !== null && uids.has(uid)) left.add(uid);
      },
      // What was seen once and is gone since is only missed until the next look.
      restart: () => undefined,
    });
  }
  return left;
}

const asMetadata = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

/** The collections of pods of these namespaces; of all of them where none is named. */
export function podPaths(namespaces: readonly string[] | null): readonly string[] {
  return namespaces === null ? ['/api/v1/pods'] : namespaces.map((namespace) => `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`);
}

function lists({ phases = 'failed', namespaces = null, signal = new AbortController().signal }: ListOptions) {
  // Selectors know no "or".
  const fieldSelector = phases === 'failed' ? 'status.phase=Failed' : 'status.phase!=Pending,status.phase!=Running,status.phase!=Unknown';
  return podPaths(namespaces).map((path) => ({ resource: { path, name: 'pods', fieldSelector }, signal }));
}

/** v1.Pod, slim; null for one that has not ended. What many have in common is one text or object for all that this reader sees. */
export function endedPods(): (object: unknown) => EndedPod | null {
  const shared = createIntern();
  const owners = new Map<string, Owner>();
  return (object) => {
    const metadata = at(object, 'metadata');
    const [namespace, name, uid] = [text(at(metadata, 'namespace')), text(at(metadata, 'name')), text(at(metadata, 'uid'))];
    const phase = at(object, 'status', 'phase');
    if (namespace === null || name === null || uid === null || (phase !== 'Failed' && phase !== 'Succeeded')) return null;
    const controller = list(at(metadata, 'ownerReferences')).find((candidate) => at(candidate, 'controller') === true);
    const [kind, owner] = [text(at(controller, 'kind')), text(at(controller, 'name'))];
    return {
      namespace: shared.text(namespace),
      name,
      uid,
      reason: shared.text(reasonOf(object) ?? (phase === 'Succeeded' ? 'Completed' : '')),
      node: shared.textOrNull(text(at(object, 'spec', 'nodeName'))),
      owner: kind === null || owner === null ? null : shared.value(owners, `${kind}/${owner}`, () => ({ kind, name: owner })),
      endedAt: endOf(object),
      terminating: at(metadata, 'deletionTimestamp') !== undefined,
      finalizers: list(at(metadata, 'finalizers')).length > 0,
    };
  };
}

function reasonOf(object: unknown): string | null {
  const own = text(at(object, 'status', 'reason'));
  if (own !== null) return own;
  const reasons = list(at(object, 'status', 'containerStatuses')).map((status) => text(at(status, 'state', 'terminated', 'reason')));
  return reasons.find((reason) => reason !== null && reason !== 'Completed') ?? null;
}

function endOf(object: unknown): number {
  const finished = list(at(object, 'status', 'containerStatuses')).map((status) => time(at(status, 'state', 'terminated', 'finishedAt')));
  const changed = list(at(object, 'status', 'conditions')).map((condition) => time(at(condition, 'lastTransitionTime')));
  return latest(finished) ?? latest(changed) ?? time(at(object, 'status', 'startTime')) ?? time(at(object, 'metadata', 'creationTimestamp')) ?? 0;
}

function latest(moments: readonly (number | null)[]): number | null {
  return moments.reduce((last, moment) => (last === null || (moment !== null && moment > last) ? moment : last), null);
}
