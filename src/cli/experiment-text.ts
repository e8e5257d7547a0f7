import { figuresOf, leftText, stageWords } from '../state/experiment-words.js';
import type { ExperimentPlan, ExperimentState } from '../state/experiments.js';
import { duration } from '../text/age.js';
import { bytes } from '../text/amount.js';
import { type Line, line } from '../text/line.js';
import { clockTime } from '../text/moment.js';
import { counted } from '../text/wording.js';
import { table } from './table.js';

/** A plan as it is told before anything is changed. `now`: ms since the epoch, for the time at which it would end. */
export function planText(plan: ExperimentPlan, now: number): readonly Line[] {
  const { spec, context, phases, before, totalMs, resumesIn, dataBytes, warnings, blockers } = plan;
  const rows = phases
    .slice(resumesIn ?? 0)
    .map(({ name, replicas, dwellMs, from, forecast }, index) => [
      { text: String((resumesIn ?? 0) + index + 1) },
      { text: name },
      { text: String(replicas) },
      { text: duration(dwellMs) },
      { text: resumesIn === null ? `+${duration(from)}` : '' },
      forecast === null
        ? { text: resumesIn === null ? 'not known' : '' }
        : { text: `${forecast.ready} of ${forecast.wanted} run`, tone: forecast.ready < forecast.wanted ? ('bad' as const) : ('plain' as const) },
    ]);
  const back = spec.workloads.map(({ namespace, name }, index) => `${namespace}/${name} to ${before[index] ?? '?'}`).join(', ');
  return [
    line(
      ['title', `Experiment ${spec.name}`],
      ` on ${context}: ${spec.workloads.map(({ kind, namespace, name }) => `${kind.toLowerCase()} ${namespace}/${name}`).join(', ')}`,
    ),
    ...(resumesIn === null ? [] : [line(['accent', `goes on in phase ${resumesIn + 1} of ${phases.length}`])]),
    ...table(['PHASE', 'NAME', 'REPLICAS', 'DWELL', 'COUNTS FROM', 'FORECAST'], rows, ['PHASE', 'REPLICAS']),
    line(`warm-up ${duration(spec.warmUpMs)}, pause ${duration(spec.pauseMs)}, cool-down ${duration(spec.coolDownMs)}; then back: ${back}`),
    line(`ends at about ${clockTime(now + totalMs)}, ${duration(totalMs)} from now, and as much later as replicas take to be ready`),
    line(`data every ${spec.stepMs / 1000} s into ${spec.folder}${dataBytes > 0 ? `, about ${bytes(dataBytes)}` : ''}`),
    ...warnings.map((text) => line(['warn', '! '], text)),
    ...blockers.map((text) => line(['bad', '✗ '], text)),
  ];
}

/** Where an experiment stands. `alive`: a process carries it out. */
export function statusLines(state: ExperimentState, alive: boolean, now: number): readonly Line[] {
  const { spec, status, outcome, stage, phase, phases, why, results, notes, workloads, scaledBack } = state;
  const broken = status === 'running' && !alive;
  const head =
    status !== 'running'
      ? line([status === 'done' ? 'good' : 'bad', status === 'done' ? '✓ done' : `✗ ${status}`], why === null ? '' : `: ${why}`)
      : broken
        ? line(
            ['bad', '✗ broke off'],
            ` in phase ${phase + 1}, ${stageWords[stage]}: gpuk8s-tui experiment run goes on with it, experiment stop puts the replicas back`,
          )
        : line(
            ['accent', '◌ '],
            `phase ${phase + 1} of ${phases.length}, ${stageWords[stage]}`,
            ['dim', leftText(state, now)],
            outcome === 'done' ? '' : `, ${outcome}${why === null ? '' : `: ${why}`}`,
          );
  const rows = phases.map((each, index) => [
    { text: index < phase || each.to !== null ? '✓' : index === phase && status === 'running' ? '◌' : '·' },
    { text: each.name },
    { text: String(each.replicas) },
    { text: each.from === null ? '–' : clockTime(each.from) },
    { text: each.to === null ? '–' : clockTime(each.to) },
    { text: figuresOf(each) ?? '' },
  ]);
  const back = workloads.map(({ namespace, name, replicas }) => `${namespace}/${name} ${replicas}`).join(', ');
  return [
    line(['title', `Experiment ${spec.name}`], ` on ${state.context}`),
    head,
    ...table([' ', 'PHASE', 'REPLICAS', 'FROM', 'TO', 'FIGURES'], rows, ['REPLICAS']),
    line(scaledBack ? `replicas are back: ${back}` : `replicas before: ${back}`),
    line(`results: ${results}`),
    ...notes.slice(-10).map(({ at, text }) => line(['dim', `${clockTime(at)} `], text)),
  ];
}

/** One line for a log: what it does now. */
export function stageLine({ stage, phase, phases, spec, outcome, why }: ExperimentState): string {
  const { name = '', replicas = 0, dwellMs = 0 } = phases[phase] ?? {};
  const head = `phase ${phase + 1} of ${phases.length} (${name})`;
  switch (stage) {
    case 'scaling':
      return `${head}: scaling to ${counted(replicas, 'replica')}`;
    case 'warming-up':
      return `${head}: all ready, warming up for ${duration(spec.warmUpMs)}`;
    case 'measuring':
      return `${head}: measuring for ${duration(dwellMs)}`;
    case 'pausing':
      return `${head}: over${figure(phases[phase])}; pause of ${duration(spec.pauseMs)}`;
    case 'cooling-down':
      return `${head}: over${figure(phases[phase])}; cooling down for ${duration(spec.coolDownMs)}`;
    case 'scaling-back':
      return `${outcome === 'done' ? '' : `${outcome}${why === null ? '' : `: ${why}`}; `}putting the replicas back`;
    case 'exporting':
      return 'writing the data';
    case 'ended':
      return 'ended';
  }
}

function figure(phase: ExperimentState['phases'][number] | undefined): string {
  const text = figuresOf(phase);
  return text === null ? '' : `: ${text}`;
}
