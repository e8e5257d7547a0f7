import { isIP } from 'node:net';
import { isAddress, isHostName, isRole } from '../config/setup-settings.js';
import type { SetupChoice, SetupHost } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { counted, listed } from '../text/wording.js';
import { type Cidr, hostCidr, networkText, overlap, parseCidr } from './cidr.js';
import { apiEndpoint } from './detected.js';
import { clusterColumn, withRole } from './inventory.js';
import type { Playbook, Profile, StepSpec, Target } from './playbook.js';

/** What a choice comes to, to be looked at for contradictions. */
export interface WorkedOut {
  readonly choice: SetupChoice;
  readonly profile: Profile | null;
  /** Those of which any step is done. */
  readonly playbooks: readonly Playbook[];
  /** The variables that the steps see. */
  readonly used: ReadonlySet<string>;
  readonly values: Readonly<Record<string, string>>;
  /** Whether any step is done on a host, and whether any in the cluster. */
  readonly onHosts: boolean;
  readonly inCluster: boolean;
}

export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What of a choice cannot be, and what had better not be, in sentences that say why. */
export function contradictions(worked: WorkedOut): Findings {
  const parts = [exclusives(worked), inventory(worked), roles(worked), networks(worked), endpoint(worked), gpus(worked)];
  return { problems: parts.flatMap(({ problems }) => problems), warnings: parts.flatMap(({ warnings }) => warnings) };
}

function exclusives({ playbooks }: WorkedOut): Findings {
  const problems: string[] = [];
  for (const [at, one] of playbooks.entries()) {
    for (const other of playbooks.slice(at + 1)) {
      if (!one.conflicts.includes(other.id) && !other.conflicts.includes(one.id)) continue;
      const reason = reasons.get(one.id) ?? reasons.get(other.id);
      problems.push(
        `"${one.title}" and "${other.title}" contradict each other${reason === undefined ? '' : `: ${reason}`}. Choose one of ${one.id} and ${other.id}.`,
      );
    }
  }
  return { problems, warnings: [] };
}

