import { hostname, networkInterfaces } from 'node:os';
import type { Role, SetupCatalogue, SetupChoice, SetupDesk, SetupHost, SetupOutline } from '../state/setup.js';
import { listed } from '../text/wording.js';
import { readInventory } from './setup-inventory.js';
import { type SetupTarget, targetOf } from './setup-target.js';
import type { HostWord } from './setup-words.js';

/** What the command line says about what is set up where. */
export interface SetupWish {
  readonly target: string | null;
  readonly hosts: readonly HostWord[];
  readonly inventory: string | null;
  readonly set: Readonly<Record<string, string>>;
  readonly seat: SetupChoice['seat'] | null;
}

/** How far it is looked. */
export interface Looking {
  /** Where no hosts are known, this machine is taken. */
  readonly anywhere: boolean;
  /** The hosts are asked for what they tell of themselves. */
  readonly ask: boolean;
}

/** The wish worked out. */
export interface Chosen {
  readonly target: SetupTarget | null;
  readonly choice: SetupChoice;
  readonly outline: SetupOutline;
  /** Steps that are meant; null: all. */
  readonly steps: ReadonlySet<string> | null;
  /** Columns that are meant; null: all. */
  readonly columns: ReadonlySet<string> | null;
  /** No hosts are known: a plan for this machine. */
  readonly isAssumed: boolean;
  /** What was taken for granted, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Works out what is meant: hosts typed in full, else those of the inventory, else what is kept of an earlier time or the nodes of the cluster in use. Rejects with a sentence where it cannot be told.
 */
export async function chosen(desk: SetupDesk, wish: SetupWish, { anywhere, ask }: Looking): Promise<Chosen> {
  const catalogue = await desk.catalogue();
  const target = wish.target === null ? null : targetOf(wish.target, catalogue);
  const inventory = wish.inventory === null ? null : readInventory(wish.inventory);
  const typed = wish.hosts.flatMap(({ host }) => host ?? []);
  const last = await desk.lastChoice();
  const isChosen = last !== null && (last.profile !== null || last.playbooks.length > 0);
  const kept = last !== null && !isChosen && target === null ? await all(desk, last, catalogue) : last;
  const keptOutline = kept === null ? null : await desk.outline(kept);
  const within = target !== null && keptOutline !== null && isWithin(target, kept, keptOutline);
  if (target === null && (kept === null || keptOutline?.steps.length === 0))
    throw new Error('nothing has been set up from here yet: name a profile or a playbook, gpuk8s-tui setup list shows them');
  const given = typed.length > 0 ? typed : (inventory?.hosts ?? []);
  const known = given.length > 0 ? given : (kept?.hosts ?? []);
  if (known.length === 0 && !anywhere) throw new Error('on which hosts? Give --host NAME=ADDRESS:ROLE,ROLE for each, or --inventory FILE');
  const hosts = known.length > 0 ? known : [thisMachine(target, catalogue)];
  const base: SetupChoice = {
    ...(target === null || within ? { profile: kept?.profile ?? null, playbooks: kept?.playbooks ?? [] } : partsOf(target)),
    hosts,
    values: {},
    seat: wish.seat ?? (given.length > 0 || kept === null ? 'first-control-plane' : kept.seat),
  };
  const choice = { ...base, values: { ...kept?.values, ...inventory?.values, ...wish.set } };
  // What no host tells is missing in the outline, which says so.
  if (ask) await desk.detect(choice).catch(() => undefined);
  const outline = await desk.outline(choice);
  refuseSecrets(choice.values, outline);
  return {
    target,
    choice,
    outline,
    steps: target === null ? (isChosen ? null : withoutLosses(outline)) : target.kind === 'profile' ? null : stepsOf(target, outline),
    columns: columnsOf(wish.hosts, typed.length > 0, outline),
    isAssumed: known.length === 0,
    notes: [
      ...(known.length > 0 ? [] : [`no hosts were given: planned for this machine, ${listed(hosts.map(({ name, roles }) => `${name} as ${listed(roles)}`))}`]),
      ...(target === null && !isChosen ? [`nothing was chosen for ${outline.cluster} yet: this is all that could be set up on its nodes`] : []),
    ],
  };
}

/** All that can be done with the nodes of the cluster in use. */
async function all(desk: SetupDesk, choice: SetupChoice, { profiles, playbooks }: SetupCatalogue): Promise<SetupChoice> {
  const used = new Set(profiles.flatMap((profile) => profile.playbooks));
  const ids = playbooks.filter(({ id }) => used.has(id)).map(({ id }) => id);
  // Of two that exclude each other, the one that the nodes do not have comes to no steps.
  const { steps } = await desk.outline({ ...choice, playbooks: ids });
  return { ...choice, playbooks: ids.filter((id) => steps.some(({ playbook }) => playbook === id)) };
}

/** What was chosen before has it already: then it keeps its place among the rest. */
function isWithin(target: SetupTarget, kept: SetupChoice | null, { steps }: SetupOutline): boolean {
  if (target.kind === 'profile') return kept?.profile === target.id;
  return steps.some(({ id, playbook }) => (target.kind === 'step' ? id : playbook) === target.id);
}

function partsOf({ kind, id, playbook }: SetupTarget): Pick<SetupChoice, 'profile' | 'playbooks'> {
  return kind === 'profile' ? { profile: id, playbooks: [] } : { profile: null, playbooks: [playbook ?? id] };
}

/** Nobody chose what destroys something. */
function withoutLosses({ steps }: SetupOutline): ReadonlySet<string> {
  return new Set(steps.filter(({ risk }) => risk !== 'destructive').map(({ id }) => id));
}

function stepsOf({ kind, id }: SetupTarget, { steps }: SetupOutline): ReadonlySet<string> {
  return new Set(steps.filter((step) => (kind === 'step' ? step.id : step.playbook) === id).map((step) => step.id));
}

function thisMachine(target: SetupTarget | null, { profiles }: SetupCatalogue): SetupHost {
  const name = hostname().toLowerCase();
  const profile = profiles.find(({ id }) => target?.kind === 'profile' && id === target.id);
  const usual: readonly Role[] = ['control-plane', 'gpu'];
  const roles = profile === undefined ? usual : profile.hosts.filter(({ atLeast }) => atLeast > 0).map(({ role }) => role);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const address = own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? name;
  return { name, address, roles };
}

/** Before anything is kept: values are kept in a file. */
function refuseSecrets(values: Readonly<Record<string, string>>, { variables, problems }: SetupOutline): void {
  const ours = variables.filter(({ secret }) => secret).map(({ name }) => name);
  const name = Object.keys(values).find((each) => ours.includes(each) || problems.some((problem) => problem.startsWith(`${each} is a secret`)));
  if (name === undefined) return;
  throw new Error(`${name} is a secret, which is kept nowhere: it is asked for, or taken from the environment as ${secretVariable(name)}`);
}

/** The environment variable from which a secret is taken. */
export function secretVariable(name: string): string {
  return `GPUK8S_SETUP_${name}`;
}

function columnsOf(words: readonly HostWord[], areTyped: boolean, { columns }: SetupOutline): ReadonlySet<string> | null {
  const names = words.filter(({ host }) => host === null).map(({ name }) => name);
  const wrong = names.find((name) => !columns.includes(name));
  if (wrong !== undefined) {
    const other = areTyped ? 'is none of the hosts that are given with their addresses' : 'is none of the hosts';
    throw new Error(`${wrong} ${other}: there are ${listed(columns, 12)}; a new one is given as ${wrong}=ADDRESS:ROLE,ROLE`);
  }
  return names.length === 0 ? null : new Set(names);
}
