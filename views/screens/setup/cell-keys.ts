import type { CellState, SetupStep } from '../../../src/state/setup.js';
import type { Action } from '../../app-state.js';
import type { SetupKey, SetupPlace } from '../../keys.js';
import { setupWishObject } from '../../wizards/setup/run-wish.js';
import type { SetupControl } from '../../wizards/setup/use-setup.js';

/** The column that is no host. */
const clusterColumn = 'cluster';

/** Which keys count for a step in a column, in the state that it is in. */
export function cellPlaces(step: SetupStep, column: string, state: CellState | null, marked: boolean): readonly SetupPlace[] {
  const places: SetupPlace[] = [];
  if (marked || (state !== null && fixable.has(state.state) && !step.reportOnly) || mending(state) !== null) places.push('cell-fixable');
  if (state?.state === 'failed') places.push('cell-failed');
  if (state?.state === 'asks') places.push('cell-asks');
  if (step.canUndo && state !== null && undoable.has(state.state)) places.push('cell-undoable');
  if (column !== '' && column !== clusterColumn) places.push('cell-host');
  return places;
}

/** What a key does to a step in a column. */
export function actOnCell(key: SetupKey, step: SetupStep, column: string, state: CellState | null, setup: SetupControl): readonly Action[] {
  switch (key) {
    case 'cell-fix':
      return [{ type: 'open', page: { kind: 'setup-run', object: setupWishObject({ do: 'run', steps: [mending(state) ?? step.id], columns: [column] }) } }];
    case 'cell-undo':
      return [{ type: 'open', page: { kind: 'setup-run', object: setupWishObject({ do: 'undo', step: step.id, column }) } }];
    case 'cell-retry':
      setup.answer(step.id, column, 'retry');
      return [];
    case 'cell-skip':
      setup.answer(step.id, column, 'skip');
      return [];
    case 'cell-overwrite':
      setup.answer(step.id, column, 'overwrite');
      return [];
    case 'setup-check':
      setup.check([{ step: step.id, column }]);
      return [];
    case 'cell-shell':
      setup.shell(column);
      return [];
    default:
      return [];
  }
}

/** The step that mends what failed; null where none is known. */
export function mending(state: CellState | null): string | null {
  return state?.state === 'failed' ? (state.diagnosis?.step ?? null) : null;
}

const fixable: ReadonlySet<CellState['state']> = new Set(['missing', 'drifted', 'unknown', 'waiting', 'failed', 'skipped']);
const undoable: ReadonlySet<CellState['state']> = new Set(['done', 'drifted', 'failed']);
