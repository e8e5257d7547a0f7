import { randomBytes } from 'node:crypto';
import { clean } from '../text/clean.js';
import type { ProbeTimes } from './facts.js';
import type { Host } from './host.js';
import { HostError } from './host-error.js';
import { type ProbeAnswer, parseProbe } from './probe-stream.js';
import { shellQuote } from './shell-quote.js';

export interface ProbeRun {
  readonly answer: ProbeAnswer;
  readonly times: ProbeTimes;
  /** From the command to the first line of its answer. */
  readonly roundTripMs: number;
  /** What ended it too early; what had come by then is in the answer. */
  readonly broken: HostError | null;
}

export interface ProbeOptions {
  /** Text of assets/probe/probe.sh. */
  readonly script: string;
  /** Whether parts that need root may go through `sudo -n`. */
  readonly sudo: boolean;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Called once when everything but nvidia-smi is there and that one takes its time: a lost GPU should not hold up the other facts. */
  readonly onEarly?: (run: ProbeRun) => void;
}

/**
 * Asks a machine for all its facts in one round trip. The script goes in over stdin, so that nothing is left on the machine and no command line
 * is too long. Rejects where not one line of the answer came.
 */
export async function runProbe(host: Host, { script, sudo, signal, timeoutMs = 60_000, onEarly }: ProbeOptions): Promise<ProbeRun> {
  const mark = randomBytes(12).toString('hex');
  const startedAt = Date.now();
  let text = '';
  let firstAt: number | null = null;
  let clockAt: number | null = null;
  let early: NodeJS.Timeout | null = null;
  let broken: HostError | null = null;

  const run = (): ProbeRun => {
    const at = Date.now();
    const arrived = firstAt ?? at;
    return { answer: parseProbe(text, mark), broken, roundTripMs: arrived - startedAt, times: { at, tookMs: at - startedAt, clockAt: clockAt ?? arrived } };
  };
  const onOutput = (chunk: string, stream: 'stdout' | 'stderr') => {
    if (stream !== 'stdout') return;
    text += chunk;
    if (early === null && onEarly !== undefined && text.endsWith(`@@${mark} begin nvidia-smi\n`)) early = setTimeout(() => onEarly(run()), patienceMs);
    if (clockAt !== null) return;
    if (firstAt === null && text.includes(`@@${mark} start`)) firstAt = Date.now();
    if (text.includes(`@@${mark} end clock`)) clockAt = Date.now();
  };

  let said = '';
  try {
    const result = await host.run({
      argv: ['sh', '-s'],
      stdin: probeInput(script),
      env: { GPUK8S_MARK: mark, ...(sudo ? { GPUK8S_SUDO: '1' } : {}) },
      timeoutMs,
      onOutput,
      ...(signal === undefined ? {} : { signal }),
    });
    if (text === '') text = result.stdout;
    said = result.stderr;
  } catch (error) {
    if (!(error instanceof HostError) || !text.includes(`@@${mark} begin`)) throw error;
    broken = error;
  } finally {
    if (early !== null) clearTimeout(early);
  }
  const whole = run();
  if (!whole.answer.started) throw noAnswer(`${said}\n${text}`);
  return whole;
}

/** nvidia-smi itself takes a fraction of a second where GPUs stay started. */
const patienceMs = 1_000;

/** The script as a variable that is run: for sudo it hands its own text on to a second shell. */
export function probeInput(script: string): string {
  return `GPUK8S_PROBE=${shellQuote(script)}\neval "$GPUK8S_PROBE"\n`;
}

function noAnswer(said: string): HostError {
  const words = lastLine(said);
  return new HostError('not-found', `the login shell there runs no commands${words === '' ? '' : `: "${words}"`}`, {
    fix: 'Use a user whose login shell is a POSIX shell.',
  });
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => clean(line, 160).trim());
  return lines.findLast((line) => line !== '') ?? '';
}
