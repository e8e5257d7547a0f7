import type { Fact, HostFacts, HostState } from '../state/hosts.js';
import type { Node } from '../state/nodes.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { duration } from '../text/age.js';
import { quoted } from './kubectl.js';
import { clause } from './wording.js';

/** A machine whose facts are true now. */
export interface Machine {
  readonly host: HostState;
  readonly name: string;
  /** What findings are about: `node/gpu-2`, or `host/lb` for one outside of the cluster. */
  readonly object: string;
  readonly facts: HostFacts;
  /** As the API has it; null for machines outside of the cluster, and while no nodes can be seen. */
  readonly node: Node | null;
  /** The container runtime that its kubelet uses; null where nothing says. */
  readonly runtime: string | null;
  /** Whether it has NVIDIA GPUs, as far as the bus, the cluster or nvidia-smi say. */
  readonly hasGpus: boolean;
}

/** A machine that cannot be looked at now. `lastSeenAt` is null for one that never answered. */
export interface UnseenMachine {
  readonly host: HostState;
  readonly name: string;
  readonly object: string;
  readonly lastSeenAt: number | null;
  readonly why: string;
}

export interface Machines {
  readonly seen: readonly Machine[];
  readonly unseen: readonly UnseenMachine[];
}

/** Every machine, in name order; a sentence where there is nobody to ask. */
export function machinesOf(snapshot: ClusterSnapshot): Machines | string {
  const known = cache.get(snapshot);
  if (known !== undefined) return known;
  const machines = sorted(snapshot);
  cache.set(snapshot, machines);
  return machines;
}

/** A fact's value. Throws NotTold where it is not known: then the machine's finding says why. */
export function told<T>(fact: Fact<T>): T {
  if (!fact.known) throw new NotTold(fact.why);
  return fact.value;
}

/** The machine did not say what a check needs of it. */
export class NotTold extends Error {}

/** A command line that runs there from here; what holds shell syntax of its own goes through a shell there. */
export function onHost({ host }: { readonly host: Pick<HostState, 'name' | 'road'> }, command: string): string {
  if (host.road === 'this machine') return command;
  return /[|&;<>'"$]/.test(command) ? `ssh ${quoted(host.name)} ${quoted(command)}` : `ssh ${quoted(host.name)} ${command}`;
}

export function service(facts: HostFacts, name: string) {
  return told(facts.services).find((candidate) => candidate.name === name);
}

const cache = new WeakMap<ClusterSnapshot, Machines | string>();

function sorted(snapshot: ClusterSnapshot): Machines | string {
  const { value, freshness } = snapshot.hosts;
  if (value === null) {
    if (freshness.status === 'absent') return freshness.why;
    return freshness.status === 'loading' ? (freshness.why ?? 'the machines are still being asked') : 'the machines cannot be looked at';
  }
  const seen: Machine[] = [];
  const unseen: UnseenMachine[] = [];
  for (const host of [...value.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const object = host.node === null ? `host/${host.name}` : `node/${host.node}`;
    const { facts } = host;
    if (host.contact.status === 'connected' && facts !== null) seen.push(machine(host, facts, object, snapshot));
    else unseen.push({ host, name: host.name, object, lastSeenAt: facts?.at ?? null, why: whyUnseen(host, snapshot.at) });
  }
  return { seen, unseen };
}

function machine(host: HostState, facts: HostFacts, object: string, snapshot: ClusterSnapshot): Machine {
  const node = (host.node === null ? null : snapshot.nodes.value?.get(host.node)) ?? null;
  return { host, name: host.name, object, facts, node, runtime: runtimeOf(facts, node), hasGpus: hasGpus(host, facts, snapshot) };
}

/** `cri-o://1.36.3` in the node's status; the endpoint of the kubelet where it is known. */
function runtimeOf(facts: HostFacts, node: Node | null): string | null {
  const reported = /^([a-z-]+):\/\//.exec(node?.info.containerRuntimeVersion ?? '')?.[1];
  if (facts.runtimeConfig.known) return facts.runtimeConfig.value.runtime;
  if (reported !== undefined) return reported === 'cri-o' ? 'crio' : reported;
  if (!facts.services.known) return null;
  const units = facts.services.value.map(({ name }) => name);
  return ['crio', 'containerd', 'docker'].find((name) => units.includes(name)) ?? null;
}

function hasGpus(host: HostState, facts: HostFacts, { gpus, machineGpus }: ClusterSnapshot): boolean {
  if (facts.pciGpus.known) return facts.pciGpus.value > 0;
  const entry = host.node === null ? undefined : gpus.value?.nodes.get(host.node);
  if (entry?.resources.some(({ resource, capacity }) => resource.startsWith('nvidia.com/') && capacity > 0)) return true;
  return machineGpus.value?.get(host.name)?.report.status === 'ok';
}

function whyUnseen({ contact, facts }: HostState, now: number): string {
  switch (contact.status) {
    case 'connecting':
      return 'it is being asked';
    case 'connected':
      return facts === null ? 'it has not answered yet' : 'its answer is old';
    case 'asking':
      return `it waits for you: ${clause(contact.question)}`;
    case 'lost':
      return `${clause(contact.why)}${now - contact.since >= 10_000 ? ` for ${duration(now - contact.since)}` : ''}`;
    case 'refused':
      return clause(contact.why);
  }
}
