import { listed } from '../../text/wording.js';
import { fileChanges } from '../backups.js';
import { defineFix, fieldForms, nothingToDo } from '../fix.js';
import { moduleChanges } from '../kernel-modules.js';
import { factValue, reachMachine, readFile } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

/** Read after every other file: a later one would win over it. */
const path = '/etc/sysctl.d/99-zz-k8s.conf';

const switches = ['net.bridge.bridge-nf-call-iptables', 'net.bridge.bridge-nf-call-ip6tables', 'net.ipv4.ip_forward'] as const;

/** What is set, and what suffices: with 128 instances a GPU node runs out of inotify watchers. */
const limits = [
  { name: 'fs.inotify.max_user_instances', value: 8192, least: 1024 },
  { name: 'fs.inotify.max_user_watches', value: 1_048_576, least: 524_288 },
] as const;

/** The kernel settings that pod networks and GPU nodes need, now and at each boot. */
export const applySysctls: Operation = defineFix({
  id: 'apply-sysctls',
  title: 'apply the kernel settings that Kubernetes needs',
  fields: { host: fieldForms.host },
  headline: (field) => `Apply the kernel settings for Kubernetes on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const now = factValue(machine.facts?.sysctls) ?? {};
    const before = await readFile(machine, path);
    const after = `${[...switches.map((name) => `${name} = 1`), ...limits.map(({ name, value }) => `${name} = ${Math.max(value, Number(now[name]) || 0)}`)].join('\n')}\n`;
    if (before === after && wrong(now).length === 0) throw nothingToDo(`the kernel of ${host} is set for Kubernetes`);
    // Without this module the bridge has no settings at all.
    const modules = await moduleChanges(machine, ['br_netfilter']);
    const file = before === after ? null : await fileChanges(machine, path, { before, after });
    const goal = `IP forwarding, bridged traffic and inotify limits of ${host} are set for Kubernetes`;
    return {
      risk: 'safe',
      changes: [...modules.changes, ...(file?.changes ?? []), commandChange({ host, text: 'Set them now', argv: ['sysctl', '-p', path] })],
      warnings: now['net.ipv4.ip_forward'] === '0' ? [`${host} begins to forward packets: its firewall decides which`] : [],
      undo: `${host}# ${[...(file === null ? [] : [file.undo]), ...modules.undo, 'sysctl --system'].join('; ')}`,
      goal,
      verify(seen, signal) {
        const missing = missingFacts(host, Date.now(), (facts) => {
          const values = factValue(facts.sysctls);
          if (values === null) return `the kernel settings of ${host} cannot be seen`;
          const left = wrong(values);
          return left.length === 0 ? null : `${listed(left)} on ${host}`;
        });
        return lookFor(seen, signal, { within: 90_000, goal, missing });
      },
    };
  },
});

/** "net.ipv4.ip_forward is 0", for each that is not as it should be. */
function wrong(values: Readonly<Record<string, string>>): readonly string[] {
  const is = (name: string) => `${name} is ${values[name] ?? 'not there'}`;
  return [
    ...switches.filter((name) => values[name] !== '1').map(is),
    ...limits.filter(({ name, least }) => !(Number(values[name]) >= least)).map(({ name }) => is(name)),
  ];
}
