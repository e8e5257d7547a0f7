import type { ExperimentState, PhaseRecord, ServiceMeasures } from '../../state/experiments.js';
import { counted } from '../../text/wording.js';

/** The table that an experiment comes to: a row for each phase and workload. Empty cells are what nothing told. */
export interface SummaryTable {
  readonly heads: readonly SummaryHead[];
  readonly rows: readonly (readonly string[])[];
}

export interface SummaryHead {
  readonly name: string;
  /** '' where it has none. */
  readonly unit: string;
}

export function summaryTable({ phases, spec }: ExperimentState): SummaryTable {
  const several = spec.workloads.length > 1;
  const rows = phases.flatMap((phase, index) => {
    const services = phase.measured?.services ?? [];
    const shown = several ? spec.workloads.map(({ namespace, name }) => services.find(({ id }) => id === `${namespace}/${name}`)) : [services[0]];
    return shown.map((service, place) => [
      String(index + 1),
      phase.name,
      ...(several ? [`${spec.workloads[place]?.namespace}/${spec.workloads[place]?.name}`] : []),
      String(phase.replicas),
      ...figures(phase, service),
    ]);
  });
  return { heads: [head('phase'), head('name'), ...(several ? [head('workload')] : []), head('replicas'), ...measuredHeads], rows };
}

/** For people: aligned columns. */
export function summaryText(state: ExperimentState): string {
  const { heads, rows } = summaryTable(state);
  const cells = [heads.map(headText), ...rows.map((row) => row.map((cell) => (cell === '' ? '–' : cell)))];
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => (isWord(heads[column]) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

export function summaryCsv(state: ExperimentState): string {
  const { heads, rows } = summaryTable(state);
  return [heads.map(headText), ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
}

/** The summary as a page: what was done, the table, and what was out of the ordinary. */
export function summaryMarkdown(state: ExperimentState): string {
  const { heads, rows } = summaryTable(state);
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const moment = (at: number | null) => (at === null ? '–' : `${new Date(at).toISOString().slice(0, 19)}Z`);
  const spans = state.phases.map(
    ({ name, replicas, from, to }, index) => `- Phase ${index + 1}, ${name}, ${counted(replicas, 'replica')}: ${moment(from)} to ${moment(to)}`,
  );
  return [
    `# Experiment ${state.spec.name}`,
    '',
    `Cluster ${state.context}, ${state.spec.workloads.map(({ kind, namespace, name }) => `${kind.toLowerCase()} ${namespace}/${name}`).join(', ')}.`,
    `${moment(state.startedAt)} to ${moment(state.endedAt ?? state.seenAt)}: ${state.outcome}${state.why === null ? '' : `, ${state.why}`}.`,
    '',
    row(heads.map(headText)),
    row(heads.map((each) => (isWord(each) ? '---' : '---:'))),
    ...rows.map((cells) => row(cells.map((cell) => (cell === '' ? '–' : cell)))),
    '',
    ...spans,
    ...(state.notes.length === 0 ? [] : ['', '## What was out of the ordinary', '', ...state.notes.map(({ at, text }) => `- ${moment(at)}: ${text}`)]),
    '',
  ].join('\n');
}

const measuredHeads = [
  head('least ready'),
  head('p50', 's'),
  head('p95', 's'),
  head('p99', 's'),
  head('mean', 's'),
  head('requests', '1/s'),
  head('load'),
  head('CPU', '%'),
  head('GPU', '%'),
  head('PSI cpu', '%'),
  head('PSI io', '%'),
  head('PSI memory full', '%'),
  head('gaps', 's'),
];

function figures({ measured, leastReady, gaps }: PhaseRecord, service: ServiceMeasures | undefined): readonly string[] {
  const gapSeconds = gaps.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
  return [
    figure(leastReady),
    figure(service?.p50 ?? null),
    figure(service?.p95 ?? null),
    figure(service?.p99 ?? null),
    figure(service?.mean ?? null),
    figure(service?.requestsPerSecond ?? null),
    measured?.load ?? '',
    figure(measured?.cpuPercent ?? null),
    figure(measured?.gpuPercent ?? null),
    figure(measured?.cpuPressurePercent ?? null),
    figure(measured?.ioPressurePercent ?? null),
    figure(measured?.memoryPressurePercent ?? null),
    figure(Math.round(gapSeconds)),
  ];
}

/** Three digits say all that a measurement of this kind knows. */
function figure(value: number | null): string {
  if (value === null) return '';
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function head(name: string, unit = ''): SummaryHead {
  return { name, unit };
}

function headText({ name, unit }: SummaryHead): string {
  return unit === '' ? name : `${name} [${unit}]`;
}

function isWord(column: SummaryHead | undefined): boolean {
  return column !== undefined && ['name', 'workload', 'load'].includes(column.name);
}

function csvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
