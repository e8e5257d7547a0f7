import type { CellState, StepDiagnosis } from '../../../src/state/setup.js';
import { duration } from '../../../src/text/age.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { cut, wrap } from '../../../src/text/width.js';
import { clause } from '../../../src/text/wording.js';
import { flowing } from '../../widgets/flowing.js';
import { cellSign, cellTone, cellWord } from './cell-state.js';
import type { MatrixRow } from './matrix-rows.js';

/** What is to be said of the cell under the cursor, in at most so many lines: where it is, its state, why, and what can be done. */
export function aboutCell(
  row: MatrixRow,
  column: string,
  state: CellState | null,
  {
    width,
    most,
    now,
    spinning,
    writes,
  }: { readonly width: number; readonly most: number; readonly now: number; readonly spinning: string; readonly writes: boolean },
): readonly Line[] {
  const { step } = row;
  const head = line(['strong', step.id], ['dim', ' on '], ['strong', column], '  ');
  if (state === null) return [head, line(['dim', `${cut(step.title, width - 30)}: nothing to do there`])];
  const first = line(head, cellSign(state, spinning), ' ', [cellTone(state), cellWord(state, now)], ['dim', `   ${step.title}`]);
  const told = reasonOf(state, now);
  const hints = hintLines(state, step.reportOnly, writes, width);
  const room = Math.max(1, most - 1 - hints.length);
  const reason = told === null ? [] : shortened(wrap(clean(told), width), room, width).map((text) => line([state.state === 'failed' ? 'bad' : 'plain', text]));
  return [first, ...reason, ...hints].slice(0, most);
}

/** `this is swap-on: swap is still on; step swap-off mends it` */
export function diagnosisText({ signature, cause, step, remedy }: StepDiagnosis): string {
  const mends = step === null ? (remedy === null ? '' : `; ${clause(remedy)}`) : `; step ${step} mends it`;
  return `this is ${signature}: ${clause(cause)}${mends}`;
}

/** Why it is so, in a sentence; null where the state says all. */
export function reasonOf(state: CellState, now: number): string | null {
  switch (state.state) {
    case 'unknown':
      return state.why ?? 'not looked at yet';
    case 'missing':
      return state.why ?? 'not done yet';
    case 'drifted':
      return state.why ?? 'it was done once and is not any more';
    case 'done':
    case 'running':
      return state.said;
    case 'not-applicable':
    case 'failed':
    case 'skipped':
      return state.why;
    case 'waiting':
      return `waits for ${state.for}`;
    case 'rebooting':
      return state.seen;
    case 'held':
      return `${state.by} has been at work on this host for ${duration(now - state.since)}; nothing is done there meanwhile`;
    case 'asks':
      return state.question;
    case 'checking':
      return null;
  }
}

function hintLines(state: CellState, reportOnly: boolean, writes: boolean, width: number): readonly Line[] {
  // As many as there is room for: the row of keys has them all.
  const keys = (...pairs: readonly (readonly [string, string])[]) =>
    writes
      ? flowing(
          pairs.map(([key, does]) => line(['accent', key], ` ${does}`)),
          width,
        ).slice(0, 1)
      : [];
  switch (state.state) {
    case 'missing':
      return reportOnly ? [line(['dim', 'only a person can do this; enter says how'])] : keys(['f', 'does it here: shows the commands first']);
    case 'drifted': {
      const differ = state.diff.filter((text) => /^[+-](?![+-])/.test(text)).length;
      const shows: readonly (readonly [string, string])[] = differ === 0 ? [] : [['enter', `shows the ${differ} lines that differ`]];
      return keys(['f', 'puts it right: shows the commands first'], ...shows);
    }
    case 'asks':
      return keys(['enter', 'shows the difference'], ['o', 'writes it anew'], ['i', 'leaves it as it is']);
    case 'failed': {
      const { diagnosis } = state;
      const said = diagnosis === null ? [] : [line(['warn', '› '], cut(clean(diagnosisText(diagnosis)), width - 2))];
      const mend: readonly (readonly [string, string])[] = diagnosis?.step == null ? [] : [['f', `runs ${diagnosis.step}`]];
      return [...said, ...keys(...mend, ['t', 'tries again'], ['i', 'skips it'], ['!', 'opens a shell there'], ['enter', 'shows what it said'])];
    }
    default:
      return [];
  }
}

/** The first lines, the last of them ending in … where more was said. */
function shortened(texts: readonly string[], room: number, width: number): readonly string[] {
  if (texts.length <= room) return texts;
  const shown = texts.slice(0, room);
  return [...shown.slice(0, -1), cut(`${shown.at(-1)} ${texts[room]}`, width)];
}
