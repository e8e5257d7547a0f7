import type { SetupHost, VariableType } from '../state/setup.js';
import type { StepSpec } from './playbook.js';
import { renderData } from './render-data.js';
import { renderText } from './render-text.js';
import type { RenderedFile } from './step-script.js';
import { formOf } from './templates.js';

/** What templates are filled in with. */
export interface Filling {
  /** As it is told where something is wrong with it. */
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, VariableType>>;
  readonly hosts: readonly SetupHost[];
}

/**
 * The files of a step. In a YAML or JSON template, values are put in as data: none can change what the file is made of. In other templates they are text of one line. Throws a sentence that names the variable and the template where a
 * value cannot stand there or there is none.
 */
export function renderFiles(
  step: StepSpec,
  values: Readonly<Record<string, string>>,
  hosts: readonly SetupHost[],
  templates: (name: string) => string,
): readonly RenderedFile[] {
  return step.files.map(({ name, template }) => {
    const filling: Filling = { template, values, types: step.variables, hosts };
    const form = formOf(template);
    return { name, text: form === 'text' ? renderText(templates(template), filling) : renderData(templates(template), form, filling) };
  });
}
