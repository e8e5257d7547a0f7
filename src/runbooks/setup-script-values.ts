import type { Prepared } from './outline.js';
import type { StepSpec } from './playbook.js';

type Values = Readonly<Record<string, string>>;

/** The values that the steps of a plan need, each where it differs no more. */
export interface Spread {
  readonly everywhere: Values;
  readonly byPlace: ReadonlyMap<string, Values>;
  /** By `step place`. */
  readonly byStep: ReadonlyMap<string, Values>;
}

/** Spreads them; what is a secret, and what nothing mentions, is left out. */
export function spread(prepared: Prepared, prelude: string): Spread {
  const common = mentioned(prelude);
  const seen = new Map<string, { readonly step: string; readonly place: string; readonly value: string }[]>();
  for (const step of prepared.steps) {
    const own = mentioned(phasesOf(step));
    for (const place of prepared.columns(step.id)) {
      for (const [name, value] of Object.entries(prepared.values(step.id, place))) {
        if (setByTheScript.has(name) || prepared.secretNames.has(name) || !(own.has(name) || common.has(name) || alwaysNamed.has(name))) continue;
        const known = seen.get(name);
        if (known === undefined) seen.set(name, [{ step: step.id, place, value }]);
        else known.push({ step: step.id, place, value });
      }
    }
  }
  const everywhere: Record<string, string> = {};
  const byPlace = new Map<string, Record<string, string>>();
  const byStep = new Map<string, Record<string, string>>();
  for (const [name, uses] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [first] = uses;
    if (first !== undefined && uses.every(({ value }) => value === first.value) && !alwaysNamed.has(name)) everywhere[name] = first.value;
    else if (isOfThePlace(uses)) for (const { place, value } of uses) put(byPlace, place, name, value);
    else for (const { step, place, value } of uses) put(byStep, `${step} ${place}`, name, value);
  }
  return { everywhere, byPlace, byStep };
}

/** `NAME='value'` for bash. */
export function assignments(values: Values): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => assignment(name, value));
}

export function assignment(name: string, value: string): readonly string[] {
  return data(`${name}=${quoted(value)}`);
}

/** A line with values in it: what looks like a mistake there is meant. */
export function data(line: string): readonly string[] {
  return /[$`\\]/.test(line) ? ['# shellcheck disable=SC1003,SC2016', line] : [line];
}

/** In single quotes, even where that is not needed: so it reads alike, and nobody takes a hyphen for a minus. */
export function quoted(text: string): string {
  if (text.includes('\0')) throw new RangeError('a shell script cannot hold a NUL character');
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The names of the secrets that a step needs; what it gives it makes itself. */
export function secretsOf({ secretNames }: Prepared, { variables, gives }: StepSpec): readonly string[] {
  return Object.keys(variables)
    .filter((name) => secretNames.has(name) && !gives.includes(name))
    .sort();
}

/** Those of them without which it cannot be seen whether the step is done. */
export function secretsToLook(prepared: Prepared, step: StepSpec, templates: (name: string) => string): readonly string[] {
  const files = step.files.filter(({ name }) => step.check.includes(name)).map(({ template }) => templates(template));
  const names = mentioned([step.check, ...files].join('\n'));
  return secretsOf(prepared, step).filter((name) => names.has(name));
}

function phasesOf({ check, apply, verify, undo }: StepSpec): string {
  return [check, apply, verify, undo].join('\n');
}

/** Set by the script itself, for each step anew. */
const setByTheScript = new Set(['STEP', 'FILES', 'OVERWRITE', 'BACKUPS', 'STATE']);
/** By these the script knows the machine. */
const alwaysNamed = new Set(['NODE_NAME', 'NODE_ADDRESS']);

function mentioned(text: string): ReadonlySet<string> {
  return new Set(text.match(/\b[A-Z][A-Z0-9_]*\b/g) ?? []);
}

function isOfThePlace(uses: readonly { readonly place: string; readonly value: string }[]): boolean {
  const first = new Map<string, string>();
  return uses.every(({ place, value }) => {
    const known = first.get(place);
    if (known === undefined) first.set(place, value);
    return known === undefined || known === value;
  });
}

function put(into: Map<string, Record<string, string>>, key: string, name: string, value: string): void {
  into.set(key, { ...into.get(key), [name]: value });
}
