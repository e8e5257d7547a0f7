import type { SetupChoice, SetupOutline, SetupVariable } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { closest } from '../text/closest.js';
import { builtins } from './builtins.js';
import { contradictions, idlePlaybook } from './contradictions.js';
import { apiEndpoint } from './detected.js';
import { clusterColumn, columnsOf } from './inventory.js';
import type { Catalogue } from './load.js';
import { inOrder } from './order.js';
import type { Playbook, Profile, StepSpec, VariableSpec } from './playbook.js';
import { applies, declaredVariables, effectiveValues, type ValueSources, variableOf } from './variables.js';
import { versionFindings } from './version-matrix.js';

/** A choice worked out, with all that is needed to carry it out. */
export interface Prepared {
  readonly outline: SetupOutline;
  /** In an order in which they can be done. */
  readonly steps: readonly StepSpec[];
  /** The columns a step is done in. */
  columns(stepId: string): readonly string[];
  /** The variables and builtins that a step sees there, secrets included. A variable without a value is not among them. */
  values(stepId: string, column: string): Readonly<Record<string, string>>;
  /** Names of all variables that are secrets. */
  readonly secretNames: ReadonlySet<string>;
  /** What has to be done before it: of the same host, or of all hosts where the step that is needed is done elsewhere. */
  needsOf(stepId: string, column: string): readonly { readonly step: string; readonly column: string }[];
}

/** What else is known beside the choice. */
export interface Circumstances {
  /** Values that the hosts told themselves, by variable. */
  readonly detected: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly clusterName: string;
}

/** Works out which steps a choice comes to, where they are done and in which order, and what contradicts itself. Asks no host anything and never throws for what was chosen. */
export function prepare(catalogue: Catalogue, choice: SetupChoice, { detected, secrets, clusterName }: Circumstances): Prepared {
  const { profile, playbooks, problems } = chosen(catalogue, choice);
  const declared = declaredVariables(catalogue.playbooks, catalogue.shared);
  const sources: ValueSources = { set: choice.values, detected: { ...fromInventory(declared, choice), ...detected }, profile, secrets };
  const values = effectiveValues(declared, sources);
  const wanted = playbooks.map((playbook) => {
    const steps = playbook.steps.filter(({ id }) => !profile?.without.includes(id));
    const applying = steps.filter((step) => applies(step, values));
    return { playbook, steps, applying, done: applying.filter(({ on }) => columnsOf(on, choice.hosts).length > 0) };
  });
  const done = wanted.flatMap((some) => some.done);
  const there = new Set(done.map(({ id }) => id));
  const steps = inOrder(done.map((step) => ({ ...step, needs: step.needs.filter((need) => there.has(need)) })));
  const columns = new Map(steps.map(({ id, on }) => [id, columnsOf(on, choice.hosts)]));
  const all = [...columns.values()].flat();
  const given = new Set(steps.flatMap((step) => step.gives));
  const used = new Set([
    ...wanted.flatMap(({ steps: some }) => some.flatMap(({ when }) => Object.keys(when))),
    ...steps.flatMap((step) => Object.keys(step.variables)),
  ]);
  const variables = [...declared]
    .filter(([name]) => used.has(name) && !given.has(name))
    .map(([name, spec]) => withoutEffective(variableOf(name, spec, sources)));
  const worked = {
    choice,
    profile,
    playbooks: wanted.filter(({ done }) => done.length > 0).map(({ playbook }) => playbook),
    used,
    values,
    onHosts: wanted.some(({ applying }) => applying.some(({ on }) => !on.includes('cluster'))),
    inCluster: all.includes(clusterColumn),
  };
  const [found, versions] = [contradictions(worked), versionFindings(catalogue.versions, values, used)];
  const nothing = wanted.filter(({ done }) => done.length === 0).map(({ playbook, applying }) => idlePlaybook(playbook, values, applying));
  const owner = new Map(wanted.flatMap(({ playbook, done }) => done.map(({ id }) => [id, playbook.id])));
  const outline: SetupOutline = {
    cluster: clusterName,
    choice,
    variables,
    problems: [...problems, ...valueProblems(choice, declared), ...variables.flatMap(problemOf), ...found.problems, ...versions.problems],
    // Without any host, that is what is to be said.
    warnings: [...found.warnings, ...versions.warnings, ...(choice.hosts.length === 0 ? [] : nothing)],
    steps: steps.map(({ id, title, why, risk, needs: before, apply, undo, reboots, replaces }) => ({
      id,
      playbook: owner.get(id) ?? '',
      title,
      why,
      risk,
      needs: before,
      on: columns.get(id) ?? [],
      reportOnly: apply === null,
      reboots,
      canUndo: undo !== null,
      replaces,
    })),
    columns: [...new Set(choice.hosts.map(({ name }) => name)), ...(worked.inCluster ? [clusterColumn] : [])],
  };
  const byId = new Map(steps.map((step) => [step.id, step]));
  return {
    outline,
    steps,
    columns: (stepId) => columns.get(stepId) ?? [],
    values(stepId, column) {
      const seen = Object.keys(byId.get(stepId)?.variables ?? {}).flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
      return { ...Object.fromEntries(seen), ...builtins(choice.hosts, column, clusterName) };
    },
    secretNames: new Set([...declared].filter(([, { secret }]) => secret).map(([name]) => name)),
    needsOf: (stepId, column) =>
      (byId.get(stepId)?.needs ?? []).flatMap((step) => {
        const there = columns.get(step) ?? [];
        return (there.includes(column) ? [column] : there).map((where) => ({ step, column: where }));
      }),
  };
}

