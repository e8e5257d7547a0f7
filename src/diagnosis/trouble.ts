import { expectedGpus } from '../state/gpus.js';
import type { HostState } from '../state/hosts.js';
import { readiness } from '../state/nodes.js';
import type { ContainerState, Pod } from '../state/pods.js';
import type { ClusterSnapshot, Collection } from '../state/snapshot.js';

/** What is not as it should be, as far as it says whose words are worth reading. */
export interface Trouble {
  /** Pods by key. */
  readonly pods: ReadonlyMap<string, Pod>;
  /** Nodes that are not Ready or short of something. */
  readonly nodes: ReadonlySet<string>;
  /** Nodes that offer fewer GPUs than they have. */
  readonly withoutGpus: ReadonlySet<string>;
  /** Whether the API server has stopped answering. */
  readonly apiLost: boolean;
  /** When the next of the pods that are just starting should have started, ms since the epoch; null when there is none. */
  readonly lookAgainAt: number | null;
}

/** A pod that starts in order takes this long, with an image that is there. */
const graceMs = 20_000;

/** `restarted`: keys of pods in which a container was restarted while we watched, not long ago. */
export function troubleOf(snapshot: ClusterSnapshot, restarted: ReadonlySet<string>): Trouble {
  const pods = new Map<string, Pod>();
  let lookAgainAt: number | null = null;
  for (const [key, pod] of snapshot.pods.value ?? noPods) {
    const state = restarted.has(key) ? 'trouble' : podState(pod, snapshot.at);
    if (state === 'trouble') pods.set(key, pod);
    if (state === 'starting') lookAgainAt = Math.min(lookAgainAt ?? Number.POSITIVE_INFINITY, (sinceOf(pod) ?? snapshot.at) + graceMs);
  }
  return { pods, nodes: nodesInTrouble(snapshot), withoutGpus: nodesWithoutGpus(snapshot), apiLost: snapshot.connection.status === 'lost', lookAgainAt };
}

const noPods: Collection<Pod> = new Map();

function podState(pod: Pod, now: number): 'fine' | 'starting' | 'trouble' {
  if (pod.deletedAt !== null || pod.phase === 'Succeeded') return 'fine';
  if (pod.phase === 'Running' && pod.ready?.status === 'True' && pod.containers.every(({ state }) => state !== 'waiting')) return 'fine';
  if (pod.phase === 'Failed' || pod.unschedulable !== null || pod.containers.some(isStuck)) return 'trouble';
  const since = sinceOf(pod);
  return since === null || now - since >= graceMs ? 'trouble' : 'starting';
}

function isStuck({ state, reason, exitCode, init, restarts, ready }: ContainerState): boolean {
  if (state === 'waiting') return reason !== null && reason !== 'ContainerCreating' && reason !== 'PodInitializing';
  return (state === 'terminated' && (exitCode ?? 0) !== 0) || (!init && !ready && restarts > 0);
}

function sinceOf(pod: Pod): number | null {
  return pod.ready?.since ?? pod.startedAt ?? pod.createdAt;
}

function nodesInTrouble({ nodes }: ClusterSnapshot): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes.value?.values() ?? []) {
    const short = node.conditions.some(({ type, status }) => type !== 'Ready' && status === 'True');
    if (readiness(node) !== 'ready' || short) names.add(node.name);
  }
  return names;
}

/** By what the API promised, by what sits on the machine's bus, and by the checks, which know what is expected. */
function nodesWithoutGpus({ gpus, hosts, nodes, report }: ClusterSnapshot): ReadonlySet<string> {
  const names = new Set<string>();
  for (const own of gpus.value?.nodes.values() ?? []) {
    if (own.total.allocatable < expectedGpus(own)) names.add(own.node);
  }
  for (const { node, facts } of hosts.value?.values() ?? []) {
    const known = node === null ? undefined : nodes.value?.get(node);
    if (known === undefined || facts?.pciGpus.known !== true || facts.pciGpus.value === 0) continue;
    const offered = [...known.allocatable].some(([resource, amount]) => resource.startsWith('nvidia.com/') && amount > 0);
    if (!offered) names.add(known.name);
  }
  for (const { id, object, status } of report.value?.findings ?? []) {
    if (id === 'gpu-count' && status === 'fail' && object.startsWith('node/')) names.add(object.slice('node/'.length));
  }
  return names;
}

/** Units of a machine whose log says why something failed, with what makes their lines old news: `running` ones go on talking. */
export function unitsInTrouble(host: HostState, trouble: Trouble): readonly { readonly unit: string; readonly running: boolean }[] {
  const { facts } = host;
  const services = facts?.services.known === true ? facts.services.value : [];
  const failed = facts?.failedUnits.known === true ? facts.failedUnits.value : [];
  const down = services.filter(({ name, active, enabled, sub }) => {
    if (active === 'failed' || active === 'activating' || sub === 'auto-restart') return true;
    return active === 'inactive' && enabled === 'enabled' && alwaysRunning.has(name);
  });
  const units = new Map([...down.map(({ name }) => withSuffix(name)), ...failed].map((unit) => [unit, false]));
  if (trouble.apiLost || (host.node !== null && trouble.nodes.has(host.node))) {
    for (const { name, active } of services) if (nodeServices.has(name) && active === 'active') units.set(withSuffix(name), true);
  }
  return [...units].slice(0, 6).map(([unit, running]) => ({ unit, running }));
}

const alwaysRunning: ReadonlySet<string> = new Set([
  'kubelet',
  'crio',
  'containerd',
  'docker',
  'haproxy',
  'keepalived',
  'nvidia-persistenced',
  'nvidia-fabricmanager',
]);
/** What says why a node is not Ready. */
const nodeServices: ReadonlySet<string> = new Set(['kubelet', 'crio', 'containerd']);

function withSuffix(name: string): string {
  return name.includes('.') ? name : `${name}.service`;
}

/** Whether the kernel may know why: GPUs are missing, the driver does not answer, or a unit of it failed. */
export function kernelMayKnow(host: HostState, snapshot: ClusterSnapshot, trouble: Trouble): boolean {
  const gpus = snapshot.machineGpus.value?.get(host.name)?.report;
  if (gpus !== undefined && gpus.status !== 'not-installed' && (gpus.status !== 'ok' || gpus.devices.some(({ lost }) => lost !== null))) return true;
  if (host.node !== null && trouble.withoutGpus.has(host.node)) return true;
  return unitsInTrouble(host, trouble).some(({ unit }) => /nvidia|modules-load/.test(unit));
}
