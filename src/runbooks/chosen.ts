import type { SetupChoice } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { columnsOf } from './inventory.js';
import type { Catalogue } from './load.js';
import { meant } from './meant.js';
import { inOrder } from './order.js';
import type { Playbook, Profile, StepSpec, VariableSpec } from './playbook.js';
import { applies } from './variables.js';

/** What a choice names of what there is. */
export interface Chosen {
  readonly profile: Profile | null;
  readonly playbooks: readonly Playbook[];
  /** What it names that there is not. */
  readonly problems: readonly string[];
}

/** The profile and the playbooks of a choice; without playbooks, those of its profile. */
export function chosen({ profiles, playbooks }: Catalogue, choice: SetupChoice): Chosen {
  const problems: string[] = [];
  const profile = profiles.find(({ id }) => id === choice.profile) ?? null;
  if (choice.profile !== null && profile === null)
    problems.push(sentence(`There is no profile "${clean(choice.profile, 60)}"`, meant(choice.profile, idsOf(profiles))));
  const ids = choice.playbooks.length > 0 ? choice.playbooks : (profile?.playbooks ?? []);
  const found = [...new Set(ids)].flatMap((id) => {
    const playbook = playbooks.find((candidate) => candidate.id === id);
    if (playbook === undefined) problems.push(sentence(`There is no playbook "${clean(id, 60)}"`, meant(id, idsOf(playbooks))));
    return playbook ?? [];
  });
  if (ids.length === 0 && problems.length === 0) problems.push('Nothing is chosen yet: take a profile or some playbooks.');
  return { profile, playbooks: found, problems };
}

/** A playbook, and what is left of it. */
export interface ChosenPlaybook {
  readonly playbook: Playbook;
  /** Without those that the profile leaves out. */
  readonly steps: readonly StepSpec[];
  /** Of those, the ones that apply with these values. */
  readonly applying: readonly StepSpec[];
  /** Of those, the ones that there is a host for. */
  readonly done: readonly StepSpec[];
}

/** What is left of each playbook, with these hosts and these values. */
export function chosenSteps({ profile, playbooks }: Chosen, { hosts }: SetupChoice, values: Readonly<Record<string, string>>): readonly ChosenPlaybook[] {
  return playbooks.map((playbook) => {
    const steps = playbook.steps.filter(({ id }) => !profile?.without.includes(id));
    const applying = steps.filter((step) => applies(step, values));
    return { playbook, steps, applying, done: applying.filter(({ on }) => columnsOf(on, hosts).length > 0) };
  });
}

/** All steps that are done, in an order in which they can be. What is not done itself is not waited for. */
export function stepsInOrder(parts: readonly ChosenPlaybook[]): readonly StepSpec[] {
  const steps = parts.flatMap(({ done }) => done);
  const there = new Set(steps.map(({ id }) => id));
  return inOrder(steps.map((step) => ({ ...step, needs: step.needs.filter((need) => there.has(need)) })));
}

/** What was set for what there is not, or may not be kept. */
export function strayValues({ values }: SetupChoice, declared: ReadonlyMap<string, VariableSpec>): readonly string[] {
  return Object.keys(values).flatMap((name) => {
    const spec = declared.get(name);
    if (spec?.secret) return [`${name} is a secret and was given among the values, which are kept in a file: give it when it is asked for.`];
    if (spec !== undefined) return [];
    return [sentence(`There is no variable "${clean(name, 60)}"`, meant(name, [...declared.keys()]))];
  });
}

function idsOf(there: readonly { readonly id: string }[]): readonly string[] {
  return there.map(({ id }) => id);
}

function sentence(what: string, hint: string): string {
  return `${what}${hint || '.'}`;
}
