import type { Cell, CellState } from '../state/setup.js';
import { duration } from '../text/age.js';
import { type Line, line } from '../text/line.js';
import { clockTime } from '../text/moment.js';
import { reasonOf, stateWords } from './setup-cells.js';
import { diffLines } from './setup-lines.js';
import type { SetupPlace } from './setup-place.js';

/** Tells each cell's way as it goes: what begins, what it says when it takes long, how it ends. Returns how to end it. */
export function tellProgress(place: SetupPlace, before: ReadonlyMap<string, Cell>, tell: (lines: readonly Line[]) => void): () => void {
  const told = new Map<string, { readonly state: string; readonly said: string | null; readonly at: number }>();
  const look = () => {
    for (const [key, cell] of place.setup()?.cells ?? []) {
      const { state } = cell;
      const known = told.get(key);
      const now = Date.now();
      const what = state.state === 'running' ? `running ${state.phase}` : state.state;
      const said = reasonOf(state);
      if (known === undefined && before.get(key)?.state === state) continue;
      if (known?.state === what) {
        // The last line of what takes long, now and then.
        if (!isUnderWay(state) || said === null || said === known.said || now - known.at < longMs) continue;
      } else if (isQuiet(state)) {
        told.set(key, { state: what, said, at: now });
        continue;
      }
      told.set(key, { state: what, said, at: now });
      tell(cellLines(cell, now));
    }
  };
  const unsubscribe = place.subscribe(look);
  return () => {
    unsubscribe();
    look();
  };
}

const longMs = 10_000;

/** Looking is not told, nor what is waited for in the order of things. */
function isQuiet({ state }: CellState): boolean {
  return state === 'checking' || state === 'waiting' || state === 'unknown';
}

function isUnderWay({ state }: CellState): boolean {
  return state === 'running' || state === 'rebooting' || state === 'held';
}

function cellLines({ step, column, state }: Cell, now: number): readonly Line[] {
  const { mark, word, tone } = stateWords[state.state];
  const why = reasonOf(state);
  const what = state.state === 'running' ? phaseWords[state.phase] : word;
  const since = isUnderWay(state) && 'since' in state && now - state.since >= 2 * longMs ? ` for ${duration(now - state.since)}` : '';
  return [
    line(`${clockTime(now)} `, [tone, `${mark} `], `${step} on ${column}: ${what}${since}${why === null ? '' : `: ${why}`}`),
    ...diffLines(state),
    ...(state.state === 'failed' ? diagnosisLines(state.diagnosis) : []),
  ];
}

const phaseWords = { apply: 'carried out', verify: 'looked at again', undo: 'taken back' } as const;

/** What a known line of the output means. */
function diagnosisLines(diagnosis: Extract<CellState, { readonly state: 'failed' }>['diagnosis']): readonly Line[] {
  if (diagnosis === null) return [];
  const { signature, line: said, cause, step, remedy } = diagnosis;
  return [
    line(['dim', `           it said: ${said}`]),
    line(`           that is ${signature}: ${cause}`),
    ...(remedy === null ? [] : [line(`           ${remedy}`)]),
    ...(step === null ? [] : [line(`           step ${step} mends it: gpuk8s-tui setup run ${step}`)]),
  ];
}
