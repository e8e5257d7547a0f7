import { isIP } from 'node:net';
import { isRole } from '../config/setup-settings.js';
import { clean } from '../text/clean.js';
import { isAddress, isHostName } from '../text/host-name.js';
import { counted, listed } from '../text/wording.js';
import type { ChosenPlaybook } from './chosen.js';
import { apiEndpoint } from './detected.js';
import type { Findings, WorkedOut } from './findings.js';
import { clusterColumn, withRole } from './inventory.js';
import { networks } from './networks.js';
import type { Playbook, StepSpec, Target } from './playbook.js';

/** What of a choice cannot be, and what had better not be, in sentences that say why. */
export function contradictions(worked: WorkedOut): Findings {
  const parts = [exclusives(worked), inventory(worked), roles(worked), networks(worked), endpoint(worked), gpus(worked)];
  return { problems: parts.flatMap(({ problems }) => problems), warnings: parts.flatMap(({ warnings }) => warnings) };
}

function exclusives({ choice, parts, values }: WorkedOut): Findings {
  // Chosen one by one, all are meant; of a profile, those that the values leave.
  const oneByOne = choice.playbooks.length > 0;
  const meant = oneByOne ? parts : parts.filter(({ done }) => done.length > 0);
  const problems: string[] = [];
  for (const [at, { playbook: one }] of meant.entries()) {
    for (const { playbook: other } of meant.slice(at + 1)) {
      if (!one.conflicts.includes(other.id) && !other.conflicts.includes(one.id)) continue;
      const reason = reasons.get(one.id) ?? reasons.get(other.id);
      problems.push(`"${one.title}" and "${other.title}" cannot both be set up: choose ${one.id} or ${other.id}.${reason === undefined ? '' : ` ${reason}`}`);
    }
  }
  const refused = new Set<Playbook>();
  for (const { playbook, steps, applying } of oneByOne ? parts : []) {
    const why = applying.length > 0 ? null : unmet(steps, values);
    if (why === null) continue;
    refused.add(playbook);
    problems.push(`"${playbook.title}" is chosen, and ${why}: give another value, or leave out ${playbook.id}.${withReason(playbook)}`);
  }
  // Without any host, that is what is to be said.
  const idle = choice.hosts.length === 0 ? [] : parts.filter(({ playbook, done }) => done.length === 0 && !refused.has(playbook));
  return { problems, warnings: idle.map((part) => `Nothing of "${part.playbook.title}" is done: ${idleReason(part, values)}.`) };
}

function withReason({ id }: Playbook): string {
  const reason = reasons.get(id);
  return reason === undefined ? '' : ` ${reason}`;
}

const onePodNetwork = "A cluster has one pod network: two would take each other's pods.";
const oneRuntime = 'A node has one container runtime: with two, kubeadm and the kubelet take the wrong one.';

/** Why only one of those can be chosen, by either's id. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['calico', onePodNetwork],
  ['flannel', onePodNetwork],
  ['cri-o', oneRuntime],
  ['containerd', oneRuntime],
  ['gpu-operator', 'The GPU operator brings a device plugin of its own: two in one cluster offer the same GPUs twice.'],
]);

function idleReason({ steps, applying }: ChosenPlaybook, values: Readonly<Record<string, string>>): string {
  if (applying.length === 0) return unmet(steps, values) ?? 'all its steps are left out';
  const roles = [...new Set(applying.flatMap(({ on }) => on.map((target) => targets.get(target) ?? `the role ${target}`)))];
  return `no host has ${listed(roles, 6)}`;
}

const targets: ReadonlyMap<Target, string> = new Map([
  ['first-control-plane', 'the role control-plane'],
  ['other-control-planes', 'the role control-plane beside the first one'],
]);

/** The variables that keep all of the steps from being done, else those that keep any: `CNI is calico`. Null where there are none. */
function unmet(steps: readonly StepSpec[], values: Readonly<Record<string, string>>): string | null {
  const each = steps.map(({ when }) => Object.keys(when).filter((name) => !when[name]?.includes(values[name] ?? '')));
  const all = [...new Set(each.flat())];
  if (all.length === 0) return null;
  const common = all.filter((name) => each.every((names) => names.includes(name)));
  return listed((common.length > 0 ? common : all).map((name) => `${name} is ${values[name] === undefined ? 'not given' : clean(values[name], 40)}`));
}

function inventory({ choice: { hosts, seat }, parts, inCluster }: WorkedOut): Findings {
  const onHosts = parts.some(({ applying }) => applying.some(({ on }) => !on.includes('cluster')));
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
    if (/^[0-9.]+$/.test(address) && isIP(address) === 0) problems.push(`${shown} has the address ${address}, which is no IP address.`);
    else if (!isAddress(address))
      problems.push(`${shown} has no address under which it could be reached: "${clean(address, 60)}" is neither an IP address nor a name.`);
    else if (/^127\.|^::1$|^0\.0\.0\.0$|^localhost$/.test(address) && hosts.length > 1)
      problems.push(`${shown} has the address ${address}, under which each host reaches only itself.`);
    if (before !== undefined && before !== name) problems.push(`${clean(before, 60)} and ${shown} have the same address, ${clean(address, 60)}.`);
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
    problems.push(
      `${clean(both.name, 60)} is a load balancer and a control plane, and both would listen on port 6443: give API_PORT another value, such as 8443.`,
    );
  if (virtual && hosts.some(({ address }) => address === virtual))
    problems.push(`VIRTUAL_ADDRESS ${clean(virtual, 60)} is the address of a host: it has to be one that nobody has.`);
  if (virtual && balancers.length < 2) warnings.push('VIRTUAL_ADDRESS is given, and there is no second load balancer that it could move to.');
  if (used.has('VIRTUAL_ADDRESS') && !virtual && balancers.length > 1)
    warnings.push(`There are ${balancers.length} load balancers and no VIRTUAL_ADDRESS that could move between them: only the first one is used.`);
  return { problems, warnings };
}

function gpus({ used, values }: WorkedOut): Findings {
  const slices = used.has('SLICES') ? Number(values['SLICES'] ?? '1') : 1;
  if (slices === 0) return { problems: ['SLICES is 0: no pod could use a GPU. 1 gives each pod a GPU of its own.'], warnings: [] };
  if (slices > 1)
    return { problems: [], warnings: [`${slices} pods share each GPU, and its memory too: one of them that takes it all ends the others (SLICES).`] };
  return { problems: [], warnings: [] };
}
