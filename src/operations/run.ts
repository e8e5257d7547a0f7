import type { ItemProgress, Verification } from '../state/operations.js';
import { clean } from '../text/clean.js';
import type { Action, CommandAction, PlannedOperation, RequestAction, Step, World } from './operation.js';

/** What happens while an operation runs, in order. */
export type ProgressEvent =
  | { readonly event: 'item'; readonly progress: ItemProgress }
  | { readonly event: 'verifying' }
  | { readonly event: 'ended'; readonly state: 'done' | 'failed' | 'cancelled'; readonly verification: Verification | null };

/**
 * Carries out a plan step by step, then looks for its goal. No step is done twice. Where steps follow each other, a failure skips the rest; where they run side
 * by side, the others go on. After `signal` no further step begins, and what is under way is awaited. Never rejects: what goes wrong is an event.
 */
export async function* runPlanned(planned: PlannedOperation, world: World, signal: AbortSignal): AsyncGenerator<ProgressEvent> {
  const queue = createEventQueue();
  const all = runSteps(planned, world, signal, (progress) => queue.push({ event: 'item', progress })).finally(() => queue.end());
  yield* queue.events();
  const failed = await all;
  if (signal.aborted) {
    yield { event: 'ended', state: 'cancelled', verification: null };
    return;
  }
  yield { event: 'verifying' };
  const verification = await verified(planned, world, signal);
  const state = signal.aborted ? 'cancelled' : failed === 0 && verification.seen ? 'done' : 'failed';
  yield { event: 'ended', state, verification };
}

/** Resolves to the number of steps that failed. */
async function runSteps({ steps, concurrency }: PlannedOperation, world: World, signal: AbortSignal, tell: (progress: ItemProgress) => void): Promise<number> {
  let next = 0;
  let failed = 0;
  const worker = async () => {
    for (;;) {
      const step = steps[next];
      if (step === undefined) return;
      next += 1;
      const { id } = step.item;
      if (signal.aborted || (failed > 0 && concurrency === 1)) {
        tell({ id, state: 'skipped', said: signal.aborted ? 'cancelled before it began' : 'not done: a step before it failed' });
        continue;
      }
      tell({ id, state: 'running', said: null });
      const outcome = await perform(step, world);
      if (!outcome.ok) failed += 1;
      tell({ id, state: outcome.ok ? 'done' : 'failed', said: outcome.said });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, steps.length)) }, worker));
  return failed;
}

interface Outcome {
  readonly ok: boolean;
  readonly said: string | null;
}

async function perform({ action }: Step, world: World): Promise<Outcome> {
  try {
    return await performAction(action, world);
  } catch (error) {
    const also = statusOf(error, action);
    if (also !== null) return { ok: true, said: also };
    return { ok: false, said: clean(error instanceof Error ? error.message : String(error), 500) };
  }
}

function performAction(action: Action, world: World): Promise<Outcome> {
  return action.do === 'request' ? performRequest(action, world) : performCommand(action, world);
}

async function performRequest({ path, request }: RequestAction, world: World): Promise<Outcome> {
  await world.client.request(path, request);
  return { ok: true, said: null };
}

async function performCommand({ host, argv, stdin, env, sudo, timeoutMs, alsoDone }: CommandAction, world: World): Promise<Outcome> {
  const machine = await world.host(host);
  const { exitCode, stdout, stderr } = await machine.run({
    argv,
    sudo,
    ...(stdin === undefined ? {} : { stdin }),
    ...(env === undefined ? {} : { env }),
    timeoutMs: timeoutMs ?? 60_000,
  });
  const last = lastLine(stderr) ?? lastLine(stdout);
  if (exitCode === 0) return { ok: true, said: lastLine(stdout) };
  const also = exitCode === null ? undefined : alsoDone?.[exitCode];
  if (also !== undefined) return { ok: true, said: also };
  return { ok: false, said: `${argv[0] ?? ''} ended with ${exitCode ?? 'a signal'}${last === null ? '' : `: ${last}`}` };
}

async function verified(planned: PlannedOperation, world: World, signal: AbortSignal): Promise<Verification> {
  try {
    return await planned.verify(world, signal);
  } catch (error) {
    return { seen: false, text: `could not look: ${clean(error instanceof Error ? error.message : String(error), 500)}` };
  }
}

function statusOf(error: unknown, action: Action): string | null {
  if (action.do !== 'request' || !(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  return action.alsoDone?.[error.status] ?? null;
}

function lastLine(text: string): string | null {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? null : clean(line, 300);
}

/** Events handed from the workers to whoever reads them. */
function createEventQueue() {
  const waiting: ProgressEvent[] = [];
  let wake: (() => void) | null = null;
  let ended = false;
  return {
    push(event: ProgressEvent): void {
      waiting.push(event);
      wake?.();
    },
    end(): void {
      ended = true;
      wake?.();
    },
    async *events(): AsyncGenerator<ProgressEvent> {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else if (ended) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
