import type { ClusterEvent } from '../state/events.js';
import type { Pod } from '../state/pods.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { Workload } from '../state/workloads.js';
import type { Said } from './diagnose.js';
import { type Links, nodeSubject, objectSubject, podSubject, targetSubject } from './subjects.js';
import type { Trouble } from './trouble.js';

/** What the snapshot itself says of what is in trouble: statuses, events, scrape errors, what nvidia-smi answered. Each with the object it comes from, which never changes its words. */
export function* saidBySnapshot(snapshot: ClusterSnapshot, trouble: Trouble, links: Links): Generator<{ readonly from: object; readonly said: Said }> {
  for (const pod of trouble.pods.values()) for (const said of podStatus(pod, links)) yield { from: pod, said };
  for (const node of snapshot.nodes.value?.values() ?? []) {
    if (!trouble.nodes.has(node.name)) continue;
    for (const condition of node.conditions) {
      const bad = condition.type === 'Ready' ? condition.status !== 'True' : condition.status === 'True';
      if (!bad) continue;
      const text = `${condition.reason}: ${condition.message}`;
      yield {
        from: condition,
        said: { subject: nodeSubject(node.name, links), where: 'node-status', source: `condition ${condition.type}`, text, at: condition.lastTransitionAt },
      };
    }
  }
  for (const workload of workloadsOf(snapshot)) {
    if (workload.ready >= workload.desired) continue;
    for (const condition of workload.conditions) {
      if (condition.message === '') continue;
      const text = `${condition.reason}: ${condition.message}`;
      yield {
        from: condition,
        said: { subject: objectSubject(workload, links), where: 'workload-status', source: `condition ${condition.type}`, text, at: null },
      };
    }
  }
  for (const event of snapshot.events.value?.values() ?? []) {
    if (event.type !== 'Warning' || !concerns(event, snapshot, trouble)) continue;
    const said = { where: 'event', source: `event ${event.reason}`, text: event.message, at: event.lastAt } as const;
    yield { from: event, said: { ...said, subject: eventSubject(event, snapshot, links) } };
  }
  for (const target of snapshot.targets.value ?? []) {
    if (target.health !== 'down' || target.lastError === null) continue;
    const subject = targetSubject(target, nodeOf(target.instance, snapshot), links);
    yield { from: target, said: { subject, where: 'target-error', source: `scrape of ${target.instance}`, text: target.lastError, at: target.lastScrapeAt } };
  }
  yield* machineWords(snapshot, links);
}

function podStatus(pod: Pod, links: Links): readonly Said[] {
  const subject = podSubject(pod, links);
  const said = (source: string, text: string): Said => ({ subject, where: 'pod-status', source, text, at: null });
  return [
    ...(pod.message === null ? [] : [said('status of the pod', `${pod.reason ?? ''}: ${pod.message}`)]),
    ...(pod.unschedulable === null ? [] : [said('condition PodScheduled', pod.unschedulable.message)]),
    ...pod.containers.flatMap(({ name, init, reason, message }) => {
      if (reason === null && message === null) return [];
      return [said(`status of container ${name}`, `${init ? 'Init:' : ''}${reason ?? ''}: ${message ?? ''}`)];
    }),
  ];
}

/** Events are kept for an hour; one whose object is well again, or gone for a while, is history. */
function concerns(event: ClusterEvent, snapshot: ClusterSnapshot, trouble: Trouble): boolean {
  const { object, reason, lastAt } = event;
  const key = `${object.namespace ?? ''}/${object.name}`;
  const age = lastAt === null ? 0 : snapshot.at - lastAt;
  if (reason === 'FailedCreate' && hasCreatedSince(event, snapshot)) return false;
  switch (object.kind) {
    case 'Pod':
      // Once it has a node, what the scheduler lacked before is there.
      if (reason === 'FailedScheduling' && snapshot.pods.value?.get(key)?.nodeName != null) return false;
      if (snapshot.pods.value?.has(key) === true) return trouble.pods.has(key);
      // Ended pods are counted, not listed; what was said of them holds while there are some.
      return (snapshot.deadPods.value?.failed ?? 0) > 0 && age < hour;
    case 'Node':
      return trouble.nodes.has(object.name) || age < recently;
    case 'PersistentVolumeClaim': {
      const claim = snapshot.persistentVolumeClaims.value?.get(key);
      return claim === undefined ? age < recently : claim.phase !== 'Bound';
    }
    case 'Deployment':
      return lacksReplicas(snapshot.deployments.value?.get(key), age);
    case 'DaemonSet':
      return lacksReplicas(snapshot.daemonSets.value?.get(key), age);
    case 'StatefulSet':
      return lacksReplicas(snapshot.statefulSets.value?.get(key), age);
    case 'ReplicaSet':
      return lacksReplicas(snapshot.deployments.value?.get(key.replace(/-[a-z0-9]+$/, '')), age);
    default:
      return age < recently;
  }
}

