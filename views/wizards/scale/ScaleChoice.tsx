import { type ReactElement, useMemo } from 'react';
import type { Session } from '../../../src/session.js';
import type { ScaleOutlook } from '../../../src/state/scaling.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { counted } from '../../../src/text/wording.js';
import type { Page, Typing } from '../../app-state.js';
import { parseTargets, useScaleOutlook } from '../../hooks/use-scale-outlook.js';
import { useKeyTarget } from '../../key-target.js';
import { emptyInput } from '../../text-input.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { foretoldLines, questionLines } from './scale-lines.js';

/** How many replicas there shall be: offered and typed, with what would come of it foretold at each key. */
export function ScaleChoice({
  session,
  page,
  typing,
  width,
  height,
}: {
  readonly session: Session | null;
  readonly page: Page;
  readonly typing: Typing | null;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const state = useScaleOutlook(session, page.object);
  const outlook = state.status === 'read' ? state.outlook : null;
  const input = typing?.into === 'replicas' ? typing.input : emptyInput;
  const pinned = typing?.into === 'replicas' && typing.pinned;
  const inner = innerWidth(width);
  const problem = outlook === null ? null : problemOf(input.text, outlook);
  const forecasts = useMemo(
    () => (outlook === null || problem !== null || input.text === '' ? [] : outlook.forecast(Number(input.text), pinned)),
    [outlook, problem, input.text, pinned],
  );
  const targets = parseTargets(page.object);
  useKeyTarget({
    replicas: {
      targets,
      offered: outlook === null ? [] : offeredNumbers(outlook),
      valid: outlook !== null && problem === null && input.text !== '',
      pinnable: outlook?.targets.some(({ autoscalers }) => autoscalers.length > 0) === true,
    },
  });
  const [first] = targets;
  const title =
    targets.length === 1 && first !== undefined ? `Scale ${first.kind.toLowerCase()} ${first.namespace}/${first.name}` : `Scale ${targets.length} workloads`;
  const lines: readonly Line[] = [
    ...(state.status === 'loading' ? [line(['dim', '◌ looking at nodes, pods, quotas and autoscalers; nothing is changed yet'])] : []),
    ...(state.status === 'failed' ? wrap(state.why, inner - 2).map((row, index) => line(index === 0 ? ['bad', '✗ '] : '  ', row)) : []),
    ...(outlook === null ? [] : questionLines(outlook, input, pinned, inner)),
    [],
    ...(problem === null ? [] : [line(['bad', '✗ '], problem)]),
    ...(outlook !== null && input.text === '' ? standingLines(outlook) : []),
    ...foretoldLines(forecasts, inner),
  ];
  const room = innerHeight(height);
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), line(['dim', `… ${count(lines.length - room + 1)} more lines in the plan`])];
  return <Panel title={title} foot={stepsLine} lines={shown} width={width} height={height} />;
}

const stepsLine: Line = ['choose', 'plan', 'confirm', 'run', 'verify'].flatMap((step, index) =>
  line(index === 0 ? '' : ['dim', ' ─ '], index === 0 ? ['accent', step.toUpperCase()] : ['dim', step]),
);

/** Each number that is offered, once. */
function offeredNumbers({ presets, lastUsed }: ScaleOutlook): readonly number[] {
  return [...new Set([...presets.map(({ replicas }) => replicas), ...(lastUsed === null ? [] : [lastUsed])])];
}

function problemOf(typed: string, { most }: ScaleOutlook): string | null {
  return Number(typed) > most ? `all nodes together take ${counted(most, 'pod')} at most` : null;
}

function standingLines({ targets }: ScaleOutlook): readonly Line[] {
  return targets.map(({ target, replicas, autoscalers }) =>
    line(
      `${target.kind.toLowerCase()} ${target.namespace}/${target.name}`,
      ['dim', `  ${counted(replicas, 'replica')}`],
      autoscalers.length === 0 ? '' : ['warn', `  ${autoscalers.map(({ kind, name, least, most }) => `${kind} ${name}: ${least} to ${most}`).join(', ')}`],
    ),
  );
}
