import type { StepSpec } from '../../runbooks/playbook.js';
import { scriptOf } from '../../runbooks/step-script.js';
import type { CellRef, Work } from './work.js';

/** The secrets that steps give each other: in memory, and nowhere else. */
export interface Given {
  /** What a step sees of them. */
  values(step: StepSpec): Readonly<Record<string, string>>;
  /** Those that it needs and that are not known. */
  lacking(step: StepSpec, column: string): readonly string[];
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
  const needs = new Map<string, readonly string[]>();

  const needed = (step: StepSpec): readonly string[] => {
    const known = needs.get(step.id);
    if (known !== undefined) return known;
    const templates = step.files.map((file) => templateText(template, file.template));
    const own = [step.apply === null ? '' : scriptOf(step, 'apply'), scriptOf(step, 'verify'), ...templates].join('\n');
    const words = new Set(own.match(/\b[A-Z][A-Z0-9_]*\b/g) ?? []);
    const names = [...givers.keys()].filter((name) => words.has(name) && !step.gives.includes(name));
    needs.set(step.id, names);
    return names;
  };

  /** Secrets of the person that its script cannot do without and that were not told. */
  const asked = (step: StepSpec, column: string): readonly string[] => {
    const there = work.values(step.id, column);
    return [...work.secretNames].filter(
      (name) => there[name] === undefined && !givers.has(name) && new RegExp(`\\$(?:${name}\\b|\\{${name}\\})`).test(step.apply ?? ''),
    );
  };

  return {
    values: (step) => Object.fromEntries(needed(step).flatMap((name) => (kept.has(name) ? [[name, kept.get(name) ?? '']] : []))),
    lacking: (step, column) => [...needed(step), ...asked(step, column)].filter((name) => !kept.has(name)),
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
