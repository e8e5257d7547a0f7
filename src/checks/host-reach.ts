import type { HostState } from '../state/hosts.js';
import { readiness } from '../state/nodes.js';
import type { Fix } from '../state/report.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { machinesOf, type UnseenMachine } from './host-machine.js';
import type { Sight } from './sight.js';
import { clause, listed } from './wording.js';

/** Which machines can be looked at; what cannot be seen of the others is told here once. */
export const hosts: Check = defineCheck({
  id: 'hosts',
  title: 'machines can be looked at',
  severity: 'critical',
  dependsOn: ['coming-back', 'node-ready'],
  look(sight) {
    const machines = machinesOf(sight.snapshot);
    if (typeof machines === 'string') return [{ object: 'cluster', status: 'skipped', message: machines }];
    const expected = new Set(sight.expectations.hosts ?? []);
    const known = new Set([...machines.seen, ...machines.unseen].flatMap(({ name, host }) => [name, host.node ?? name]));
    const found = [
      ...[...expected].filter((name) => !known.has(name)).map(missing),
      ...machines.unseen.map((machine) => {
        const isExpected = expected.has(machine.name) || expected.has(machine.host.node ?? machine.name);
        return unreached(machine, { isExpected, othersAnswer: machines.seen.length > 0 }, sight);
      }),
    ];
    const names = machines.seen.map(({ name }) => name);
    if (names.length > 0) found.push({ object: 'cluster', status: 'pass', message: `${listed(names)} ${names.length === 1 ? 'answers' : 'answer'}` });
    return found.length > 0 ? found : [{ object: 'cluster', status: 'skipped', message: 'no machine is looked at' }];
  },
});

function missing(name: string): Observation {
  return {
    object: `host/${name}`,
    status: 'fail',
    message: `${name} is expected, but neither the nodes nor the settings name such a machine`,
    fix: { summary: `Give its address in the settings: contexts.NAME.hosts.each.${name}.address`, command: null },
  };
}

function unreached(machine: UnseenMachine, { isExpected, othersAnswer }: { isExpected: boolean; othersAnswer: boolean }, sight: Sight): Observation {
  const { host, name, object, lastSeenAt, why } = machine;
  const about = { object, fix: wayIn(host), explains: [`contact/${name}`] };
  // One that never answered may just not be let in; where others answer, and the API server has lost it too, it is gone.
  if ((lastSeenAt !== null || (host.contact.status === 'lost' && othersAnswer)) && isSilent(host, sight)) {
    const since = lastSeenAt === null ? '' : ` since ${duration(sight.now - lastSeenAt)}`;
    return {
      ...about,
      status: 'fail',
      message: `${name} answers neither here nor to the API server${since}: ${why}`,
      fix: { summary: `Look at the console or the management board of ${name}: it is down, still booting, or cut off`, command: null },
      explains: [...about.explains, object],
    };
  }
  if (isExpected && !isOpen(host)) return { ...about, status: 'fail', message: `${name} is expected and does not answer: ${why}`, explainedBy: [[object]] };
  if (lastSeenAt !== null && !isOpen(host)) {
    const message = `${name} answered until ${duration(sight.now - lastSeenAt)} ago: ${why}`;
    return { ...about, status: 'warn', severity: 'warning', message, explainedBy: [[object]] };
  }
  return { ...about, status: 'unknown', severity: 'info', message: `${name}: ${why}${isOpen(host) ? '' : `; ${unlooked}`}`, explainedBy: [[object]] };
}

const unlooked = 'swap, services, driver and disks of it cannot be looked at';

/** Still on its way: being asked, or waiting for a person. */
function isOpen({ contact }: HostState): boolean {
  return contact.status === 'connecting' || contact.status === 'asking' || contact.status === 'connected';
}

/** Whether the API server has not heard of it either. */
function isSilent({ node }: HostState, sight: Sight): boolean {
  const known = node === null ? undefined : sight.peek('nodes')?.get(node);
  return known !== undefined && readiness(known) === 'unknown';
}

function wayIn({ contact }: HostState): Fix | null {
  if (contact.status !== 'lost' && contact.status !== 'refused') return null;
  return contact.fix === null ? null : { summary: clause(contact.fix), command: null };
}
