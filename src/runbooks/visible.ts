import type { Playbook, StepSpec, VariableSpec } from './playbook.js';

/** The playbooks, with the variables that each of their steps sees: those whose names stand as words in its scripts, its templates or its `when`. */
export function withVariables(
  playbooks: readonly Playbook[],
  shared: Readonly<Record<string, VariableSpec>>,
  template: (name: string) => string,
): readonly Playbook[] {
  const declared = [...Object.entries(shared), ...playbooks.flatMap(({ variables }) => Object.entries(variables))];
  const seen = (step: StepSpec) => {
    const texts = [step.check, step.apply, step.verify, step.undo, ...step.files.map((file) => template(file.template))];
    const words = new Set([...texts.flatMap((text) => text?.match(/(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]*(?![A-Za-z0-9_])/g) ?? []), ...Object.keys(step.when)]);
    return Object.fromEntries(declared.filter(([name]) => words.has(name)).map(([name, { type }]) => [name, type]));
  };
  return playbooks.map((playbook) => ({ ...playbook, steps: playbook.steps.map((step) => ({ ...step, variables: seen(step) })) }));
}
