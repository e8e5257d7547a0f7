import type { CellState, Setup, SetupCatalogue, SetupOutline, SetupStep } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import type { ListState } from '../../list-state.js';
import { type ShownRows, shownRows } from '../../widgets/list-rows.js';
import { shortWord } from './cell-state.js';

/** A step with its state in every column; null where it is not done there. */
export interface MatrixRow {
  readonly step: SetupStep;
  readonly states: readonly (CellState | null)[];
}

/** Steps of one playbook that follow each other. */
export interface MatrixGroup {
  readonly title: string;
  readonly rows: readonly MatrixRow[];
}

/** The key of a cell in the slice. */
export function cellKey(step: string, column: string): string {
  return `${step} ${column}`;
}

/** The columns in which anything is done: with a kubeconfig alone, that is the cluster and no host. */
export function usedColumns({ steps, columns }: SetupOutline): readonly string[] {
  return columns.filter((column) => steps.some(({ on }) => on.includes(column)));
}

/** The column under the cursor in the row of a step: the one that is wanted, else the nearest in which the step is done. */
export function columnOf({ on }: SetupStep, columns: readonly string[], wanted: number): number {
  const there = columns.flatMap((column, index) => (on.includes(column) ? [index] : []));
  return there.reduce((best, index) => (Math.abs(index - wanted) < Math.abs(best - wanted) ? index : best), there[0] ?? 0);
}

/** The column before or after, among those in which the step is done; round at the ends. */
export function beside({ on }: SetupStep, columns: readonly string[], column: string, by: 1 | -1): string {
  const there = columns.filter((one) => on.includes(one));
  return there[(there.indexOf(column) + by + there.length) % Math.max(1, there.length)] ?? column;
}

/** One row for each step, in the order in which they can be done. */
export function matrixRows({ outline: { steps }, cells }: Pick<Setup, 'outline' | 'cells'>, columns: readonly string[]): readonly MatrixRow[] {
  return steps.map((step) => ({
    step: { ...step, title: clean(step.title) },
    states: columns.map((column) => (step.on.includes(column) ? (cells.get(cellKey(step.id, column))?.state ?? unseen) : null)),
  }));
}

/** The rows that a filter leaves. A row counts as done where it is nowhere anything else, so that `!done` leaves what there is to do. */
export function shownMatrix(rows: readonly MatrixRow[], list: ListState, columns: readonly string[], now: number): ShownRows<MatrixRow> {
  return shownRows(rows, list, [], idOf, (row) => textOf(row, columns), now);
}

export function groupsOf(rows: readonly MatrixRow[], catalogue: SetupCatalogue | null): readonly MatrixGroup[] {
  const groups: { title: string; playbook: string; rows: MatrixRow[] }[] = [];
  for (const row of rows) {
    const { playbook } = row.step;
    const last = groups.at(-1);
    if (last?.playbook === playbook) last.rows.push(row);
    else groups.push({ playbook, title: playbookTitle(playbook, catalogue), rows: [row] });
  }
  return groups;
}

export function playbookTitle(id: string, catalogue: SetupCatalogue | null): string {
  return clean(catalogue?.playbooks.find((playbook) => playbook.id === id)?.title ?? id);
}

const unseen: CellState = { state: 'unknown', why: null };

function idOf({ step }: MatrixRow): string {
  return step.id;
}

function textOf({ step, states }: MatrixRow, columns: readonly string[]): string {
  const there = states.flatMap((state, index) => (state === null ? [] : [{ word: shortWord(state), column: columns[index] ?? '' }]));
  const undone = there.filter(({ word }) => word !== 'done' && word !== 'n/a');
  const words = undone.length === 0 ? there.slice(0, 1).map(({ word }) => word) : undone.flatMap(({ word, column }) => [word, column]);
  return [step.id, step.title, step.playbook, step.risk, ...words].join(' ');
}
