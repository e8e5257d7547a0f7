import type { CheckStatus, Evidence, Fix, Severity } from '../state/report.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { type Machine, machinesOf, NotTold, type UnseenMachine } from './host-machine.js';
import type { Sight } from './sight.js';
import { clause, listed } from './wording.js';

/** A question that only the machines themselves can answer. */
export interface HostCheckDefinition {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly dependsOn?: readonly string[];
  /** Which machines it is about at all: `nodes`, those of the cluster; `gpus`, those with NVIDIA GPUs; `all`, a load balancer too. */
  readonly about: 'nodes' | 'gpus' | 'all';
  /** What those that pass have in common: "no swap", said as "no swap on gpu-1 and gpu-2". */
  readonly good: string;
  /** `told(fact)` turns what a machine did not say into an `unknown` finding. */
  look(machine: Machine, sight: Sight): Seen | readonly Seen[];
}

/** What was seen of one machine. */
export type Seen =
  | { readonly status: 'pass' }
  /** Does not apply there: "no CRI-O here". */
  | { readonly status: 'skipped'; readonly why: string }
  | {
      readonly status: 'warn' | 'fail';
      readonly message: string;
      readonly severity?: Severity;
      readonly underWay?: boolean;
      readonly fix?: Fix;
      readonly evidence?: readonly Evidence[];
      readonly explains?: readonly string[];
      readonly explainedBy?: readonly (readonly string[])[];
    };

/**
 * A check of machines: one finding for each that is in trouble, and one for all the others, so that a hundred machines in order are one line.
 * Those that cannot be looked at are told by the check `hosts`; here they are left out with their reason.
 */
export function defineHostCheck(definition: HostCheckDefinition): Check {
  const { id, title, severity, dependsOn = [] } = definition;
  return defineCheck({ id, title, severity, dependsOn: ['hosts', ...dependsOn], look: (sight) => hostObservations(definition, sight) });
}

/** The findings of such a check, for one that has others beside them. */
export function hostObservations(definition: HostCheckDefinition, sight: Sight): readonly Observation[] {
  const machines = machinesOf(sight.snapshot);
  if (typeof machines === 'string') return [{ object: 'cluster', status: 'skipped', message: machines }];
  const { about } = definition;
  const ours = machines.seen.filter((machine) => isAbout(machine, about));
  const unseen = machines.unseen.filter(({ host }) => about === 'all' || host.node !== null);
  const asked = ours.map((machine) => ({ machine, seen: ask(definition, machine, sight) }));
  const found = [
    ...asked.flatMap(({ machine, seen }) => seen.flatMap((one) => (isTrouble(one) ? [{ ...one, object: machine.object }] : []))),
    ...untold(asked),
    ...lost(unseen, sight.now),
    ...passed(asked, definition.good),
  ];
  const left = leftOut(asked, unseen);
  if (left.length > 0) return [...found, { object: 'cluster', status: 'skipped', message: left.join('; ') }];
  return found.length > 0 ? found : [{ object: 'cluster', status: 'skipped', message: nobody[about] }];
}

type Answer = Seen | { readonly status: 'unknown'; readonly why: string };

interface Asked {
  readonly machine: Machine;
  readonly seen: readonly Answer[];
}

function isAbout(machine: Machine, about: HostCheckDefinition['about']): boolean {
  if (about === 'gpus') return machine.hasGpus;
  return about === 'all' || machine.host.node !== null;
}

function ask({ look }: HostCheckDefinition, machine: Machine, sight: Sight): readonly Answer[] {
  try {
    const seen = look(machine, sight);
    return isSeveral(seen) ? seen : [seen];
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    return [{ status: 'unknown', why: clause(error.message) }];
  }
}

function isSeveral(seen: Seen | readonly Seen[]): seen is readonly Seen[] {
  return Array.isArray(seen);
}

function isTrouble(answer: Answer): answer is Extract<Seen, { message: string }> {
  return answer.status === 'warn' || answer.status === 'fail';
}

function passed(asked: readonly Asked[], good: string): readonly Observation[] {
  const well = asked.filter(({ seen }) => seen.every(({ status }) => status === 'pass'));
  return well.length === 0
    ? []
    : [
        together(
          well.map(({ machine }) => machine),
          'pass',
          `${good} on ${listed(well.map(({ machine }) => machine.name))}`,
        ),
      ];
}

/** One finding per reason. What takes rights that we do not have, or was not asked for, is no trouble of the machine. */
function untold(asked: readonly Asked[]): readonly Observation[] {
  const groups = grouped(asked.flatMap(({ machine, seen }) => seen.flatMap((one) => (one.status === 'unknown' ? [{ machine, why: one.why }] : []))));
  return groups.map(([why, machines]) => ({
    ...together(machines, 'unknown', `${listed(machines.map(({ name }) => name))}: ${why}`),
    severity: harmless.test(why) ? 'info' : 'warning',
    fix: why.startsWith('needs root') ? rootFix : null,
  }));
}

const harmless = /^needs root|^the probe did not say|: not found$|cut off/;

const rootFix: Fix = { summary: 'Let the user that logs in there use sudo without a password, or log in as root', command: null };

/** A machine that was seen before: what was true then is no answer for now. */
function lost(unseen: readonly UnseenMachine[], now: number): readonly Observation[] {
  const gone = unseen.filter(({ lastSeenAt }) => lastSeenAt !== null);
  if (gone.length === 0) return [];
  const words = gone.map(({ name, lastSeenAt }) => `${name} ${duration(now - (lastSeenAt ?? now))} ago`);
  return [
    {
      ...together(gone, 'unknown', `last seen: ${listed(words)}`),
      severity: 'info',
      explainedBy: gone.map(({ name, object }) => [`contact/${name}`, object]),
    },
  ];
}

function leftOut(asked: readonly Asked[], unseen: readonly UnseenMachine[]): readonly string[] {
  const apart = grouped(asked.flatMap(({ machine, seen }) => seen.flatMap((one) => (one.status === 'skipped' ? [{ machine, why: one.why }] : []))));
  const never = grouped(unseen.filter(({ lastSeenAt }) => lastSeenAt === null).map((machine) => ({ machine, why: machine.why })));
  return [
    ...apart.map(([why, machines]) => (machines.length === asked.length ? why : `${why}: ${listed(machines.map(({ name }) => name))}`)),
    ...never.map(([why, machines]) => `not looked at ${listed(machines.map(({ name }) => name))}: ${why}`),
  ];
}

function together(machines: readonly { readonly object: string }[], status: CheckStatus, message: string): Observation {
  const [only, ...more] = machines;
  return { object: only !== undefined && more.length === 0 ? only.object : 'cluster', status, message };
}

function grouped<T>(entries: readonly { readonly machine: T; readonly why: string }[]): readonly (readonly [why: string, machines: readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const { machine, why } of entries) groups.set(why, [...(groups.get(why) ?? []), machine]);
  return [...groups];
}

const nobody = { nodes: 'no machine of the cluster is looked at', gpus: 'no NVIDIA GPUs here', all: 'no machine is looked at' } as const;
