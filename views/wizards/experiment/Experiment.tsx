import type { ReactElement } from 'react';
import type { Session } from '../../../src/session.js';
import type { SeenExperiment } from '../../../src/state/experiments.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import type { Page } from '../../app-state.js';
import { useKeyTarget, type WizardTarget } from '../../key-target.js';
import { clamp, type ListState } from '../../list-state.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { ExperimentChoice } from './ExperimentChoice.js';
import { experimentPlanLines, experimentStatusLines } from './experiment-lines.js';
import { experimentObject } from './experiment-object.js';
import { type PlanningState, useExperimentPlan, useSeenExperiments } from './use-experiments.js';

interface ExperimentProps {
  readonly snapshot: ClusterSnapshot;
  readonly session: Session | null;
  readonly page: Page;
  readonly list: ListState;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}

/** A replica experiment from its choice to its figures. It is carried out by a process of its own: leaving the page, or the app, takes nothing with it. */
export function Experiment(props: ExperimentProps): ReactElement {
  const seen = useSeenExperiments(props.session);
  const { object } = props.page;
  if (object === '') return <ExperimentChoice {...props} seen={seen} />;
  const [, name] = /^status (.+)$/.exec(object) ?? [];
  return name === undefined ? <PlannedExperiment {...props} seen={seen} /> : <RunningExperiment {...props} seen={seen} name={name} />;
}

function PlannedExperiment({ seen, ...props }: ExperimentProps & { readonly seen: readonly SeenExperiment[] | null }): ReactElement {
  const { session, page, now, width } = props;
  const { state, start } = useExperimentPlan(session, page.object);
  if (state.at === 'started') return <RunningExperiment {...props} seen={seen} name={state.name} />;
  const ready = state.at === 'planned' && state.plan.blockers.length === 0 && !state.starting;
  const inner = innerWidth(width);
  const title = state.at === 'planned' ? `Experiment ${state.plan.spec.name}` : 'Experiment';
  const wizard: WizardTarget = {
    confirm: ready ? 'yes' : null,
    running: false,
    next: false,
    act: ({ do: wish }) => {
      if (wish === 'run') start();
    },
  };
  return (
    <Steps
      {...props}
      title={title}
      step={state.at === 'planned' && ready ? 'confirm' : 'plan'}
      lines={planningLines(state, now, inner)}
      bottom={bottomLines(state, inner)}
      wizard={wizard}
    />
  );
}

function RunningExperiment({
  seen,
  name,
  ...props
}: ExperimentProps & { readonly seen: readonly SeenExperiment[] | null; readonly name: string }): ReactElement {
  const { session, now, width } = props;
  const found = seen?.find(({ state }) => state.spec.name === name);
  const running = found?.state.status === 'running';
  const inner = innerWidth(width);
  const missing = seen === null ? line(['dim', '◌ looking at where it stands']) : line(['warn', `! nothing is known of experiment ${name} any more`]);
  const wizard: WizardTarget = {
    confirm: null,
    running,
    next: false,
    act: ({ do: wish }) => {
      if (wish === 'cancel') void session?.experiments.stop(name).catch(() => undefined);
    },
  };
  const again = found !== undefined && !found.alive ? againPage(found) : null;
  return (
    <Steps
      {...props}
      title={`Experiment ${name}`}
      step={found !== undefined && !running ? 'done' : 'run'}
      lines={found === undefined ? [missing] : experimentStatusLines(found, now, inner)}
      bottom={running ? [line(['dim', found?.alive === true ? 'esc leaves it running; it runs without the app too' : 'nobody carries it out just now'])] : []}
      wizard={wizard}
      page={props.page}
      again={again}
    />
  );
}

/** What Enter plans of one that broke off, or ended: the same once more. */
function againPage({ state: { file, spec, status } }: SeenExperiment): string | null {
  const [workload] = spec.workloads;
  if (status !== 'running' || (file === null && workload === undefined)) return null;
  return file === null ? (workload === undefined ? null : experimentObject({ workload })) : experimentObject({ file });
}

function Steps({
  title,
  step,
  lines,
  bottom,
  wizard,
  page,
  width,
  height,
  again = null,
}: Pick<ExperimentProps, 'page' | 'width' | 'height'> & {
  readonly title: string;
  readonly step: string;
  readonly lines: readonly Line[];
  readonly bottom: readonly Line[];
  readonly wizard: WizardTarget;
  readonly again?: string | null;
}): ReactElement {
  const inner = innerWidth(width);
  const foot = bottom.length === 0 ? [] : [line(['dim', '─'.repeat(inner)]), ...bottom];
  const room = Math.max(1, innerHeight(height) - foot.length);
  const furthest = Math.max(0, lines.length - room);
  const at = clamp(page.scroll, 0, furthest);
  useKeyTarget({
    text: { at, total: lines.length, page: room, found: 0 },
    wizard,
    ...(again === null
      ? {}
      : { list: { id: 'experiment-again', ids: [again], page: 1, sorts: [], open: () => ({ page: { kind: 'experiment', object: again } }) } }),
  });
  const body = lines.slice(at, at + room);
  const filled = [...body, ...Array.from({ length: room - body.length }, (): Line => [])];
  return (
    <Panel
      title={title}
      right={furthest === 0 ? [] : line(['dim', `${at + 1}–${Math.min(lines.length, at + room)} of ${lines.length}`])}
      foot={['choose', 'plan', 'confirm', 'run', 'done'].flatMap((each, index) =>
        line(index === 0 ? '' : ['dim', ' ─ '], each === step ? ['accent', each.toUpperCase()] : ['dim', each]),
      )}
      lines={[...filled, ...foot]}
      width={width}
      height={height}
    />
  );
}

function planningLines(state: Exclude<PlanningState, { at: 'started' }>, now: number, width: number): readonly Line[] {
  switch (state.at) {
    case 'planning':
      return [line(['dim', '◌ looking at GPUs, quotas, autoscalers, Prometheus and the room for the data; nothing is changed yet'])];
    case 'refused':
      return [
        ...wrap(state.why, width - 2).map((text, index) => line(index === 0 ? ['warn', '! '] : '  ', text)),
        [],
        line(['dim', 'Nothing was changed. esc goes back.']),
      ];
    case 'planned':
      return experimentPlanLines(state.plan, now, width);
  }
}

function bottomLines(state: Exclude<PlanningState, { at: 'started' }>, width: number): readonly Line[] {
  if (state.at !== 'planned') return [];
  const problem = state.problem === null ? [] : wrap(state.problem, width - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text));
  if (state.starting) return [...problem, line(['dim', 'starting a process of its own …'])];
  if (state.plan.blockers.length > 0) return [line(['bad', 'cannot be done as things are'], ['dim', '   esc goes back'])];
  return [
    ...problem,
    line(['warn', 'disruptive: replicas come and go until it ends, then they are as before']),
    line(['accent', 'y'], ' starts it', ['dim', '   esc leaves all as it is']),
  ];
}
