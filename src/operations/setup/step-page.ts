import { hiddenValue, maskedScript, type Phase } from '../../runbooks/step-script.js';
import type { SetupOutline, StepPage } from '../../state/setup.js';
import { clean } from '../../text/clean.js';
import type { SetupBook } from './book.js';
import type { Practitioner } from './carry-out.js';
import type { CellRef, Work } from './work.js';

export interface StepPageOptions {
  readonly plan: { readonly outline: SetupOutline };
  readonly work: Work;
  readonly book: SetupBook;
  readonly doer: Pick<Practitioner, 'output'>;
}

/** All there is to know of a step in a column before it is run, or after. Throws an Error with a sentence where its files cannot be rendered. */
export function stepPage({ plan, work, book, doer }: StepPageOptions, cell: CellRef): StepPage {
  const spec = work.steps.find(({ id }) => id === cell.step);
  const step = plan.outline.steps.find(({ id }) => id === cell.step);
  if (spec === undefined || step === undefined) throw new Error(`there is no step ${cell.step} in this setup`);
  const hidden = new Set([...work.secretNames, ...work.steps.flatMap(({ gives }) => gives)]);
  const values = work.values(cell.step, cell.column);
  const masked = Object.fromEntries(
    [...Object.entries(values), ...[...hidden].map((name) => [name, hiddenValue] as const)].map(([name, value]) => [
      name,
      hidden.has(name) ? hiddenValue : value,
    ]),
  );
  const lines = (phase: Phase) => maskedScript({ phase, step: spec, values: masked, secrets: hidden }).map((line) => clean(line));
  return {
    step,
    column: cell.column,
    state: book.state(cell),
    check: lines('check'),
    apply: lines('apply'),
    verify: lines('verify'),
    undo: lines('undo'),
    files: work.files(spec, masked).map(({ name, text }) => ({
      name,
      lines: text
        .trimEnd()
        .split('\n')
        .map((line) => clean(line)),
    })),
    output: doer.output(cell).slice(-mostLines),
  };
}

const mostLines = 200;
