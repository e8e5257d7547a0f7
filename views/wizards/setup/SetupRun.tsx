import { type ReactElement, useMemo } from 'react';
import type { Setup, StepPage } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { cut, wrap } from '../../../src/text/width.js';
import { counted, listed } from '../../../src/text/wording.js';
import type { Action, Page, Typing } from '../../app-state.js';
import { inputLine } from '../../frame/footer-line.js';
import { useKeyTarget, type WizardTarget } from '../../key-target.js';
import { clamp } from '../../list-state.js';
import type { PageProps } from '../../screens/screen-props.js';
import { codeLines } from '../../screens/setup/code-lines.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { riskTones, riskWords } from '../plan-lines.js';
import { type PlannedStep, parseSetupWish, plannedSteps, type SetupWish, worstRisk } from './run-wish.js';
import type { Loaded, SetupControl } from './use-setup.js';
import { useStepPages } from './use-step-pages.js';

/** What is about to run, step by step with its commands, and its confirmation; nothing has been done yet. */
export function SetupRun({
  snapshot,
  setup,
  page,
  typing,
  width,
  height,
}: Omit<PageProps, 'now'> & { readonly setup: SetupControl; readonly page: Page; readonly typing: Typing | null }): ReactElement {
  const open = snapshot.setup.value;
  const wish = useMemo(() => parseSetupWish(page.object), [page.object]);
  const planned = useMemo(() => (open === null || wish === null ? [] : plannedSteps(open, wish)), [open, wish]);
  const places = JSON.stringify(planned.slice(0, mostShown).map(({ step, columns }) => ({ step: step.id, column: columns[0] ?? '' })));
  const pages = useStepPages(setup.desk, places);
  const inner = innerWidth(width);
  const body = useMemo(() => (wish === null ? [] : planLines(planned, wish, pages, inner)), [planned, wish, pages, inner]);
  const risk = worstRisk(planned);
  const blocked = open === null ? ['no setup is open'] : planned.length === 0 ? ['everything that was asked for is done already'] : open.outline.problems;
  const confirm = blocked.length > 0 || setup.busy !== null || wish === null ? null : confirmations[risk];
  const bottom = [line(['dim', '─'.repeat(inner)]), ...bottomLines(setup, blocked, planned, wish, open, typing, inner)];
  const room = innerHeight(height) - bottom.length;
  const furthest = Math.max(0, body.length - room);
  const at = clamp(page.scroll, 0, furthest);
  useKeyTarget({
    text: { at, total: body.length, page: room, found: 0 },
    ...(wish?.do === 'run' && confirm !== null ? { setup: { places: ['run-choice' as const], act: () => turn(setup) } } : {}),
    wizard: {
      confirm,
      running: false,
      next: false,
      act(asked) {
        if (asked.do === 'run' && wish !== null && setup.busy === null) setup.start(wish, asked.typed);
      },
    },
  });
  const shown = body.slice(at, at + room);
  return (
    <Panel
      title={titleOf(planned, wish)}
      right={furthest === 0 ? [] : line(['dim', `${at + 1}–${Math.min(body.length, at + room)} of ${body.length}`])}
      foot={['plan', 'confirm', 'run', 'verify'].flatMap((step, index) =>
        line(index === 0 ? '' : ['dim', ' ─ '], step === (confirm === null ? 'plan' : 'confirm') ? ['accent', step.toUpperCase()] : ['dim', step]),
      )}
      lines={[...shown, ...Array.from({ length: Math.max(0, room - shown.length) }, (): Line => []), ...bottom]}
      width={width}
      height={height}
    />
  );
}

function turn({ turnStepByStep }: SetupControl): readonly Action[] {
  turnStepByStep();
  return [];
}

/** Of more steps than this only the names are shown. */
const mostShown = 120;

const confirmations = { safe: 'enter', disruptive: 'yes', 'needs-reboot': 'yes', destructive: 'name' } as const satisfies Record<
  string,
  WizardTarget['confirm']
