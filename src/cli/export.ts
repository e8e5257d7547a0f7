import { MonitoringError } from '../prometheus/monitoring-error.js';
import type { Queries } from '../prometheus/queries.js';
import { aligned, momentsIn, type Range } from '../prometheus/range.js';
import { clock } from '../text/age.js';
import { count } from '../text/amount.js';
import { bar } from '../text/bar.js';
import { type Column, type ColumnPlan, type ExportedService, findServices, planColumns } from './export-columns.js';
import { newFile, type Remains, resumedFile, type TableSink } from './export-file.js';
import { formats, type TableFormat } from './export-format.js';
import { type Moment, momentAt } from './export-range.js';
import { exportRows } from './export-rows.js';
import type { Output } from './output.js';

export interface ExportOptions {
  readonly from: Moment;
  readonly to: Moment;
  readonly stepMs: number;
  readonly format: 'csv' | 'json';
  /** `namespace/app` or `app`; none means all. */
  readonly services: readonly string[];
  /** null: stdout. */
  readonly file: string | null;
  readonly resume: boolean;
}

/** What an export asks of a Prometheus. */
export type ExportSource = Queries & { now(signal?: AbortSignal): Promise<number> };

/**
 * `export`: writes the table of the machines' load and the services' latency, moment by moment. Resolves to 0. Rejects with a sentence; what has been written then can be gone on
 * with. `progress` draws on stderr, where that is a terminal.
 */
export async function runExport(
  source: ExportSource,
  options: ExportOptions,
  out: Output,
  signal: AbortSignal,
  progress: Progress | null = null,
): Promise<number> {
  const format = formats[options.format];
  const range = await rangeOf(source, options, signal);
  const services = chosen(await findServices(source, range, signal), options.services);
  const plan = planColumns(services);
  const { sink, remains } = await openSink(options, format, out);
  const table = { source, plan, format, sink, out, signal, progress };
  try {
    const { columns, missing } = columnsFor(plan, remains);
    for (const heading of missing) out.stderr(`gpuk8s-tui: ${heading} was in the file and has nothing to say any more: it stays empty\n`);
    const left = remainingRange(range, options, remains);
    if (remains === null) await sink.write(format.opening(columns, range.stepMs));
    if (left !== null) await writeRows(table, columns, left, remains === null || remains.lastAt === null);
    await sink.write(format.closing());
  } catch (error) {
    if (options.file === null || !(error instanceof MonitoringError)) throw error;
    const why = error.kind === 'aborted' ? 'stopped' : error.message;
    throw new Error(`${why}; what is in ${options.file} is whole: the same command with --resume goes on with it`);
  } finally {
    await sink.close();
  }
  return 0;
}

/** Draws how far it is; called with an empty text at the end. */
export type Progress = (line: string) => void;

interface Table {
  readonly source: ExportSource;
  readonly plan: ColumnPlan;
  readonly format: TableFormat;
  readonly sink: TableSink;
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly progress: Progress | null;
}

async function writeRows(
  { source, plan, format, sink, out, signal, progress }: Table,
  columns: readonly Column[],
  range: Range,
  isBeginning: boolean,
): Promise<void> {
  const names = columns.map(({ name }) => name);
  const seen = new Set<string>();
  const notes = new Set<string>();
  const total = momentsIn(range);
  const started = performance.now();
  let done = 0;
  try {
    for await (const slice of exportRows(source, plan, names, range, signal)) {
      await sink.write(slice.rows.map((row, index) => format.row(row, columns, isBeginning && done === 0 && index === 0)).join(''));
      done += slice.rows.length;
      for (const note of slice.notes) notes.add(note);
      for (const { values } of slice.rows) for (const [index, value] of values.entries()) if (value !== null) seen.add(names[index] ?? '');
      progress?.(
        `${bar(done / total, 20)} ${Math.floor((100 * done) / total)} %  ${count(done)} of ${count(total)} rows  ${clock(performance.now() - started)}`,
      );
    }
  } finally {
    progress?.('');
  }
  for (const note of notes) out.stderr(`gpuk8s-tui: Prometheus says: ${note}\n`);
  for (const name of names) if (!seen.has(name)) out.stderr(`gpuk8s-tui: ${name} is empty: ${plan.origins.get(name) ?? 'no requests in this time'}\n`);
}

async function rangeOf(source: ExportSource, { from, to, stepMs }: ExportOptions, signal: AbortSignal): Promise<Range> {
  const now = await source.now(signal);
  const range = aligned({ startAt: momentAt(from, now), endAt: momentAt(to, now), stepMs });
  if (range === null) throw new Error('there is no moment between --from and --to: --from has to be the earlier one');
  return range;
}

function chosen(services: readonly ExportedService[], wanted: readonly string[]): readonly ExportedService[] {
  if (wanted.length === 0) return services;
  const matches = (id: string, text: string) => id === text || id.split('/').slice(1).join('/') === text || id.startsWith(`${text}/`);
  const lost = wanted.find((text) => !services.some(({ id }) => matches(id, text)));
  if (lost !== undefined) {
    const there = services.length === 0 ? 'no service has measured itself in this time' : `there are ${services.map(({ id }) => id).join(', ')}`;
    throw new Error(`no service "${lost}": ${there}`);
  }
  return services.filter(({ id }) => wanted.some((text) => matches(id, text)));
}

async function openSink(
  { file, resume }: ExportOptions,
  format: TableFormat,
  out: Output,
): Promise<{ readonly sink: TableSink; readonly remains: Remains | null }> {
  if (file === null) return { sink: { write: async (text) => out.stdout(text), close: async () => undefined }, remains: null };
  const resumed = resume ? await resumedFile(file, format) : null;
  if (resumed !== null) return resumed;
  return { sink: await newFile(file, resume), remains: null };
}

/** A file that is gone on with keeps the columns that it has. */
function columnsFor({ columns }: ColumnPlan, remains: Remains | null): { readonly columns: readonly Column[]; readonly missing: readonly string[] } {
  if (remains === null) return { columns, missing: [] };
  const kept = remains.headings.map((heading) => columns.find((column) => column.heading === heading) ?? strange(heading));
  return { columns: kept, missing: remains.headings.filter((heading) => !columns.some((column) => column.heading === heading)) };
}

function strange(heading: string): Column {
  const [, name = heading, unit] = /^(.*) \[(%|s)\]$/.exec(heading) ?? [];
  return { heading, name, unit: unit === 's' ? 's' : '%' };
}

/** What is still to be written; null where the file has it all. */
function remainingRange(range: Range, { stepMs, file }: ExportOptions, remains: Remains | null): Range | null {
  if (remains === null || remains.lastAt === null) return range;
  const { lastAt, beforeAt } = remains;
  const step = beforeAt === null ? stepMs : lastAt - beforeAt;
  if (step !== stepMs) throw new Error(`${file} has steps of ${step / 1000} s: give --step ${step / 1000}s to go on with it`);
  return aligned({ ...range, startAt: lastAt + stepMs });
}
