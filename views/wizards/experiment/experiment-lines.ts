import { figuresOf, leftText, stageWords } from '../../../src/state/experiment-words.js';
import type { ExperimentPlan, ExperimentState, PhaseRecord, SeenExperiment } from '../../../src/state/experiments.js';
import { duration } from '../../../src/text/age.js';
import { bytes } from '../../../src/text/amount.js';
import { fitLine, type Line, line } from '../../../src/text/line.js';
import { clockTime } from '../../../src/text/moment.js';
import { pad, wrap } from '../../../src/text/width.js';

/** What would be done: the phases with what is foretold of each, when it would end, and what stands in its way. `now`: ms since the epoch. */
export function experimentPlanLines(plan: ExperimentPlan, now: number, width: number): readonly Line[] {
  const { spec, before, phases, totalMs, resumesIn, dataBytes, warnings, blockers } = plan;
  const first = resumesIn ?? 0;
  const rows = phases
    .slice(first)
    .map(({ name, replicas, dwellMs, from, forecast }, index) =>
      fitLine(
        line(
          `${pad(String(first + index + 1), 5, 'left')}  ${pad(name, 12)}${pad(String(replicas), 8, 'left')}${pad(duration(dwellMs), 8, 'left')}`,
          `${pad(resumesIn === null ? clockTime(now + from) : '', 11, 'left')}  `,
          forecastPart(forecast, resumesIn),
        ),
        width,
      ),
    );
  const workloads = spec.workloads.map(({ namespace, name }, index) => `${namespace}/${name} ${before[index] ?? '?'}`).join(', ');
  return [
    ...blockers.flatMap((text) => told('✗', 'bad', text, width)),
    ...warnings.flatMap((text) => told('!', 'warn', text, width)),
    ...(blockers.length + warnings.length > 0 ? [[]] : []),
    ...(resumesIn === null ? [] : [line(['accent', `It broke off: it goes on in phase ${resumesIn + 1} of ${phases.length}.`]), []]),
    line(['dim', 'PHASE  NAME        REPLICAS   DWELL  COUNTS FROM  FORECAST']),
    ...rows,
    [],
    ...labelled('ends', `about ${clockTime(now + totalMs)}, ${duration(totalMs)} from now; as much later as replicas take to be ready`, width),
    ...labelled('times', `warm-up ${duration(spec.warmUpMs)}, pause ${duration(spec.pauseMs)}, cool-down ${duration(spec.coolDownMs)}`, width),
    ...labelled('data', `every ${spec.stepMs / 1000} s into ${spec.folder}${dataBytes > 0 ? `, about ${bytes(dataBytes)}` : ''}`, width),
    ...labelled('then back', workloads, width),
  ];
}

/** Where it stands: the phase, how far it is, what the phases came to, and what was out of the ordinary. */
export function experimentStatusLines({ state, alive }: SeenExperiment, now: number, width: number): readonly Line[] {
  const { phase, phases, stage, workloads, scaledBack, results, notes } = state;
  const rows = phases.map((each, index) =>
    fitLine(
      line(
        signOf(each, index, state, alive),
        ` ${pad(each.name, 12)}${pad(String(each.replicas), 8, 'left')}${pad(duration(each.dwellMs), 8, 'left')}  `,
        index === phase && stage === 'measuring' && each.from !== null ? progress(each, now) : (figuresOf(each) ?? ''),
      ),
      width,
    ),
  );
  const back = workloads.map(({ namespace, name, replicas }) => `${namespace}/${name} ${replicas}`).join(', ');
  return [
    ...headLines(state, alive, now, width),
    [],
    line(['dim', '  PHASE       REPLICAS   DWELL  FIGURES']),
    ...rows,
    [],
    ...labelled(scaledBack ? 'are back' : 'then back', back, width),
    ...labelled('results', results, width),
    ...(notes.length === 0 ? [] : [[]]),
    ...notes
      .slice(-20)
      .flatMap(({ at, text }) => wrap(text, width - 10).map((part, index) => line(['dim', index === 0 ? `${clockTime(at)}  ` : ' '.repeat(10)], part))),
  ];
}

function headLines(state: ExperimentState, alive: boolean, now: number, width: number): readonly Line[] {
  const { status, stage, phase, phases, why, outcome } = state;
  const said = why === null ? '' : `: ${why}`;
  if (status === 'done') return [line(['good', '✓ done'])];
  if (status !== 'running') return told('✗', 'bad', `${status}${said}`, width);
  const where = `phase ${phase + 1} of ${phases.length}, ${stageWords[stage]}`;
  if (!alive) return told('✗', 'bad', `broke off in ${where}: enter goes on with it, x puts the replicas back`, width);
  return told('◌', outcome === 'done' ? 'accent' : 'warn', `${where}${leftText(state, now)}${outcome === 'done' ? '' : ` (${outcome}${said})`}`, width);
}

function signOf({ to }: PhaseRecord, index: number, { phase, status }: ExperimentState, alive: boolean): Line {
  if (to !== null) return line(['good', '✓']);
  if (index === phase && status === 'running') return line(alive ? ['accent', '◌'] : ['bad', '✗']);
  return line(['dim', '·']);
}

function progress({ from, dwellMs }: PhaseRecord, now: number): Line {
  const part = Math.max(0, Math.min(1, (now - (from ?? now)) / dwellMs));
  const filled = Math.round(part * barWidth);
  return line(['accent', '▆'.repeat(filled)], ['dim', '░'.repeat(barWidth - filled)], ` ${Math.floor(part * 100)} %`);
}

const barWidth = 20;

function forecastPart(forecast: ExperimentPlan['phases'][number]['forecast'], resumesIn: number | null): Line {
  if (forecast === null) return line(['dim', resumesIn === null ? 'not known' : '']);
  return line([forecast.ready < forecast.wanted ? 'bad' : 'good', `${forecast.ready} of ${forecast.wanted} run`]);
}

function told(sign: string, tone: 'bad' | 'warn' | 'accent', text: string, width: number): readonly Line[] {
  return wrap(text, width - 2).map((part, index) => line(index === 0 ? [tone, `${sign} `] : '  ', part));
}

function labelled(name: string, text: string, width: number): readonly Line[] {
  const indent = 11;
  return wrap(text, width - indent).map((part, index) => line(['dim', (index === 0 ? name : '').padEnd(indent)], part));
}