/** Why only one of those can be chosen, by either's id. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['calico', 'a cluster has one pod network, and two would each take the pods of the other'],
  ['flannel', 'a cluster has one pod network, and two would each take the pods of the other'],
  ['cri-o', 'a node has one container runtime, and the kubelet would find two'],
  ['containerd', 'a node has one container runtime, and the kubelet would find two'],
  ['gpu-operator', 'the operator brings a device plugin and an exporter of its own, and two device plugins offer the same GPUs twice'],
]);

function inventory({ choice: { hosts, seat }, onHosts, inCluster }: WorkedOut): Findings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const [names, addresses] = [new Map<string, number>(), new Map<string, string>()];
  for (const { name, address, roles: given } of hosts) {
    const shown = clean(name, 60);
    if (name === clusterColumn) problems.push('A host cannot be named cluster: that stands for the cluster itself.');
    else if (!isHostName(name))
      problems.push(`"${shown}" cannot be the name of a host: lower-case letters, digits and hyphens, with dots between, as in gpu-1.`);
    names.set(name, (names.get(name) ?? 0) + 1);
    if (names.get(name) === 2) problems.push(`${shown} is in the inventory twice: each host is named once, with all its roles.`);
    const before = addresses.get(address);
    if (!isAddress(address))
      problems.push(`${shown} has no address under which it could be reached: "${clean(address, 60)}" is neither an IP address nor a name.`);
    else if (/^[0-9.]+$/.test(address) && isIP(address) === 0) problems.push(`${shown} has the address ${address}, which is no IP address.`);
    else if (/^127\.|^::1$|^0\.0\.0\.0$|^localhost$/.test(address) && hosts.length > 1)
      problems.push(`${shown} has the address ${address}, under which each host reaches only itself.`);
    if (before !== undefined && before !== name) problems.push(`${before} and ${shown} have the same address, ${clean(address, 60)}.`);
    addresses.set(address, name);
    const strange = given.find((role) => !isRole(role));
    if (strange !== undefined) problems.push(`${shown} has the role "${clean(strange, 40)}", which there is not.`);
    if (given.length === 0 && onHosts) warnings.push(`${shown} has no role: only what is done on all hosts is done there.`);
  }
  if (onHosts && hosts.length === 0) problems.push('There is no host yet: give at least one.');
  if (inCluster && seat === 'first-control-plane' && withRole(hosts, 'control-plane').length === 0)
    problems.push('kubectl is to run on the first control plane, and no host has the role control-plane.');
  return { problems, warnings };
}

function roles({ choice: { hosts }, profile }: WorkedOut): Findings {
  const problems: string[] = [];
  for (const { role, atLeast, atMost } of profile?.hosts ?? []) {
    const count = withRole(hosts, role).length;
    const takes =
      atMost === atLeast
        ? `takes ${counted(atLeast, 'host')}`
        : count < atLeast
          ? `takes at least ${counted(atLeast, 'host')}`
          : `takes at most ${counted(atMost ?? 0, 'host')}`;
    if (count < atLeast || (atMost !== null && count > atMost))
      problems.push(`The profile ${profile?.id} ${takes} with the role ${role}, and there ${count === 1 ? 'is' : 'are'} ${count === 0 ? 'none' : count}.`);
  }
  const controlPlanes = withRole(hosts, 'control-plane').length;
  const warnings: string[] = [];
  if (controlPlanes > 0 && controlPlanes % 2 === 0)
    warnings.push(
      `${controlPlanes} control planes bear the loss of no more hosts than ${controlPlanes - 1}: etcd needs more than half of them. Take an odd number.`,
    );
  return { problems, warnings };
}

function networks({ choice: { hosts }, used, values }: WorkedOut): Findings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const inside: { readonly name: string; readonly what: string; readonly cidr: Cidr }[] = [];
  for (const [name, what] of [
    ['POD_CIDR', 'pods'],
    ['SERVICE_CIDR', 'Services'],
  ] as const) {
    const cidr = used.has(name) ? parseCidr(values[name] ?? '') : null;
    if (cidr !== null) inside.push({ name, what, cidr });
  }
  const nodes = used.has('NODE_CIDR') ? parseCidr(values['NODE_CIDR'] ?? '') : null;
  const [one, other] = inside;
  if (one !== undefined && other !== undefined) {
    if (overlap(one.cidr, other.cidr))
      problems.push(
        `The networks of the pods (${networkText(one.cidr)}) and of the Services (${networkText(other.cidr)}) overlap: the same address would be a pod and a Service.`,
      );
    if (one.cidr.family !== other.cidr.family)
      problems.push(
        `POD_CIDR and SERVICE_CIDR are of different families (IPv${one.cidr.family} and IPv${other.cidr.family}): pods and Services could not reach each other.`,
      );
  }
  for (const { name, what, cidr } of inside) {
    if (nodes !== null && overlap(cidr, nodes))
      problems.push(
        `The network of the ${what} (${name} ${networkText(cidr)}) overlaps that of the nodes (NODE_CIDR ${networkText(nodes)}): ${what} and nodes would have the same addresses.`,
      );
    for (const [whose, address] of addressesOf(hosts, values, used)) {
      const own = hostCidr(address);
      if (own !== null && overlap(cidr, own))
        problems.push(`The network of the ${what} (${name} ${networkText(cidr)}) holds the address of ${whose}, ${address}: it would not be reached any more.`);
    }
  }
  problems.push(...sizes(inside, hosts.length));
  for (const { name, address } of nodes === null ? [] : hosts) {
    const own = hostCidr(address);
    if (nodes !== null && own !== null && !overlap(nodes, own))
      warnings.push(`${clean(name, 60)} (${address}) is outside of NODE_CIDR ${networkText(nodes)}: the firewalls of the others keep it out.`);
  }
  return { problems, warnings };
}

function addressesOf(hosts: readonly SetupHost[], values: Readonly<Record<string, string>>, used: ReadonlySet<string>): readonly (readonly [string, string])[] {
  const own = hosts.map(({ name, address }) => [clean(name, 60), address] as const);
  const known = new Set(own.map(([, address]) => address));
  const named = (['API_ENDPOINT', 'VIRTUAL_ADDRESS'] as const).flatMap((name) =>
    used.has(name) && !known.has(values[name] ?? '') ? [[name, values[name] ?? ''] as const] : [],
  );
  return [...own, ...named];
}

/** What the API server and the controller manager refuse when they start. */
function sizes(inside: readonly { readonly name: string; readonly cidr: Cidr }[], hosts: number): readonly string[] {
  return inside.flatMap(({ name, cidr }) => {
    const network = networkText(cidr);
    if (name === 'SERVICE_CIDR') {
      const largest = cidr.family === 4 ? 12 : 108;
      return cidr.prefix < largest ? [`SERVICE_CIDR ${network} is too large: the API server takes /${largest} and smaller.`] : [];
    }
    const each = cidr.family === 4 ? 24 : 64;
    if (cidr.prefix > each) return [`POD_CIDR ${network} is too small: each node is given a /${each} of it.`];
    const nodes = 2 ** Math.min(each - cidr.prefix, 30);
    return hosts > nodes ? [`POD_CIDR ${network} is enough for ${counted(nodes, 'node')}, with a /${each} each, and there are ${hosts} hosts.`] : [];
  });
}

