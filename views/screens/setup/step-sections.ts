import type { CellState, SetupStep, StepPage } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import { listed } from '../../../src/text/wording.js';
import { facts, type Section } from '../../widgets/sections.js';
import { riskTones, riskWords } from '../../wizards/plan-lines.js';
import { diagnosisText, reasonOf } from './about-cell.js';
import { cellSign, cellTone, cellWord } from './cell-state.js';
import { codeLines, diffLines } from './code-lines.js';

/** What is known of a step in a column without asking. */
export interface KnownStep {
  readonly step: SetupStep;
  readonly state: CellState;
  /** ms since the epoch; null where it was never looked at. */
  readonly at: number | null;
  /** Title of its playbook. */
  readonly playbook: string;
}

/** Where it stands: the state with its reason, what it means, and what differs. */
export function stateSections({ state, at }: KnownStep, now: number, spinning: string): readonly Section[] {
  const diff = state.state === 'drifted' || state.state === 'asks' ? state.diff : [];
  return [
    {
      title: 'State',
      right: at === null ? [] : line(['dim', `seen ${ageOf(at, now)} ago`]),
      lines: (width) => {
        const reason = reasonOf(state, now);
        const head = line(cellSign(state, spinning), ' ', [cellTone(state), cellWord(state, now)]);
        return [
          head,
          ...(reason === null ? [] : wrap(clean(reason), width - 2).map((text) => line('  ', text))),
          ...(state.state === 'failed' ? diagnosisLines(state, width) : []),
        ];
      },
    },
    ...(diff.length === 0
      ? []
      : [{ title: 'What differs', right: line(['bad', '- is there'], '  ', ['good', '+ should be']), lines: (width: number) => diffLines(diff, width) }]),
  ];
}

/** What it does, why, and what stands around it. */
export function aboutSections({ step, playbook }: KnownStep): readonly Section[] {
  return [
    {
      title: 'What it does',
      lines: (width) => [
        ...wrap(clean(step.why), width).map((text) => line(text)),
        [],
        ...facts(
          [
            ['playbook', playbook],
            ['risk', line([riskTones[step.risk], step.risk])],
            ['', `${riskWords[step.risk]}${step.reboots ? '; the host is drained, rebooted and awaited' : ''}`],
            ['needs', step.needs.length === 0 ? 'nothing' : listed(step.needs, 8)],
            [
              'done on',
              listed(
                step.on.map((column) => clean(column)),
                8,
              ),
            ],
            ['can be undone', step.canUndo ? 'yes' : 'no'],
          ],
          width,
        ),
      ],
    },
    ...(step.replaces === null
      ? []
      : [{ title: 'What it replaces', lines: (width: number) => wrap(clean(step.replaces ?? ''), width).map((text) => line(['dim', text])) }]),
  ];
}

/** What was said, and what runs, with its values. */
export function scriptSections({ column, output, check, apply, verify, undo, files }: StepPage, reportOnly: boolean): readonly Section[] {
  const code = (title: string, texts: readonly string[], note: string): readonly Section[] =>
    texts.length === 0 ? [] : [{ title, right: line(['dim', note]), lines: (width) => codeLines(texts, width) }];
  return [
    ...code('What it said', output, 'when it last ran'),
    ...code('What it runs', apply, column === 'cluster' ? 'values filled in' : 'as root, values filled in'),
    ...(apply.length === 0 && reportOnly
      ? [{ title: 'What it runs', lines: () => [line(['dim', 'nothing: it only looks, and a person does what is to be done'])] }]
      : []),
    ...files.flatMap(({ name, lines }) => code(`File ${clean(name)}`, lines, 'as it is written')),
    ...code('How it is checked', check, 'changes nothing'),
    ...code('How it is proven', verify, 'after it ran'),
    ...code('How it is undone', undo, 'u runs it'),
  ];
}

function diagnosisLines({ why, diagnosis }: Extract<CellState, { state: 'failed' }>, width: number): readonly Line[] {
  if (diagnosis === null) return [];
  const { line: seen, step, remedy } = diagnosis;
  return [
    [],
    ...wrap(clean(diagnosisText(diagnosis)), width - 2).map((text, index) => line(index === 0 ? ['warn', '› '] : '  ', ['strong', text])),
    // Mostly it is the line that the state told already.
    ...(why.includes(seen)
      ? []
      : wrap(clean(seen), width - 4)
          .slice(0, 3)
          .map((text) => line('    ', ['dim', text]))),
    ...(step !== null && remedy !== null ? wrap(clean(remedy), width - 2).map((text) => line('  ', text)) : []),
    ...(step === null ? [] : [line('  ', ['accent', 'f'], ` runs ${step} here; then `, ['accent', 't'], ' tries this one again')]),
  ];
}
