import type { HostState } from '../state/hosts.js';
import type { ContainerState, Pod } from '../state/pods.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { Links } from './subjects.js';
import { kernelMayKnow, type Trouble, unitsInTrouble } from './trouble.js';

/** A log that is worth reading. */
export type Wanted = WantedPodLog | WantedUnitLog | WantedKernelLog;

interface Reading {
  readonly key: string;
  /** Changes with the state of what speaks: then the log is read again at once. */
  readonly state: string;
}

export interface WantedPodLog extends Reading {
  readonly kind: 'pod-log';
  readonly pod: Pod;
  readonly container: string;
  readonly previous: boolean;
}

export interface WantedUnitLog extends Reading {
  readonly kind: 'unit-log';
  readonly host: string;
  readonly unit: string;
  /** Still running: only its newest lines say how things are now. */
  readonly running: boolean;
}

export interface WantedKernelLog extends Reading {
  readonly kind: 'kernel-log';
  readonly host: string;
}

const mostPods = 30;
/** Replicas fail alike. */
const mostPerOwner = 2;
const mostHosts = 20;

/** The logs of what is in trouble, the most telling pods first; none while all is well. */
export function wantedLogs(snapshot: ClusterSnapshot, trouble: Trouble, links: Links): readonly Wanted[] {
  return [...podLogs(snapshot, trouble, links), ...hostLogs(snapshot, trouble)];
}

function podLogs(snapshot: ClusterSnapshot, trouble: Trouble, links: Links): readonly Wanted[] {
  const silent = silentPlugins(snapshot, trouble, links);
  const candidates = [...silent, ...[...trouble.pods.values()].filter((pod) => !silent.includes(pod))].flatMap((pod) => {
    const logs = logsOf(pod, silent.includes(pod));
    return logs.length === 0 ? [] : [{ pod, logs, rank: silent.includes(pod) ? 0 : rankOf(pod) }];
  });
  candidates.sort((a, b) => a.rank - b.rank || compare(keyOf(a.pod), keyOf(b.pod)));
  const perOwner = new Map<string, number>();
  const chosen = candidates.filter(({ pod, rank }) => {
    const owner = links.owner(pod) ?? keyOf(pod);
    const before = perOwner.get(owner) ?? 0;
    perOwner.set(owner, before + 1);
    return rank === 0 || before < mostPerOwner;
  });
  return chosen.slice(0, mostPods).flatMap(({ logs }) => logs);
}

/** Device plugins that run while their node's GPUs are missing: they wait in silence, and only their log says for what. */
function silentPlugins({ pods }: ClusterSnapshot, { withoutGpus }: Trouble, links: Links): readonly Pod[] {
  if (withoutGpus.size === 0) return [];
  return [...(pods.value?.values() ?? [])].filter((pod) => pod.nodeName !== null && withoutGpus.has(pod.nodeName) && links.isDevicePlugin(pod));
}

function rankOf(pod: Pod): number {
  if (pod.mirror || pod.priorityClassName?.startsWith('system-') === true) return 1;
  return pod.containers.some(({ restarts, state }) => restarts > 0 || state === 'terminated') ? 2 : 3;
}

/** The logs of the containers that hold a pod up, and of their runs before; of all of them where `all`. A container that never ran has none. */
function logsOf(pod: Pod, all: boolean): readonly WantedPodLog[] {
  const notReady = pod.containers.filter((container) => !container.ready || container.state === 'waiting');
  const containers = all || notReady.length === 0 ? pod.containers.filter(({ init }) => !init) : notReady;
  return containers.flatMap((container) => {
    const { name, state, restarts } = container;
    const ran = state === 'running' || state === 'terminated' || restarts > 0 || container.reason === 'CrashLoopBackOff';
    const log = (previous: boolean): WantedPodLog => ({
      kind: 'pod-log',
      key: `pod ${keyOf(pod)} ${name}${previous ? ' previous' : ''}`,
      state: `${pod.uid} ${stateOf(container)}`,
      pod,
      container: name,
      previous,
    });
    // While a container waits to be started again, its log is that of its last run.
    return [...(ran ? [log(false)] : []), ...(state === 'running' && restarts > 0 ? [log(true)] : [])];
  });
}

function stateOf({ state, restarts, reason, exitCode }: ContainerState): string {
  return `${state} ${restarts} ${reason} ${exitCode}`;
}

function hostLogs(snapshot: ClusterSnapshot, trouble: Trouble): readonly Wanted[] {
  const hosts = [...(snapshot.hosts.value?.values() ?? [])].filter(({ contact }) => contact.status === 'connected');
  return hosts
    .map((host) => logsOfHost(host, snapshot, trouble))
    .filter((logs) => logs.length > 0)
    .slice(0, mostHosts)
    .flat();
}

function logsOfHost(host: HostState, snapshot: ClusterSnapshot, trouble: Trouble): readonly Wanted[] {
  const boot = host.facts?.bootId.known === true ? host.facts.bootId.value : '';
  const units = unitsInTrouble(host, trouble).map(
    ({ unit, running }): Wanted => ({ kind: 'unit-log', key: `unit ${host.name} ${unit}`, state: `${boot} ${running}`, host: host.name, unit, running }),
  );
  const kernel: readonly Wanted[] = kernelMayKnow(host, snapshot, trouble)
    ? [{ kind: 'kernel-log', key: `kernel ${host.name}`, state: boot, host: host.name }]
    : [];
  return [...units, ...kernel];
}

function keyOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
