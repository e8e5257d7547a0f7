import type { StepPage } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { cut, fit, wrap } from '../../../src/text/width.js';
import { counted, listed } from '../../../src/text/wording.js';
import { codeLines } from '../../screens/setup/code-lines.js';
import { riskTones } from '../plan-lines.js';
import type { PlannedStep, SetupWish } from './run-wish.js';
import type { Loaded } from './use-setup.js';

/** Each step with its risk, where it is done, and its commands with their values; of a few steps also why, and the way back. */
export function runPlanLines(planned: readonly PlannedStep[], wish: SetupWish, pages: ReadonlyMap<string, Loaded<StepPage>>, width: number): readonly Line[] {
  const few = planned.length <= mostExplained;
  const summary = few ? [] : [...planned.map((one) => summaryLine(one, planned, width)), [], headingLine('What runs', width)];
  const each = planned.flatMap((one, index) => {
    const page = pages.get(`${one.step.id} ${one.columns[0] ?? ''}`);
    const why = few && wish.do === 'run' ? wrap(clean(one.step.why), width - 2).map((text) => line('  ', text)) : [];
    return [
      ...(index === 0 ? [] : [[]]),
      ...headLines(one, width),
      ...why,
      ...scriptLines(page, wish, width),
      ...(few && wish.do === 'run' ? endLines(one, page, width) : []),
      ...otherLines(one, width),
    ];
  });
  return [...summary, ...each];
}

const mostExplained = 3;

/** `› swap-off  Turn swap off  gpu-1 and gpu-2  disruptive` */
function summaryLine({ step, columns, needed }: PlannedStep, all: readonly PlannedStep[], width: number): Line {
  const ids = Math.min(28, Math.max(...all.map((one) => one.step.id.length)));
  const where = columns.length > 3 ? counted(columns.length, 'host') : listed(columns.map(shown));
  const room = width - ids - risks - 8;
  const places = Math.floor(room * 0.4);
  const title = fit(`${clean(step.title)}${needed ? ' (needed)' : ''}`, room - places);
  return line(['accent', '› '], fit(step.id, ids), '  ', ['dim', title], '  ', fit(where, places), '  ', [riskTones[step.risk], step.risk]);
}

/** Columns of the longest risk. */
const risks = 'needs-reboot'.length;

function headingLine(title: string, width: number): Line {
  return line(['title', title], ['dim', ` ${'─'.repeat(Math.max(1, width - title.length - 1))}`]);
}

function headLines({ step, columns, needed }: PlannedStep, width: number): readonly Line[] {
  const title = cut(clean(step.title), Math.max(10, width - step.id.length - 20));
  const where = `on ${listed(columns.map(shown), 9)}`;
  const because = needed ? ', because what was asked for needs it' : '';
  return [
    line(['accent', '› '], ['strong', step.id], `  ${title}`, [riskTones[step.risk], `  ${step.risk}`]),
    line('  ', ['dim', `${where}${because}${step.reboots ? '; drains and reboots it' : ''}`]),
  ];
}

function scriptLines(page: Loaded<StepPage> | undefined, wish: SetupWish, width: number): readonly Line[] {
  if (page === undefined || page.status === 'loading') return [line('    ', ['dim', '◌ filling the values in'])];
  if (page.status === 'failed') return wrap(page.why, width - 4).map((text) => line('    ', ['bad', text]));
  const { apply, undo, files } = page.value;
  if (wish.do === 'undo') return codeLines(undo, width, 4);
  return [
    ...codeLines(apply, width, 4),
    ...files.flatMap(({ name, lines }) => [line('    ', ['dim', `with the file ${clean(name)}:`]), ...codeLines(lines, width, 6)]),
  ];
}

function endLines({ step }: PlannedStep, page: Loaded<StepPage> | undefined, width: number): readonly Line[] {
  const undo = page?.status === 'read' && step.canUndo ? page.value.undo.filter((text) => text.trim() !== '').join('; ') : '';
  const back = undo === '' ? (step.canUndo ? 'u takes it back' : 'cannot be taken back') : undo;
  return [line('  ', ['dim', 'done when  '], 'its check, asked again, says so'), line('  ', ['dim', 'undo       '], cut(clean(back), width - 13))];
}

function otherLines({ columns }: PlannedStep, width: number): readonly Line[] {
  const [first = '', ...others] = columns;
  return others.length === 0
    ? []
    : wrap(`as on ${shown(first)}; the same, with their own values, on ${listed(others.map(shown), 6)}`, width - 2).map((text) => line('  ', ['dim', text]));
}

function shown(column: string): string {
  return clean(column);
}
