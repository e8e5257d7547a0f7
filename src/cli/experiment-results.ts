import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { narrowed, scrapeInterval, windowOf } from '../operations/experiment/measures.js';
import { summaryCsv, summaryMarkdown, summaryText } from '../operations/experiment/summary.js';
import type { PrometheusClient } from '../prometheus/client.js';
import { aligned } from '../prometheus/range.js';
import type { ExperimentState } from '../state/experiments.js';
import type { ExportSource } from './export.js';
import { type ColumnPlan, findServices, planColumns } from './export-columns.js';
import { formats } from './export-format.js';
import { exportRows } from './export-rows.js';

/**
 * Writes what an experiment measured into its folder: `phase-1.csv` … (the columns of `export`, with phase and replicas), `summary.txt`, `.csv` and `.md`, and `experiment.json` with the spec, the phases and the
 * marks. Files are written anew, so it may be done again. Resolves to sentences on what is missing; rejects with one where nothing can be written.
 */
export async function writeResults(source: PrometheusClient, state: ExperimentState, signal: AbortSignal): Promise<readonly string[]> {
  const { results, phases } = state;
  const missing: string[] = [];
  const intervalMs = await scrapeInterval(source);
  await mkdir(results, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string) => writeFile(join(results, name), content, { mode: 0o600 });
  for (const [index, phase] of phases.entries()) {
    if (phase.from === null || phase.to === null) continue;
    const { table, notes } = await phaseTable(source, state, index, intervalMs, signal);
    await write(`phase-${index + 1}.csv`, table);
    missing.push(...notes.map((note) => `phase ${index + 1}: ${note}`));
    if (phase.measured === null) missing.push(`phase ${index + 1}: its figures could not be had from Prometheus`);
  }
  await write('summary.txt', summaryText(state));
  await write('summary.csv', summaryCsv(state));
  await write('summary.md', summaryMarkdown(state));
  const { spec, file, context, startedAt, marks, outcome, workloads, notes } = state;
  await write(
    'experiment.json',
    `${JSON.stringify({ schemaVersion: 1, spec, file, context, startedAt, outcome, workloads, phases, marks, notes }, null, 1)}\n`,
  );
  return missing;
}

async function phaseTable(
  source: ExportSource,
  { spec, phases }: ExperimentState,
  index: number,
  intervalMs: number,
  signal: AbortSignal,
): Promise<{ readonly table: string; readonly notes: readonly string[] }> {
  const { csv } = formats;
  const { name = '', replicas = 0, from = null, to = null } = phases[index] ?? {};
  const range = aligned({ startAt: from ?? 0, endAt: to ?? 0, stepMs: spec.stepMs });
  if (range === null) return { table: '', notes: ['it was shorter than a step of the data: its table is empty'] };
  const found = await findServices(source, range, signal);
  const own = found.filter(({ id }) =>
    spec.workloads.some((workload) => id === `${workload.namespace}/${workload.name}` || id.startsWith(`${workload.namespace}/${workload.name}/`)),
  );
  const plan = narrowedPlan(planColumns(own.length === 0 ? found : own), rateWindow((to ?? 0) - (from ?? 0), intervalMs));
  const names = plan.columns.map((column) => column.name);
  const marks = `${index + 1},${/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name},${replicas}`;
  const seen = new Set<string>();
  const rows: string[] = [];
  for await (const slice of exportRows(source, plan, names, range, signal)) {
    for (const row of slice.rows) {
      rows.push(withMarks(csv.row(row, plan.columns, rows.length === 0), marks));
      for (const [place, value] of row.values.entries()) if (value !== null) seen.add(names[place] ?? '');
    }
  }
  return {
    table: `${withMarks(csv.opening(plan.columns, spec.stepMs), 'phase,name,replicas')}${rows.join('')}`,
    notes: names.filter((column) => !seen.has(column)).map((column) => `${column} is empty: ${plan.origins.get(column) ?? 'no requests in this time'}`),
  };
}

/** After the first field, which is the time. */
function withMarks(line: string, marks: string): string {
  const end = line.indexOf(',');
  return `${line.slice(0, end)},${marks}${line.slice(end)}`;
}

/** Rates over five minutes where the phase is long enough for them; in a short one they would tell of the phase before. */
function rateWindow(dwellMs: number, intervalMs: number): string {
  return windowOf(Math.min(300_000, Math.max(dwellMs / 4, 2.5 * intervalMs)));
}

function narrowedPlan(plan: ColumnPlan, window: string): ColumnPlan {
  return { ...plan, queries: plan.queries.map((query) => ({ ...query, expr: narrowed(query.expr, window) })) };
}