/** Whether what could not create pods has created one after all. */
function hasCreatedSince({ object, lastAt }: ClusterEvent, { pods }: ClusterSnapshot): boolean {
  return lastAt !== null && pods.value !== null && (newestByOwner(pods).get(`${object.kind} ${object.namespace ?? ''}/${object.name}`) ?? 0) > lastAt;
}

/** When each owner's newest pod was created; worked out once per slice. */
function newestByOwner(slice: ClusterSnapshot['pods']): ReadonlyMap<string, number> {
  const known = newest.get(slice);
  if (known !== undefined) return known;
  const found = new Map<string, number>();
  for (const { namespace, owner, createdAt } of slice.value?.values() ?? []) {
    const key = owner === null ? null : `${owner.kind} ${namespace}/${owner.name}`;
    if (key !== null && createdAt !== null && createdAt > (found.get(key) ?? 0)) found.set(key, createdAt);
  }
  newest.set(slice, found);
  return found;
}

const newest = new WeakMap<ClusterSnapshot['pods'], ReadonlyMap<string, number>>();

const hour = 3_600_000;
const recently = 10 * 60_000;

function lacksReplicas(workload: Workload | undefined, age: number): boolean {
  return workload === undefined ? age < recently : workload.ready < workload.desired || workload.current < workload.desired;
}

function eventSubject({ object }: ClusterEvent, snapshot: ClusterSnapshot, links: Links) {
  if (object.kind === 'Node') return nodeSubject(object.name, links);
  const pod = object.kind === 'Pod' ? snapshot.pods.value?.get(`${object.namespace ?? ''}/${object.name}`) : undefined;
  return pod === undefined ? objectSubject(object, links) : podSubject(pod, links);
}

function* workloadsOf(snapshot: ClusterSnapshot): Generator<Workload> {
  for (const slice of [snapshot.deployments, snapshot.daemonSets, snapshot.statefulSets]) yield* slice.value?.values() ?? [];
}

/** The node that listens on an instance's address; null for pods' own addresses. */
function nodeOf(instance: string, snapshot: ClusterSnapshot): string | null {
  const address = instance.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  for (const node of snapshot.nodes.value?.values() ?? []) {
    if (node.name === address || node.addresses.some((one) => one.address === address)) return node.name;
  }
  return null;
}

/** What journalctl writes in front of a message; the time is told apart from it. */
const stamp = /^\d{9,11}\.\d{1,9} \S{1,255} (?=\S)/;

/** What the probe and nvidia-smi brought along already. */
function* machineWords(snapshot: ClusterSnapshot, links: Links): Generator<{ readonly from: object; readonly said: Said }> {
  for (const { name, facts } of snapshot.hosts.value?.values() ?? []) {
    if (facts?.xids.known !== true) continue;
    for (const xid of facts.xids.value)
      yield {
        from: xid,
        said: { subject: nodeSubject(name, links), where: 'kernel-log', source: 'kernel log', text: xid.line.replace(stamp, ''), at: xid.at },
      };
  }
  for (const { node, report, at } of snapshot.machineGpus.value?.values() ?? []) {
    const words = report.status === 'ok' ? report.devices.flatMap(({ lost }) => lost ?? []) : [report.why];
    for (const text of words) yield { from: report, said: { subject: nodeSubject(node, links), where: 'command-output', source: 'nvidia-smi', text, at } };
  }
}