function endpoint({ choice: { hosts }, used, values }: WorkedOut): Findings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const [balancers, controlPlanes] = [withRole(hosts, 'load-balancer'), withRole(hosts, 'control-plane')];
  const [given, virtual, port] = ['API_ENDPOINT', 'VIRTUAL_ADDRESS', 'API_PORT'].map((name) => (used.has(name) ? (values[name] ?? '') : ''));
  const atOne =
    given === undefined || given === '' || given === apiEndpoint(hosts) || controlPlanes.some(({ name, address }) => given === name || given === address);
  if (controlPlanes.length > 1 && balancers.length === 0 && !virtual && atOne)
    warnings.push(
      `There are ${controlPlanes.length} control planes and no load balancer: the API is reached through one of them alone, and when that is down, through none.`,
    );
  const both = balancers.find((host) => host.roles.includes('control-plane'));
  if (both !== undefined && used.has('API_PORT') && port === '6443')
    problems.push(`${both.name} is a load balancer and a control plane, and both would listen on port 6443: give API_PORT another value, such as 8443.`);
  if (virtual && hosts.some(({ address }) => address === virtual))
    problems.push(`VIRTUAL_ADDRESS ${virtual} is the address of a host: it has to be one that nobody has.`);
  if (virtual && balancers.length < 2) warnings.push('VIRTUAL_ADDRESS is given, and there is no second load balancer that it could move to.');
  if (used.has('VIRTUAL_ADDRESS') && !virtual && balancers.length > 1)
    warnings.push(`There are ${balancers.length} load balancers and no VIRTUAL_ADDRESS that could move between them: only the first one is used.`);
  return { problems, warnings };
}

function gpus({ used, values }: WorkedOut): Findings {
  const slices = used.has('SLICES') ? Number(values['SLICES'] ?? '1') : 1;
  if (slices === 0) return { problems: ['SLICES is 0: no pod could use a GPU. 1 gives each pod a GPU of its own.'], warnings: [] };
  if (slices > 48) return { problems: [`SLICES is ${slices}: more than 48 pods on one GPU would each have too little of it to start.`], warnings: [] };
  if (slices > 1)
    return { problems: [], warnings: [`${slices} pods share each GPU, and its memory too: one of them that takes it all ends the others (SLICES).`] };
  return { problems: [], warnings: [] };
}

/** What is said of a playbook that was chosen and of which nothing is done. `applying`: its steps that would be done if there were a host for them. */
export function idlePlaybook(playbook: Playbook, values: Readonly<Record<string, string>>, applying: readonly StepSpec[]): string {
  const roles = [...new Set(applying.flatMap(({ on }) => on.map((target) => targets.get(target) ?? `the role ${target}`)))];
  const why = applying.length > 0 ? `no host has ${listed(roles, 6)}` : unmet(playbook.steps, values);
  return `Nothing of "${playbook.title}" is done: ${why}.`;
}

const targets: ReadonlyMap<Target, string> = new Map([
  ['first-control-plane', 'the role control-plane'],
  ['other-control-planes', 'the role control-plane beside the first one'],
]);

/** The variables that keep all of the steps from being done, else those that keep any. */
function unmet(steps: readonly StepSpec[], values: Readonly<Record<string, string>>): string {
  const each = steps.map(({ when }) => Object.keys(when).filter((name) => !when[name]?.includes(values[name] ?? '')));
  const all = [...new Set(each.flat())];
  if (all.length === 0) return 'all its steps are left out';
  const common = all.filter((name) => each.every((names) => names.includes(name)));
  return listed((common.length > 0 ? common : all).map((name) => `${name} is ${values[name] === undefined ? 'not given' : clean(values[name], 40)}`));
}
