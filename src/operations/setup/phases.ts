import type { HostResult } from '../../hosts/host.js';
import { type CheckScriptOptions, checkScript } from '../../runbooks/check-script.js';
import type { StepSpec } from '../../runbooks/playbook.js';
import { lookingMs, type Phase, phaseLimitMs, type RenderedFile, stepScript } from '../../runbooks/step-script.js';
import { clean } from '../../text/clean.js';
import { type Looked, lookedState, type Mark, type PhaseEnd } from './cell-state.js';
import { decoded, frameReader, type Told } from './frame-reader.js';
import { hostWords } from './host-words.js';
import type { SecretWords } from './secret-words.js';
import type { Seat } from './work.js';

export interface PhaseOptions {
  readonly step: StepSpec;
  readonly phase: Phase;
  readonly values: Readonly<Record<string, string>>;
  readonly files: readonly RenderedFile[];
  readonly overwrite?: boolean;
  /** A check that waits until nobody is at work on the machine. */
  readonly alone?: boolean;
  readonly prelude: string;
  readonly holder: string;
  readonly secretNames: ReadonlySet<string>;
  readonly secrets: SecretWords;
  readonly onLine?: (line: string) => void;
}

/** Runs one phase of a step where its column is. Rejects with HostError where that could not be done, or not to its end. */
export async function runPhase(seat: Seat, options: PhaseOptions): Promise<PhaseEnd> {
  const { step, phase, secrets, onLine } = options;
  const script = stepScript({
    ...options,
    overwrite: options.overwrite === true,
    secrets: options.secretNames,
    seat: seat.script,
    ...(options.alone === undefined ? {} : { alone: options.alone }),
  });
  const lines: string[] = [];
  const told = new Map<string, Told>();
  const gives = new Map<string, string>();
  const hear = frameReader(
    (line) => {
      const shown = secrets.shown(line);
      lines.push(shown);
      if (lines.length > mostLines) lines.splice(0, lines.length - mostLines);
      onLine?.(shown);
    },
    (one) => {
      const [name = '', value] = one.rest;
      if (one.word === 'give' && step.gives.includes(name)) {
        secrets.add(decoded(value));
        gives.set(name, decoded(value));
      } else told.set(one.word, one);
    },
  );
  // The far side ends it by itself; this only is for one that does not.
  const limitMs = phaseLimitMs(step, phase) + 60_000;
  const { exitCode } = await runScript(seat, script, limitMs, hear.take);
  hear.end();
  const words = (word: string) => clean(decoded(told.get(word)?.rest[0]), 300).trim();
  return {
    exit: exitCode,
    lines,
    heldBy: told.has('held') ? words('held') || 'somebody' : null,
    broken: told.has('broken') ? words('broken') : told.has('began') || told.has('held') ? null : (lines.at(-1) ?? `bash ended with ${exitCode ?? 'a signal'}`),
    late: told.has('late'),
    mark: markOf(told.get('marked')?.rest[0]),
    boot: told.get('boot')?.rest[0] === 'new' ? 'new' : told.has('boot') ? 'same' : 'none',
    drained: told.has('drained'),
    unmarked: told.has('unmarked') ? words('unmarked') : null,
    unleased: told.has('unleased') ? words('unleased') : null,
    gives,
  };
}

export interface Checked {
  readonly state: Looked;
  readonly mark: Mark;
  /** All that it said. */
  readonly lines: readonly string[];
}

/** Looks at many steps of one column in one round trip. Tells of each as it is known; never rejects: what cannot be looked at is unknown, with the reason. */
export async function runChecks(
  seat: Seat,
  { checks, prelude, secrets }: { readonly checks: CheckScriptOptions['checks']; readonly prelude: string; readonly secrets: SecretWords },
  onChecked: (step: string, checked: Checked) => void,
): Promise<void> {
  const open = new Map(checks.map(({ step }, index) => [String(index), step.id]));
  let unanswered: string | null = null;
  let last: string | null = null;
  const hear = frameReader(
    (line) => {
      last = secrets.shown(line);
    },
    ({ word, rest: [index = '', exit, mark, output] }) => {
      if (word === 'unanswered') unanswered = secrets.shown(decoded(index));
      const step = open.get(index);
      if (word !== 'checked' || step === undefined) return;
      open.delete(index);
      const lines = decoded(output)
        .split('\n')
        .flatMap((line) => (line.trim() === '' ? [] : [secrets.shown(line)]));
      const looked = lookedState({ exit: Number(exit), lines, broken: null, late: false, mark: markOf(mark) });
      onChecked(step, { state: answerNeeded(looked, unanswered), mark: markOf(mark), lines });
    },
  );
  let why = 'it was not looked at';
  try {
    const script = checkScript({ checks, prelude, seat: seat.script });
    // Some of them hang on a machine in trouble, four at once.
    const { exitCode } = await runScript(seat, script, lookingMs * Math.ceil(checks.length / 4) + 60_000, hear.take);
    hear.end();
    why = last ?? `bash ended with ${exitCode ?? 'a signal'}`;
  } catch (error) {
    why = hostWords(error);
  }
  for (const step of open.values()) onChecked(step, { state: { state: 'unknown', why }, mark: 'none', lines: [] });
}

/** Without an API server that answers nothing of a cluster can be called missing. */
function answerNeeded(looked: Looked, unanswered: string | null): Looked {
  if (unanswered === null || looked.state === 'done' || looked.state === 'not-applicable') return looked;
  return { state: 'unknown', why: unanswered };
}

function markOf(word: string | undefined): Mark {
  return word === 'begun' || word === 'verified' ? word : 'none';
}

/** Of the output of one phase only the end is kept here; the log has all of it. */
const mostLines = 2_000;

async function runScript(seat: Seat, script: string, timeoutMs: number, take: (chunk: string) => void): Promise<HostResult> {
  const host = await seat.host();
  return host.run({ argv: ['bash', '-s'], stdin: script, sudo: seat.sudo, timeoutMs, onOutput: take, maxBytes: 64 * 1024 });
}
