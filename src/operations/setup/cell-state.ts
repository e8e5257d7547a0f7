import type { CellState } from '../../state/setup.js';

/** How a script of a step ended. */
export interface PhaseEnd {
  /** Null where a signal ended it. */
  readonly exit: number | null;
  /** What it said, oldest first, safe to show. Of very much only the end. */
  readonly lines: readonly string[];
  /** Who is at work on that machine instead; the script was not begun. */
  readonly heldBy: string | null;
  /** Why it could not be begun. */
  readonly broken: string | null;
  /** It was ended since its time was over. */
  readonly late: boolean;
  /** What is noted on the machine of this step. */
  readonly mark: Mark;
  /** Of a step that takes effect at the next boot: whether the machine has booted since. */
  readonly boot: 'none' | 'same' | 'new';
  /** The node was emptied for that boot. */
  readonly drained: boolean;
  /** Why the step could not be noted as done. */
  readonly unmarked: string | null;
  /** Why nobody on another computer is kept from working on the cluster meanwhile. */
  readonly unleased: string | null;
  readonly gives: ReadonlyMap<string, string>;
}

/** begun: from here, and nobody saw its end. verified: it was done once. */
export type Mark = 'none' | 'begun' | 'verified';

/** What a check found. */
export type Looked = Extract<CellState, { readonly state: 'unknown' | 'done' | 'missing' | 'drifted' | 'not-applicable' }>;

/** The state that a check's end means. What was done once and is missing has drifted. */
export function lookedState({ exit, lines, broken, late, mark }: Pick<PhaseEnd, 'exit' | 'lines' | 'broken' | 'late' | 'mark'>): Looked {
  const said = reasonOf(lines);
  if (broken !== null) return { state: 'unknown', why: broken };
  if (late) return { state: 'unknown', why: 'the check did not end in time' };
  if (exit === null || exit > 128) return { state: 'unknown', why: said ?? 'the check was ended by a signal' };
  switch (exit) {
    case 0:
      return { state: 'done', said };
    case 80:
      return { state: 'drifted', why: said, diff: diffOf(lines) };
    case 81:
      return { state: 'not-applicable', why: said ?? 'it does not apply here' };
    case 82:
    case 126:
    case 127:
      return { state: 'unknown', why: said };
    case 124:
    case 137:
      return { state: 'unknown', why: 'the check did not end in time' };
    default:
      if (said?.endsWith(': unbound variable') === true) return { state: 'unknown', why: `${said.split(': ').at(-2) ?? 'a variable'} has no value yet` };
      if (exit === 2 && lines.some((line) => /line \d+: syntax error/.test(line))) return { state: 'unknown', why: `its check is no bash: ${said}` };
      return mark === 'verified' ? { state: 'drifted', why: said, diff: diffOf(lines) } : { state: 'missing', why: said };
  }
}

/** The last line that is not part of a diff: that is where a script says what it saw. */
export function reasonOf(lines: readonly string[]): string | null {
  const diff = new Set(diffOf(lines));
  return lines.findLast((line) => line.trim() !== '' && !diff.has(line))?.trim() ?? null;
}

/** The lines of the output that `diff -u` wrote. */
export function diffOf(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line, index) => line.startsWith('--- ') && lines[index + 1]?.startsWith('+++ ') === true);
  if (start === -1) return [];
  const end = lines.findIndex((line, index) => index > start + 1 && !/^(?:[ +@\\-]|diff )/.test(line));
  return lines.slice(start, end === -1 ? undefined : end).slice(0, mostDiffLines);
}

const mostDiffLines = 500;
