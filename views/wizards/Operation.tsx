import type { ReactElement } from 'react';
import type { OperationRun, Plan } from '../../src/state/operations.js';
import { type Line, line } from '../../src/text/line.js';
import type { Page, Typing } from '../app-state.js';
import type { OperationControl, OperationState } from '../hooks/use-operation.js';
import { useKeyTarget, type WizardTarget } from '../key-target.js';
import { clamp } from '../list-state.js';
import { listRefs } from '../operation-object.js';
import { Panel } from '../widgets/Panel.js';
import { innerHeight, innerWidth } from '../widgets/panel-lines.js';
import { confirmLines, planLines, refusedLines } from './plan-lines.js';
import { runLines } from './run-lines.js';

/** One change from its plan to its proof: what would be done, exactly; the confirmation; each step as it happens; and whether the goal was seen. */
export function Operation({
  operation: { state, start, cancel },
  page,
  typing,
  now,
  width,
  height,
}: {
  readonly operation: OperationControl;
  readonly page: Page;
  readonly typing: Typing | null;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const [, ...rest] = listRefs(page.object);
  const inner = innerWidth(width);
  const bottom = bottomLines(state, typing, rest.length, inner);
  const room = innerHeight(height) - bottom.length;
  const lines = bodyLines(state, now, inner, room);
  const furthest = Math.max(0, lines.length - room);
  const at = clamp(page.scroll, 0, furthest);
  const ended = state.at === 'refused' || (state.at === 'run' && state.run.endedAt !== null);
  useKeyTarget({
    text: { at, total: lines.length, page: room, found: 0 },
    ...copyOf(state),
    wizard: {
      confirm: confirmationOf(state),
      running: state.at === 'run' && state.run.state === 'running',
      next: rest.length > 0 && (ended || state.at === 'planned'),
      act(wish) {
        if (wish.do === 'run') start(wish.typed);
        else cancel();
      },
    },
  });
  const body = lines.slice(at, at + room);
  const filled = [...body, ...Array.from({ length: Math.max(0, room - body.length) }, (): Line => [])];
  return (
    <Panel
      title={titleOf(state)}
      right={furthest === 0 ? [] : line(['dim', `${at + 1}–${Math.min(lines.length, at + room)} of ${lines.length}`])}
      foot={stepsLine(state)}
      lines={[...filled, ...bottom]}
      width={width}
      height={height}
    />
  );
}

/** The exact words of all steps, one a line. */
function copyOf(state: OperationState): { readonly copy?: string } {
  if (state.at !== 'planned' && state.at !== 'run') return {};
  const { items } = state.at === 'run' ? state.run.plan : state.plan;
  return {
    copy: items
      .slice(0, mostCopied)
      .map(({ exact }) => `${exact}\n`)
      .join(''),
  };
}

/** Terminals take some 100 kB at most. */
const mostCopied = 200;

function titleOf(state: OperationState): string {
  if (state.at === 'planned') return state.plan.title;
  if (state.at === 'run') return state.run.plan.title;
  return state.at === 'planning' ? 'Planning' : 'Not possible';
}

function bodyLines(state: OperationState, now: number, width: number, room: number): readonly Line[] {
  switch (state.at) {
    case 'planning':
      return [line(['dim', 'looking at what would change; nothing is changed yet'])];
    case 'refused':
      return refusedLines(state.why, width);
    case 'planned':
      return planLines(state.plan, width);
    case 'run':
      return runLines(state.run, now, width, room);
  }
}

function bottomLines(state: OperationState, typing: Typing | null, behind: number, width: number): readonly Line[] {
  const rule = line(['dim', '─'.repeat(width)]);
  const more = behind === 0 ? [] : [line(['dim', `${behind} more to mend behind this one: n goes on`])];
  if (state.at === 'planned') return [rule, ...confirmLines(state, typing?.into === 'confirm' ? typing.input : null, width), ...more];
  if (state.at === 'run' && state.run.endedAt === null)
    return [rule, line(['dim', 'esc leaves it running; it goes on in the last row of the screen']), ...more];
  return more.length === 0 ? [] : [rule, ...more];
}

function confirmationOf(state: OperationState): WizardTarget['confirm'] {
  if (state.at !== 'planned' || state.starting) return null;
  if (state.asks.length > 0) return 'name';
  if (state.plan.blockers.length > 0) return null;
  return confirmations[state.plan.risk];
}

const confirmations: Readonly<Record<Plan['risk'], WizardTarget['confirm']>> = { safe: 'enter', disruptive: 'yes', 'needs-reboot': 'yes', destructive: 'name' };

/** `plan ─ confirm ─ run ─ VERIFY` */
function stepsLine(state: OperationState): Line {
  const current = stepOf(state);
  return ['plan', 'confirm', 'run', 'verify'].flatMap((step, index) =>
    line(index === 0 ? '' : ['dim', ' ─ '], step === current ? ['accent', step.toUpperCase()] : ['dim', step]),
  );
}

function stepOf(state: OperationState): string {
  if (state.at === 'planning' || state.at === 'refused') return 'plan';
  if (state.at === 'planned') return state.plan.blockers.length > 0 ? 'plan' : 'confirm';
  return isVerifying(state.run) ? 'verify' : 'run';
}

function isVerifying({ state, verification }: OperationRun): boolean {
  return state === 'verifying' || verification !== null;
}
