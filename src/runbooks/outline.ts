import type { SetupChoice, SetupOutline, SetupStep, SetupVariable } from '../state/setup.js';
import { builtins } from './builtins.js';
import { type ChosenPlaybook, chosen, chosenSteps, stepsInOrder, strayValues } from './chosen.js';
import { contradictions } from './contradictions.js';
import { apiEndpoint } from './detected.js';
import { clusterColumn, columnsOf } from './inventory.js';
import type { Catalogue } from './load.js';
import type { StepSpec, VariableSpec } from './playbook.js';
import { declaredVariables, effectiveValues, type ValueSources, variableOf } from './variables.js';
import { versionFindings } from './version-matrix.js';

/** A choice worked out, with all that is needed to carry it out. */
export interface Prepared {
  readonly outline: SetupOutline;
  /** In an order in which they can be done. Their needs are those among them. */
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

/**
 * Works out which steps a choice comes to, where they are done and in which order, and what contradicts itself. Asks no host anything, and throws for nothing that was chosen: that is among the outline's problems. A secret that is still to
 * be given is not, it is a problem of its variable alone.
 */
export function prepare(catalogue: Catalogue, choice: SetupChoice, { detected, secrets, clusterName }: Circumstances): Prepared {
  const named = chosen(catalogue, choice);
  const declared = declaredVariables(catalogue.playbooks, catalogue.shared);
  const sources: ValueSources = { set: choice.values, detected: { ...fromInventory(declared, choice), ...detected }, profile: named.profile, secrets };
  const values = effectiveValues(declared, sources);
  const parts = chosenSteps(named, choice, values);
  const steps = stepsInOrder(parts);
  const columns = new Map(steps.map(({ id, on }) => [id, columnsOf(on, choice.hosts)]));
  const inCluster = steps.some(({ on }) => on.includes('cluster'));
  const used = usedBy(parts, steps);
  const given = new Set(steps.flatMap(({ gives }) => gives));
  const variables = [...declared].filter(([name]) => used.has(name) && !given.has(name)).map(([name, spec]) => variableOf(name, spec, sources));
  const found = contradictions({ choice, profile: named.profile, parts, used, values, inCluster });
  const versions = versionFindings(catalogue.versions, values, used);
  const outline: SetupOutline = {
    cluster: clusterName,
    choice,
    variables,
    problems: [...named.problems, ...strayValues(choice, declared), ...variables.flatMap(problemOf), ...found.problems, ...versions.problems],
    warnings: [...found.warnings, ...versions.warnings],
    steps: shownSteps(parts, steps, columns),
    columns: [...new Set(choice.hosts.map(({ name }) => name)), ...(inCluster ? [clusterColumn] : [])],
  };
  const byId = new Map(steps.map((step) => [step.id, step]));
  return {
    outline,
    steps,
    columns: (stepId) => columns.get(stepId) ?? [],
    values(stepId, column) {
      const names = Object.keys(byId.get(stepId)?.variables ?? {});
      const seen = names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
      return { ...Object.fromEntries(seen), ...builtins(choice.hosts, column, clusterName) };
    },
    secretNames: new Set([...declared].filter(([, { secret }]) => secret).map(([name]) => name)),
    needsOf: (stepId, column) =>
      (byId.get(stepId)?.needs ?? []).flatMap((step) => {
        const where = columns.get(step) ?? [];
        return (where.includes(column) ? [column] : where).map((place) => ({ step, column: place }));
      }),
  };
}

/** What the inventory itself tells; a virtual address is what the load balancers are reached under. */
function fromInventory(declared: ReadonlyMap<string, VariableSpec>, { hosts, values }: SetupChoice): Readonly<Record<string, string>> {
  const endpoint = values['VIRTUAL_ADDRESS'] || apiEndpoint(hosts);
  if (endpoint === null) return {};
  return Object.fromEntries([...declared].filter(([, { detect }]) => detect === 'api-endpoint').map(([name]) => [name, endpoint]));
}

/** The variables that matter: those that the steps see, and those that decide whether there are any more. */
function usedBy(parts: readonly ChosenPlaybook[], steps: readonly StepSpec[]): ReadonlySet<string> {
  const deciding = parts.flatMap((part) => part.steps.flatMap(({ when }) => Object.keys(when)));
  return new Set([...deciding, ...steps.flatMap((step) => Object.keys(step.variables))]);
}

function problemOf({ name, title, secret, origin, problem }: SetupVariable): readonly string[] {
  return problem === null || (secret && origin === 'none') ? [] : [`${title} (${name}): ${problem}`];
}

function shownSteps(parts: readonly ChosenPlaybook[], steps: readonly StepSpec[], columns: ReadonlyMap<string, readonly string[]>): readonly SetupStep[] {
  const owner = new Map(parts.flatMap(({ playbook, done }) => done.map(({ id }) => [id, playbook.id])));
  return steps.map(({ id, title, why, risk, needs, apply, undo, reboots, replaces }) => ({
    id,
    playbook: owner.get(id) ?? '',
    title,
    why,
    risk,
    needs,
    on: columns.get(id) ?? [],
    reportOnly: apply === null,
    reboots,
    canUndo: undo !== null,
    replaces,
  }));
}