/** The profile and the playbooks that a choice names, those that there are. */
function chosen(
  { profiles, playbooks }: Catalogue,
  choice: SetupChoice,
): { readonly profile: Profile | null; readonly playbooks: readonly Playbook[]; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const profile = profiles.find(({ id }) => id === choice.profile) ?? null;
  if (choice.profile !== null && profile === null) problems.push(`There is no profile "${clean(choice.profile, 60)}"${meant(choice.profile, profiles)}.`);
  const ids = choice.playbooks.length > 0 ? choice.playbooks : (profile?.playbooks ?? []);
  const found = [...new Set(ids)].flatMap((id) => {
    const playbook = playbooks.find((candidate) => candidate.id === id);
    if (playbook === undefined) problems.push(`There is no playbook "${clean(id, 60)}"${meant(id, playbooks)}.`);
    return playbook ?? [];
  });
  if (ids.length === 0 && problems.length === 0) problems.push('Nothing is chosen yet: take a profile or some playbooks.');
  return { profile, playbooks: found, problems };
}

function meant(typed: string, there: readonly { readonly id: string }[]): string {
  const near = closest(
    typed,
    there.map(({ id }) => id),
  );
  return near === null ? '' : `: is ${near} meant?`;
}

/** What the inventory itself tells; a virtual address is what the load balancers are reached under. */
function fromInventory(declared: ReadonlyMap<string, VariableSpec>, { hosts, values }: SetupChoice): Readonly<Record<string, string>> {
  const endpoint = values['VIRTUAL_ADDRESS'] || apiEndpoint(hosts);
  if (endpoint === null) return {};
  return Object.fromEntries([...declared].filter(([, { detect }]) => detect === 'api-endpoint').map(([name]) => [name, endpoint]));
}

/** Values that were set for what there is not, or may not be kept. */
function valueProblems({ values }: SetupChoice, declared: ReadonlyMap<string, VariableSpec>): readonly string[] {
  return Object.keys(values).flatMap((name) => {
    const spec = declared.get(name);
    if (spec?.secret) return [`${name} is a secret and was given among the values, which are kept in a file: give it when it is asked for.`];
    if (spec !== undefined) return [];
    const near = closest(name, [...declared.keys()]);
    return [`There is no variable "${clean(name, 60)}"${near === null ? '' : `: is ${near} meant?`}`];
  });
}

/** A secret that is not there yet is asked for when it is needed: it contradicts nothing. */
function problemOf({ name, title, secret, origin, problem }: SetupVariable): readonly string[] {
  return problem === null || (secret && origin === 'none') ? [] : [`${title} (${name}): ${problem}`];
}

function withoutEffective({ effective: _, ...variable }: SetupVariable & { readonly effective: string | null }): SetupVariable {
  return variable;
}
