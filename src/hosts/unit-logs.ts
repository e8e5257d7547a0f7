import { clean } from '../text/clean.js';
import type { Host, HostResult } from './host.js';
import { HostError } from './host-error.js';
import { isMissing } from './missing-program.js';

/** One line of a machine's journal; `at` in ms since the epoch by that machine's clock. */
export interface JournalLine {
  readonly at: number | null;
  readonly text: string;
}

interface Reading {
  /** The last so many lines. */
  readonly lines?: number;
  readonly signal?: AbortSignal;
}

/** What a systemd unit said since this boot, oldest line first, cleaned. Rejects with HostError. */
export async function unitLog(host: Host, unit: string, { lines = 200, signal }: Reading = {}): Promise<readonly JournalLine[]> {
  return journal(host, [`--unit=${unit}`, `--lines=${lines}`], signal);
}

/** What anything at all said last since this boot, cleaned; null where there is no such line. Rejects with HostError. */
export async function lastLogged(host: Host): Promise<JournalLine | null> {
  return (await journal(host, ['--lines=1'], undefined)).at(-1) ?? null;
}

/** What the kernel said since this boot, oldest line first, cleaned; from its own buffer where there is no journal. Rejects with HostError. */
export async function kernelLog(host: Host, { lines = 3000, signal }: Reading = {}): Promise<readonly JournalLine[]> {
  try {
    return await journal(host, ['--dmesg', `--lines=${lines}`], signal);
  } catch (error) {
    if (!(error instanceof HostError) || error.kind !== 'not-found') throw error;
    const { stdout } = await asRootOrSelf(host, ['dmesg'], signal);
    return stdout
      .split('\n')
      .flatMap((line) => (line.trim() === '' ? [] : [{ at: null, text: clean(line, 16_384) }]))
      .slice(-lines);
  }
}

async function journal(host: Host, options: readonly string[], signal: AbortSignal | undefined): Promise<readonly JournalLine[]> {
  const { stdout } = await asRootOrSelf(host, ['journalctl', '--no-pager', '--quiet', '--boot', '--output=short-unix', ...options], signal);
  return stdout.split('\n').flatMap((line) => journalLine(line) ?? []);
}

/** `1793628130.507733 gpu-2 kubelet[912]: text`; lines of a message after its first are indented and go with it. */
function journalLine(raw: string): JournalLine | null {
  if (raw.trim() === '' || raw.startsWith('-- ')) return null;
  const [, seconds, text] = /^(\d{9,11}\.\d{1,9}) \S{1,255} (.*)$/.exec(raw) ?? [];
  return { at: seconds === undefined ? null : Math.round(Number(seconds) * 1000), text: clean(text ?? raw, 16_384).trim() };
}

/**
 * Root sees everything; a member of `adm` or `systemd-journal` may read the journal too. Only where sudo wants no password: nobody is asked for one just to have a look.
 */
async function asRootOrSelf(host: Host, argv: readonly string[], signal: AbortSignal | undefined): Promise<HostResult> {
  const run = (words: readonly string[]) =>
    host.run({ argv: words, env: { LC_ALL: 'C' }, timeoutMs: 10_000, maxBytes: 2 * 2 ** 20, ...(signal === undefined ? {} : { signal }) });
  const root = await run(['sudo', '-n', '--', ...argv]).catch((error: unknown) => {
    if (error instanceof HostError && error.kind === 'not-found') return null;
    throw error;
  });
  const refused = root === null || (root.exitCode !== 0 && (isMissing('sudo', root) || /^sudo(?:-rs)?:|^sorry,/im.test(root.stderr)));
  const result = refused ? await run(argv) : root;
  const [program = ''] = argv;
  if (isMissing(program, result)) throw new HostError('not-found', `there is no ${program} on ${host.name}`);
  return result;
}
