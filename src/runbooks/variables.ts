import type { SetupVariable } from '../state/setup.js';
import { clean } from '../text/clean.js';
import type { Playbook, Profile, StepSpec, VariableSpec } from './playbook.js';
import { valueProblem } from './value-types.js';

/** Where values come from, the first that has one wins. */
export interface ValueSources {
  readonly set: Readonly<Record<string, string>>;
  readonly detected: Readonly<Record<string, string>>;
  readonly profile: Profile | null;
  /** Kept in memory only. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** All variables that are declared, shared ones first. Each name is declared once. */
export function declaredVariables(playbooks: readonly Playbook[], shared: Readonly<Record<string, VariableSpec>>): ReadonlyMap<string, VariableSpec> {
  return new Map([...Object.entries(shared), ...playbooks.flatMap(({ variables }) => Object.entries(variables))]);
}

/** What a variable has, and from where; of a secret, whether it has anything. */
export function variableOf(name: string, spec: VariableSpec, sources: ValueSources): SetupVariable {
  const { title, help, type, choices, secret } = spec;
  const { origin, value } = found(name, spec, sources);
  const problem = value === null ? 'It has to be given.' : valueProblem(spec, value);
  return { name, title, help, type, choices, secret, origin, problem, value: secret || value === null ? null : clean(value) };
}

/** The value that a step sees: the effective one of each variable that has any. */
export function effectiveValues(declared: ReadonlyMap<string, VariableSpec>, sources: ValueSources): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, spec] of declared) {
    const { value } = found(name, spec, sources);
    if (value !== null) values[name] = value;
  }
  return values;
}

/** Whether the step is done at all with these values. */
export function applies({ when }: StepSpec, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(when).every(([name, allowed]) => allowed.includes(values[name] ?? ''));
}

interface Found {
  readonly origin: SetupVariable['origin'];
  readonly value: string | null;
}

function found(name: string, spec: VariableSpec, sources: ValueSources): Found {
  return spec.secret ? secretValue(name, spec, sources) : plainValue(name, spec, sources);
}

/** Of a secret the only default there can be is none at all: its step makes one then. */
function secretValue(name: string, spec: VariableSpec, { secrets }: ValueSources): Found {
  const value = secrets[name] ?? '';
  if (value !== '') return { origin: 'set', value };
  return spec.default === '' ? { origin: 'default', value: '' } : { origin: 'none', value: null };
}

function plainValue(name: string, spec: VariableSpec, { set, detected, profile }: ValueSources): Found {
  const typed = set[name];
  // A field that was emptied has its default again, unless nothing at all is a value of it.
  if (typed !== undefined && (typed !== '' || valueProblem(spec, '') === null)) return { origin: 'set', value: typed };
  if (Object.hasOwn(detected, name)) return { origin: 'detected', value: detected[name] ?? null };
  const chosen = profile?.values[name];
  if (chosen !== undefined) return { origin: 'profile', value: chosen };
  return spec.default === null ? { origin: 'none', value: null } : { origin: 'default', value: spec.default };
}
