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
  const where = seat === 'here' ? 'where kubectl has the cluster in use' : `as root on ${firstControlPlane(prepared)}`;
  const inCluster = outline.columns.includes('cluster');
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
    '#   bash setup.sh                     lists the places and their steps, and changes nothing',
    '#   bash setup.sh --check PLACE       looks what is done there, and changes nothing',
    ...(hosts.length === 0 ? [] : [`#   bash setup.sh ${(hosts[0]?.name ?? 'HOST').padEnd(20)}as root on that host: does what is not done there yet`]),
    ...(inCluster ? [`#   bash setup.sh cluster             ${where}: does what is done in the cluster`] : []),
    '#   bash setup.sh --only STEP PLACE   one step; --skip STEP leaves one out; --undo STEP takes one back',
    ...comment(
      'Each step is looked at first, carried out where it is not done, and looked at again. At the first that fails it stops; run again, it goes on there. Secrets are asked for, or taken from the environment. YES=yes answers its questions where there is no terminal, CONFIRM=CLUSTER allows what destroys something, OVERWRITE=yes writes over files that were edited by hand. Exit code 3: it goes on at another place, or after a reboot.',
    ),
    '#',
    '# In this order:',
    ...legs(prepared).map(({ places, from, to }, index) => `#   ${index + 1}. ${listed(places, 8)}: ${from === to ? from : `${from} to ${to}`}`),
    ...(outline.warnings.length === 0 ? [] : ['#', '# Note:', ...outline.warnings.flatMap((text) => bullet(text))]),
    ...(outline.problems.length === 0
      ? []
      : ['#', '# It cannot be done as it is, and this script does nothing:', ...outline.problems.flatMap((text) => bullet(text))]),
  ];
}

interface Leg {
  readonly places: readonly string[];
  readonly from: string;
  readonly to: string;
}

/** How the places take turns: at each what can be done there, until something has to be done elsewhere first. Places with the same turn stand together. */
export function legs(prepared: Prepared): readonly Leg[] {
  const { steps, outline } = prepared;
  const left = new Map(outline.columns.map((place) => [place, steps.flatMap(({ id }) => (prepared.columns(id).includes(place) ? [id] : []))]));
  const done = new Set<string>();
  const found: Leg[] = [];
  for (let moved = true; moved; ) {
    moved = false;
    for (const [place, waiting] of left) {
      const turn: string[] = [];
      for (const step of waiting) {
        if (!prepared.needsOf(step, place).every((need) => done.has(`${need.step} ${need.column}`))) break;
        done.add(`${step} ${place}`);
        turn.push(step);
      }
      const [from] = turn;
      const to = turn.at(-1);
      if (from === undefined || to === undefined) continue;
      moved = true;
      left.set(place, waiting.slice(turn.length));
      const before = found.at(-1);
      if (before?.from === from && before.to === to) found[found.length - 1] = { ...before, places: [...before.places, place] };
      else found.push({ places: [place], from, to });
    }
  }
  return found;
}

function firstControlPlane({ outline }: Prepared): string {
  return outline.choice.hosts.find(({ roles }) => roles.includes('control-plane'))?.name ?? 'the first control plane';
}

function comment(text: string): readonly string[] {
  return wrap(text, 118).map((line) => `# ${line}`);
}

function bullet(text: string): readonly string[] {
  return wrap(text, 114).map((line, index) => `# ${index === 0 ? '-' : ' '} ${line}`);
}
