import type { HostState } from '../../state/hosts.js';
import type { Lease } from '../../state/leases.js';
import { type Node, readiness } from '../../state/nodes.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { sawItChange } from '../kubelet-heartbeat.js';

/** What is to be seen now of the boot that a node is in. */
export interface BootSight {
  /** Boot ids that somebody tells, the older first: just after a reboot the API server still has the old one. */
  readonly ids: readonly string[];
  /** When the last of them began, ms since the epoch by our clock; null while no machine tells. */
  readonly bootedAt: number | null;
  /** down: neither its kubelet nor its SSH server is heard. */
  readonly state: 'up' | 'down' | 'unknown';
  readonly ready: boolean;
}

/** `lastVisitAt` says from when on the cluster's events count: older ones tell of boots that are known; null: none do. */
export function bootSight(name: string, snapshot: ClusterSnapshot, lastVisitAt: number | null, now: number): BootSight {
  const node = snapshot.nodes.value?.get(name) ?? null;
  const host = hostOf(name, snapshot);
  const heard = isHeard(name, snapshot, now);
  const nodeId = node?.info.bootId ?? null;
  const hostId = host?.facts?.bootId.known === true ? host.facts.bootId.value : null;
  const lease = snapshot.leases.value?.get(name);
  const hostIsNewer = host?.contact.status === 'connected' && !(lease !== undefined && lease.seenAt > (host.facts?.at ?? 0) + settling);
  const present = [...new Set(hostIsNewer ? [nodeId, hostId] : [hostId, nodeId])].filter((id) => id !== null);
  const ids = [...bootsInEvents(name, snapshot, lastVisitAt).filter((id) => !present.includes(id)), ...present];
  const tellsTime = hostId !== null && ids.at(-1) === hostId;
  return {
    ids,
    bootedAt: tellsTime && host !== null ? bootedAt(host) : null,
    state: stateOf(node, host, heard, snapshot),
    ready: heard === true && node !== null && readiness(node) === 'ready',
  };
}

/** The machine of a node; null while none is looked at. */
export function hostOf(name: string, { hosts }: ClusterSnapshot): HostState | null {
  return hosts.value?.get(name) ?? [...(hosts.value?.values() ?? [])].find((host) => host.node === name) ?? null;
}

/** Whether the node's kubelet renews its lease; null while the API server cannot say. */
export function isHeard(name: string, { connection, nodes, leases }: ClusterSnapshot, now: number): boolean | null {
  if (connection.status !== 'connected' || nodes.freshness.status !== 'live') return null;
  const lease = leases.value?.get(name);
  if (leases.freshness.status !== 'live' || leases.value === null) {
    const node = nodes.value?.get(name);
    return node === undefined ? false : readiness(node) === 'ready';
  }
  if (lease === undefined || lease.renewedAt === null) return false;
  if (now - lease.seenAt > limitOf(lease)) return false;
  if (sawItChange(lease, connection.since)) return true;
  // At first sight the others tell how old it is: clocks may disagree with ours.
  const newest = Math.max(...[...leases.value.values()].map(({ renewedAt }) => renewedAt ?? 0));
  return leases.value.size === 1 ? now - lease.renewedAt <= 2 * limitOf(lease) : newest - lease.renewedAt <= limitOf(lease) + settling;
}

/** Boots that have ended again are only told by the kubelet's events, oldest first: "Node gpu-2 has been rebooted, boot id: …". */
function bootsInEvents(name: string, { events }: ClusterSnapshot, since: number | null): readonly string[] {
  if (since === null || events.value === null) return [];
  return [...events.value.values()]
    .filter(({ reason, object, lastAt }) => reason === 'Rebooted' && object.kind === 'Node' && object.name === name && lastAt !== null && lastAt > since)
    .sort((a, b) => (a.lastAt ?? 0) - (b.lastAt ?? 0))
    .flatMap(({ message }) => /boot id: ([0-9a-f-]{36})/.exec(message)?.[1] ?? []);
}

function stateOf(node: Node | null, host: HostState | null, heard: boolean | null, snapshot: ClusterSnapshot): BootSight['state'] {
  const silent = host?.contact.status === 'lost';
  if (heard === null) return silent && snapshot.connection.status === 'lost' ? 'down' : host?.contact.status === 'connected' ? 'up' : 'unknown';
  if (node === null) return silent ? 'down' : 'unknown';
  if (readiness(node) !== 'ready' && (!heard || silent)) return host?.contact.status === 'connected' && !silent ? 'up' : 'down';
  return 'up';
}

function bootedAt({ facts }: HostState): number | null {
  if (facts === null || !facts.bootedAt.known) return null;
  return facts.bootedAt.value - (facts.clockSkewMs.known ? facts.clockSkewMs.value : 0);
}

function limitOf({ durationSeconds }: Lease): number {
  return (durationSeconds ?? 40) * 1000;
}

/** A kubelet that has begun to renew its lease may still show what it wrote before the boot: this long, ms. */
const settling = 15_000;
