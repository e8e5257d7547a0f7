import { isAccelerator } from '../kube/gpu-accounting.js';
import { type Node, nodeAddress } from '../state/nodes.js';
import type { Role, SetupChoice, SetupHost } from '../state/setup.js';
import type { Collection } from '../state/snapshot.js';
import type { Target } from './playbook.js';

/** The column of the matrix for what is done in the cluster. */
export const clusterColumn = 'cluster';

/** The columns in which a step is done: hosts in the order of the inventory, or the cluster's. */
export function columnsOf(targets: readonly Target[], hosts: readonly SetupHost[]): readonly string[] {
  if (targets.includes('cluster')) return [clusterColumn];
  const first = hosts.find(({ roles }) => roles.includes('control-plane'));
  const is = (host: SetupHost, target: Target) => {
    if (target === 'all') return true;
    if (target === 'first-control-plane') return host === first;
    if (target === 'other-control-planes') return host !== first && host.roles.includes('control-plane');
    return host.roles.some((role) => role === target);
  };
  return [...new Set(hosts.filter((host) => targets.some((target) => is(host, target))).map(({ name }) => name))];
}

/** Hosts with a role, in the order of the inventory. */
export function withRole(hosts: readonly SetupHost[], role: Role): readonly SetupHost[] {
  return hosts.filter(({ roles }) => roles.includes(role));
}

/** The inventory and the values of the cluster in use: kubectl runs on this machine, in that context. Which playbooks are for it is left open. */
export function choiceFromNodes(nodes: Collection<Node>, _context: string): SetupChoice {
  const sorted = [...nodes.values()].sort(
    (a, b) => Number(isControlPlane(b)) - Number(isControlPlane(a)) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  return { profile: null, playbooks: [], hosts: sorted.map(hostOf), values: valuesOf(sorted), seat: 'here' };
}

function hostOf(node: Node): SetupHost {
  const roles: Role[] = [];
  if (isControlPlane(node)) roles.push('control-plane');
  if (hasGpus(node)) roles.push('gpu');
  if (roles.length === 0) roles.push('worker');
  return { name: node.name, address: nodeAddress(node), roles };
}

function isControlPlane({ labels, taints }: Node): boolean {
  const keys = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
  return keys.some((key) => labels.has(key) || taints.some((taint) => taint.key === key));
}

/** Also where the device plugin does not run now: by what was found on the PCI bus, and by what somebody said of it. */
function hasGpus({ capacity, labels, taints }: Node): boolean {
  if ([...capacity].some(([resource, amount]) => isAccelerator(resource) && amount > 0)) return true;
  if (taints.some(({ key }) => key === 'nvidia.com/gpu')) return true;
  return [...labels].some(([key, value]) => gpuLabel.test(key) && value !== 'false' && value !== '0');
}

const gpuLabel =
  /^nvidia\.com\/gpu\.(?:present|count|product)$|^feature\.node\.kubernetes\.io\/pci-(?:\d{4}_)?10de(?:\.|_[0-9a-f.]*)*present$|^(?:accelerator|gpu)$|^node-role\.kubernetes\.io\/gpu$/;

/** What the nodes themselves say: the same of all that say anything, else it is left to the person. */
function valuesOf(nodes: readonly Node[]): Readonly<Record<string, string>> {
  const runtimes = nodes.map(({ info }) => /^(cri-o|containerd):\/\/v?(\d+\.\d+)/.exec(info.containerRuntimeVersion ?? ''));
  const crio = same(runtimes.map((match) => (match?.[1] === 'cri-o' ? match[2] : undefined)));
  const found = {
    K8S_MINOR: same(nodes.filter(isControlPlane).map(({ info }) => /^v?(\d+\.\d+)\./.exec(info.kubeletVersion ?? '')?.[1])),
    RUNTIME: same(runtimes.map((match) => match?.[1]))?.replace('cri-o', 'crio'),
    CRIO_MINOR: crio,
    GPU_STACK: nodes.some(({ labels }) => [...labels.keys()].some((key) => key.startsWith('nvidia.com/gpu.deploy.'))) ? 'operator' : undefined,
    SLICES: same(nodes.filter(hasGpus).map(({ labels }) => /^[1-9]\d?$/.exec(labels.get('nvidia.com/gpu.replicas') ?? '')?.[0])),
  };
  return Object.fromEntries(Object.entries(found).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

function same(said: readonly (string | undefined)[]): string | undefined {
  const [first] = said;
  return said.every((value) => value === first) ? first : undefined;
}
