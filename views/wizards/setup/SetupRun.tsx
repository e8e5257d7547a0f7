import { type ReactElement, useMemo } from 'react';
import type { Setup } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { counted, listed } from '../../../src/text/wording.js';
import type { Action, Page, Typing } from '../../app-state.js';
import { inputLine } from '../../frame/footer-line.js';
import { useKeyTarget, type WizardTarget } from '../../key-target.js';
import type { PageProps } from '../../screens/screen-props.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { scrolled } from '../../widgets/TextPage.js';
import { riskTones, riskWords } from '../plan-lines.js';
import { runPlanLines } from './run-plan-lines.js';
import { type PlannedStep, parseSetupWish, plannedSteps, type SetupWish, worstRisk } from './run-wish.js';
import type { SetupControl } from './use-setup.js';
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
  const body = useMemo(() => (wish === null ? [] : runPlanLines(planned, wish, pages, inner)), [planned, wish, pages, inner]);
  const risk = worstRisk(planned);
  const blocked = open === null ? ['no setup is open'] : planned.length === 0 ? ['everything that was asked for is done already'] : open.outline.problems;
  const confirm = blocked.length > 0 || setup.busy !== null || wish === null ? null : confirmations[risk];
  const bottom = [line(['dim', '─'.repeat(inner)]), ...bottomLines(setup, blocked, planned, wish, open, typing, inner)];
  const room = innerHeight(height) - bottom.length;
  const { at, furthest, found, shown, searched } = scrolled(body, page, room);
  useKeyTarget({
    text: { at, total: body.length, page: room, found },
    ...(isMany(planned, wish) && confirm !== null ? { setup: { places: ['run-choice' as const], act: () => turn(setup) } } : {}),
    wizard: {
      confirm,
      running: false,
      next: false,
      act(asked) {
        if (asked.do === 'run' && wish !== null && setup.busy === null) setup.start(wish, asked.typed);
      },
    },
  });
  return (
    <Panel
      title={titleOf(planned, wish)}
      right={searched.length > 0 ? searched : furthest === 0 ? [] : line(['dim', `${at + 1}–${Math.min(body.length, at + room)} of ${body.length}`])}
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

/** Whether there is more than one thing to wait before. */
function isMany(planned: readonly PlannedStep[], wish: SetupWish | null): boolean {
  return wish?.do === 'run' && planned.reduce((sum, { columns }) => sum + columns.length, 0) > 1;
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
  const mode = !isMany(planned, wish) ? [] : line('   ', ['accent', 's'], stepByStep ? ' ✓ waits before each step' : ' step by step');
  if (risk !== 'destructive')
    return [...trouble, why, line(['accent', risk === 'safe' ? 'enter' : 'y'], ' does it', mode, ['dim', '   esc leaves all as it is'])];
  const name = clean(open?.outline.cluster ?? '');
  if (typing?.into !== 'confirm') return [...trouble, why, line(['accent', 'enter'], ', then type ', ['strong', name], mode)];
  return [...trouble, why, line('type ', ['strong', name], ': ', inputLine(typing.input))];
}