>;

function titleOf(planned: readonly PlannedStep[], wish: SetupWish | null): string {
  const [first] = planned;
  if (wish?.do === 'undo') return `Take ${wish.step} back on ${clean(wish.column)}`;
  if (planned.length === 1 && first !== undefined) return `Run ${first.step.id} on ${listed(first.columns.map((column) => clean(column)))}`;
  return `Run ${counted(planned.length, 'step')}`;
}

/** Each step with its risk, where it is done, and its commands. */
function planLines(planned: readonly PlannedStep[], wish: SetupWish, pages: ReadonlyMap<string, Loaded<StepPage>>, width: number): readonly Line[] {
  return planned.flatMap(({ step, columns, needed }, index) => {
    const [first = ''] = columns;
    const read = pages.get(`${step.id} ${first}`);
    const texts = read?.status === 'read' ? (wish.do === 'undo' ? read.value.undo : read.value.apply) : [];
    const others =
      columns.length > 1
        ? [
            line('    ', [
              'dim',
              `as on ${clean(first)}; the same, with their own values, on ${listed(
                columns.slice(1).map((column) => clean(column)),
                6,
              )}`,
            ]),
          ]
        : [];
    const files = wish.do === 'run' && read?.status === 'read' ? read.value.files : [];
    return [
      ...(index === 0 ? [] : [[]]),
      line(['accent', '› '], ['strong', step.id], `  ${cut(clean(step.title), Math.max(10, width - step.id.length - 24))}`, [
        riskTones[step.risk],
        `  ${step.risk}`,
      ]),
      line('  ', [
        'dim',
        `on ${listed(
          columns.map((column) => clean(column)),
          9,
        )}${needed ? ', because what was asked for needs it' : ''}${step.reboots ? '; drains and reboots it' : ''}`,
      ]),
      ...(read === undefined
        ? [line('    ', ['dim', '◌ filling the values in'])]
        : read.status === 'failed'
          ? wrap(read.why, width - 6).map((text) => line('    ', ['bad', text]))
          : codeLines(texts, width, 4)),
      ...files.flatMap(({ name, lines }) => [line('    ', ['dim', `with the file ${clean(name)}:`]), ...codeLines(lines, width, 6)]),
      ...others,
    ];
  });
}

function bottomLines(
  { busy, problem, stepByStep }: SetupControl,
  blocked: readonly string[],
  planned: readonly PlannedStep[],
  wish: SetupWish | null,
  open: Setup | null,
  typing: Typing | null,
  width: number,
): readonly Line[] {
  const trouble = problem === null ? [] : wrap(problem, width - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text));
  if (busy !== null) return [line(['dim', `◌ ${busy} …`])];
  if (blocked.length > 0)
    return [
      ...trouble,
      ...blocked.slice(0, 3).flatMap((text) =>
        wrap(clean(text), width - 2)
          .slice(0, 2)
          .map((part, index) => line(index === 0 ? ['bad', '✗ '] : '  ', part)),
      ),
      line(['dim', 'esc goes back']),
    ];
  const risk = worstRisk(planned);
  const why = line([riskTones[risk], `${risk}: ${riskWords[risk]}`]);
  const mode = wish?.do === 'undo' ? [] : line('   ', ['accent', 's'], stepByStep ? ' ✓ waits before each step' : ' step by step');
  if (risk !== 'destructive')
    return [...trouble, why, line(['accent', risk === 'safe' ? 'enter' : 'y'], ' does it', mode, ['dim', '   esc leaves all as it is'])];
  const name = clean(open?.outline.cluster ?? '');
  if (typing?.into !== 'confirm') return [...trouble, why, line(['accent', 'enter'], ', then type ', ['strong', name], mode)];
  return [...trouble, why, line('type ', ['strong', name], ': ', inputLine(typing.input))];
}
