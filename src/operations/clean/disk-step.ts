import { HostError } from '../../hosts/host-error.js';
import { bytes } from '../../text/amount.js';
import { clean } from '../../text/clean.js';
import type { Machine } from '../machine-reading.js';
import type { CallOutcome } from '../operation.js';
import { saidLast } from './disk-look.js';
import { freeWords, type Target } from './disk-target.js';
import { diskUseOf } from './disk-usage.js';
import type { Found, StoreCommand } from './stores/store.js';

/**
 * Makes one store go, unless there is room enough meanwhile, and tells what df says came of it. Commands that fail do not keep the others from being run. Rejects with an Error
 * whose message says what is known and what is not.
 */
export async function clearStore(
  machine: Machine,
  found: Found,
  commands: readonly StoreCommand[],
  { target, signal }: { readonly target: Target | null; readonly signal: AbortSignal },
): Promise<CallOutcome> {
  const before = await diskUseOf(machine.host, found.path);
  if (target !== null && before.availableBytes >= target(before)) return { said: `not needed: ${before.mount} has ${freeWords(before)}`, skipped: true };
  const { commands: left, stays } = (await found.recheck?.(commands)) ?? { commands, stays: [] };
  const failures: string[] = [];
  for (const command of left) {
    if (signal.aborted) break;
    const failure = await carriedOut(machine, command);
    if (failure !== null) failures.push(failure);
  }
  const after = await diskUseOf(machine.host, found.path);
  const won = before.usedBytes - after.usedBytes;
  const words = [
    won > 0 ? `won ${bytes(won)}, as df tells it: ${after.mount} has ${freeWords(after)}` : `df tells of nothing won: ${after.mount} has ${freeWords(after)}`,
    ...(stays.length === 0 ? [] : [`left alone: ${stays.slice(0, 3).join(', ')}${stays.length > 3 ? ` and ${stays.length - 3} more` : ''}`]),
    ...(signal.aborted ? ['stopped before its end'] : []),
  ];
  if (failures.length > 0) throw new Error(`${failures.slice(0, 3).join('; ')}; ${words.join('; ')}`);
  return { said: words.join('; '), bytes: Math.max(0, won) };
}

async function carriedOut({ host, name }: Machine, { argv, env, timeoutMs }: StoreCommand): Promise<string | null> {
  const [program = ''] = argv;
  const shown = clean(argv.slice(0, 3).join(' '), 60);
  try {
    const { exitCode, stderr } = await host.run({ argv, env: { LC_ALL: 'C', ...env }, sudo: true, timeoutMs });
    return exitCode === 0 ? null : `${program} ended with ${exitCode ?? 'a signal'}${stderr.trim() === '' ? '' : `: ${saidLast(stderr)}`}`;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.kind === 'dropped')
      throw new Error(`the connection to ${name} ended while "${shown}" ran: what it has won is not known until the disks are measured again`, {
        cause: error,
      });
    if (error.kind === 'timeout') throw new Error(`"${shown}" did not end in time and may go on on ${name}: measure again later`, { cause: error });
    return error.message;
  }
}
