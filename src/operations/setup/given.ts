import type { StepSpec } from '../../runbooks/playbook.js';
import { hiddenValue } from '../../runbooks/step-script.js';
import type { CellRef, Work } from './work.js';

/** The secrets that steps give each other: in memory, and nowhere else. */
export interface Given {
  /** What a step sees of them. */
  values(step: StepSpec): Readonly<Record<string, string>>;
  /** Secrets that it cannot be applied without and that are not known: of other steps, or of the person. */
  lacking(step: StepSpec, column: string): readonly string[];
  /** Something in the place of the secrets that only its check could do without. */
  placeholders(step: StepSpec, column: string): Readonly<Record<string, string>>;
  /** Who makes this one. */
  giver(name: string): CellRef | null;
  keep(name: string, value: string): void;
  /** What this step was given is made anew when it is needed again: it may have expired. */
  forget(step: StepSpec): void;
}

/** `template` tells the text of a template, in which a step can need something too. */
export function givenSecrets(work: Pick<Work, 'steps' | 'columns' | 'values' | 'secretNames'>, template: (name: string) => string): Given {
  const kept = new Map<string, string>();
  const givers = new Map(work.steps.flatMap((step) => step.gives.map((name) => [name, step] as const)));
  const secrets = new Set([...work.secretNames, ...givers.keys()]);

  /** Secrets that this text cannot do without: `${NAME:-}` can. */
  const namedIn = (text: string, own: StepSpec): readonly string[] =>
    [...secrets].filter((name) => !own.gives.includes(name) && new RegExp(`\\$(?:${name}\\b|\\{${name}\\})`).test(text));
  const templates = (step: StepSpec) => step.files.map((file) => templateText(template, file.template)).join('\n');
  const unknown = (names: readonly string[], step: StepSpec, column: string) => {
    const there = work.values(step.id, column);
    return names.filter((name) => !kept.has(name) && (there[name] ?? '') === '');
  };
  const needed = (step: StepSpec) => namedIn([step.apply, step.verify, templates(step)].join('\n'), step);

  return {
    values: (step) => Object.fromEntries([...kept].filter(([name]) => !step.gives.includes(name))),
    lacking: (step, column) => unknown(needed(step), step, column),
    placeholders: (step, column) =>
      Object.fromEntries(unknown(namedIn([step.check, templates(step)].join('\n'), step), step, column).map((name) => [name, hiddenValue])),
    giver(name) {
      const step = givers.get(name);
      const [column] = step === undefined ? [] : work.columns(step.id);
      return step === undefined || column === undefined ? null : { step: step.id, column };
    },
    keep: (name, value) => void kept.set(name, value),
    forget(step) {
      for (const name of needed(step)) kept.delete(name);
    },
  };
}

function templateText(template: (name: string) => string, name: string): string {
  try {
    return template(name);
  } catch {
    return '';
  }
}
