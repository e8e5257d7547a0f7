import { wrap } from '../text/width.js';
import { listed } from '../text/wording.js';
import type { Prepared } from './outline.js';

/** What a script is made of beside the plan. */
export interface ScriptMaterial {
  /** Text of assets/runbooks/prelude.sh. */
  readonly prelude: string;
  /** Text of assets/runbooks/by-hand.sh. */
  readonly frame: string;
  /** Text of a template of assets/manifests. */
  readonly templates: (name: string) => string;
  readonly cluster: string;
  /** What is set up, in words. */
  readonly title: string;
  /** `gpuk8s-tui 1.2.3` */
  readonly program: string;
  /** ms since the epoch. */
  readonly madeAt: number;
}

/** The first lines of the script: what it is, what it was made from, and how it is used. */
export function header(prepared: Prepared, { cluster, title, program, madeAt }: ScriptMaterial): readonly string[] {
  const { outline, steps } = prepared;
  const { hosts, seat } = outline.choice;
  const versions = outline.variables.filter(({ type, value }) => type === 'version' && value !== null && value !== '');
  const used = versions.filter(({ name }) => steps.some((step) => [step.check, step.apply, step.verify].join('\n').includes(name)));
  const where = seat === 'here' ? 'cluster where kubectl reaches the cluster' : `cluster on ${firstControlPlane(prepared) ?? 'the first control plane'} too`;
  return [
    '#!/usr/bin/env bash',
    ...comment(`${title}: cluster ${cluster}`),
    ...comment(`Written by ${program} on ${new Date(madeAt).toISOString().slice(0, 16).replace('T', ' ')} UTC.`),
    ...(used.length === 0 ? [] : comment(`Versions: ${used.map(({ title: what, value }) => `${what.replace(/ version$/, '')} ${value}`).join(', ')}.`)),
    '#',
    '# Hosts:',
    ...hosts.map(({ name, address, roles }) => `#   ${name}  ${address}${roles.length === 0 ? '' : `  ${roles.join(', ')}`}`),
    '#',
    '# How to use it:',
    '#   bash setup.sh                    lists the places and their steps, and changes nothing',
    '#   bash setup.sh --check PLACE...   looks what is done there, and changes nothing',
    `#   bash setup.sh PLACE...           does what is not done there yet; as root on a host of that name${outline.columns.includes('cluster') ? `, ${where}` : ''}`,
    '#   Before PLACE: --only STEP does one, --skip STEP leaves one out, --undo STEP takes one back.',
    ...comment(
      'Each step is looked at first, carried out where it is not done, and looked at again. At the first that fails it stops; run again, it goes on there. Secrets are asked for, or taken from the environment. YES=yes answers its questions where there is no terminal, CONFIRM=CLUSTER allows what destroys something, OVERWRITE=yes writes over files that were edited by hand. Exit code 3: it goes on at another place, or after a reboot.',
    ),
    '#',
    '# In this order:',
    ...legs(prepared).flatMap(legLines),
    ...(outline.warnings.length === 0 ? [] : ['#', '# Note:', ...outline.warnings.flatMap((text) => bullet(text))]),
    ...(outline.problems.length === 0
      ? []
      : ['#', '# It cannot be done as it is, and this script does nothing:', ...outline.problems.flatMap((text) => bullet(text))]),
  ];
}

/** What is done in one go, at each of these machines. */
export interface Leg {
  /** `cp-1 cluster` where kubectl runs on that host. */
  readonly machines: readonly string[];
  readonly from: string;
  readonly to: string;
}

/** How the machines take turns: at each what can be done there, until something has to be done elsewhere first. Those with the same turn stand together. */
export function legs(prepared: Prepared): readonly Leg[] {
  const { steps } = prepared;
  const left = new Map(
    machines(prepared).map((places) => [
      places.join(' '),
      steps.flatMap(({ id }) => prepared.columns(id).flatMap((place) => (places.includes(place) ? [{ step: id, place }] : []))),
    ]),
  );
  const done = new Set<string>();
  const found: Leg[] = [];
  for (let moved = true; moved; ) {
    moved = false;
    for (const [machine, waiting] of left) {
      const turn: string[] = [];
      for (const { step, place } of waiting) {
        if (!prepared.needsOf(step, place).every((need) => done.has(`${need.step} ${need.column}`))) break;
        done.add(`${step} ${place}`);
        turn.push(step);
      }
      const [from] = turn;
      const to = turn.at(-1);
      if (from === undefined || to === undefined) continue;
      moved = true;
      left.set(machine, waiting.slice(turn.length));
      const before = found.at(-1);
      if (before?.from === from && before.to === to) found[found.length - 1] = { ...before, machines: [...before.machines, machine] };
      else found.push({ machines: [machine], from, to });
    }
  }
  return found;
}

/** The places by the machine on which they are: kubectl may run on a host. */
function machines(prepared: Prepared): readonly (readonly string[])[] {
  const { columns, choice } = prepared.outline;
  const first = choice.seat === 'first-control-plane' && columns.includes('cluster') ? firstControlPlane(prepared) : null;
  return first === null
    ? columns.map((place) => [place])
    : columns.filter((place) => place !== 'cluster').map((place) => (place === first ? [place, 'cluster'] : [place]));
}

function legLines({ machines: some, from, to }: Leg, index: number): readonly string[] {
  const steps = from === to ? from : `${from} to ${to}`;
  const head = some.length === 1 ? `bash setup.sh ${some[0] ?? ''}` : `bash setup.sh PLACE on each of ${listed(some, 50)}`;
  return wrap(`${index + 1}. ${head}: ${steps}`, 112).map((text, row) => `#   ${row === 0 ? '' : '   '}${text}`);
}

function firstControlPlane({ outline }: Prepared): string | null {
  return outline.choice.hosts.find(({ roles }) => roles.includes('control-plane'))?.name ?? null;
}

function comment(text: string): readonly string[] {
  return wrap(text, 118).map((line) => `# ${line}`);
}

function bullet(text: string): readonly string[] {
  return wrap(text, 114).map((line, index) => `# ${index === 0 ? '-' : ' '} ${line}`);
}
