import { HostError } from '../hosts/host-error.js';
import { pause } from '../kube/backoff.js';
import { KubeError } from '../kube/kube-error.js';
import type { ItemProgress, Verification } from '../state/operations.js';
import { duration } from '../text/age.js';
import { clean } from '../text/clean.js';
import { masked } from '../text/masked.js';
import type { Action, CallAction, CommandAction, PlannedOperation, RequestAction, Step, WaitAction, World } from './operation.js';

/** What happens while an operation runs, in order. */
export type ProgressEvent =
  | { readonly event: 'item'; readonly progress: ItemProgress }
  | { readonly event: 'verifying' }
  | { readonly event: 'ended'; readonly state: 'done' | 'failed' | 'cancelled'; readonly verification: Verification | null };

/**
 * Carries out a plan step by step, then looks for its goal. No step is done twice. Where steps follow each other, a failure skips the rest and the goal is not
 * waited for; where they run side by side, the others go on. After `signal` no further step begins, and what is under way is awaited. Never rejects: what goes wrong is an event.
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
  if (failed > 0 && stopsAtFailure(planned)) {
    yield { event: 'ended', state: 'failed', verification: null };
    return;
  }
  yield { event: 'verifying' };
  const verification = await verified(planned, world, signal);
  const state = signal.aborted ? 'cancelled' : failed === 0 && verification.seen ? 'done' : 'failed';
  yield { event: 'ended', state, verification };
}

/** Resolves to the number of steps that failed. */
function runSteps(planned: PlannedOperation, world: World, signal: AbortSignal, tell: (progress: ItemProgress) => void): Promise<number> {
  const { steps, concurrency, pace } = planned;
  const atOnce = () => Math.max(1, Math.min(concurrency, pace?.limit() ?? concurrency));
  return new Promise((resolve) => {
    let next = 0;
    let underWay = 0;
    let failed = 0;
    const carryOut = async (step: Step) => {
      const { id } = step.item;
      tell({ id, state: 'running', said: null });
      const outcome = await perform(step, world, signal, (said) => tell({ id, state: 'running', said }));
      if (!outcome.ok) failed += 1;
      const state = outcome.ok ? (outcome.skipped === true ? 'skipped' : 'done') : 'failed';
      tell({ id, state, said: outcome.said, ...(outcome.bytes === undefined ? {} : { bytes: outcome.bytes }) });
      underWay -= 1;
      goOn();
    };
    const goOn = () => {
      for (let step = steps[next]; step !== undefined && underWay < atOnce(); step = steps[next]) {
        next += 1;
        if (signal.aborted || (failed > 0 && stopsAtFailure(planned))) {
          tell({ id: step.item.id, state: 'skipped', said: signal.aborted ? 'cancelled before it began' : 'not done: a step before it failed' });
          continue;
        }
        underWay += 1;
        void carryOut(step);
      }
      if (underWay === 0 && next >= steps.length) resolve(failed);
    };
    goOn();
  });
}

function stopsAtFailure({ concurrency, goesOn = false }: PlannedOperation): boolean {
  return concurrency === 1 && !goesOn;
}

interface Outcome {
  readonly ok: boolean;
  readonly said: string | null;
  readonly skipped?: boolean;
  readonly bytes?: number;
}

async function perform({ action }: Step, world: World, signal: AbortSignal, tell: (said: string) => void): Promise<Outcome> {
  try {
    return await performAction(action, world, signal, tell);
  } catch (error) {
    const also = alsoDone(error, action);
    if (also !== null) return { ok: true, said: also };
    return { ok: false, said: saidBy(error) };
  }
}

async function performAction(action: Action, world: World, signal: AbortSignal, tell: (said: string) => void): Promise<Outcome> {
  switch (action.do) {
    case 'request':
      return performRequest(action, world, signal);
    case 'command':
      return performCommand(action, world);
    case 'wait':
      return performWait(action, world, signal);
    case 'call':
      return performCall(action, signal, tell);
  }
}

async function performCall(action: CallAction, signal: AbortSignal, tell: (said: string) => void): Promise<Outcome> {
  const told = await action.perform(signal, (said) => tell(clean(said, 1000)));
  return typeof told === 'string' || told === null ? { ok: true, said: told } : { ok: true, ...told };
}

async function performRequest({ path, request, retry }: RequestAction, world: World, signal: AbortSignal): Promise<Outcome> {
  const giveUpAt = performance.now() + (retry?.forMs ?? 0);
  for (;;) {
    try {
      await world.client.request(path, request);
      return { ok: true, said: null };
    } catch (error) {
      if (retry === undefined || statusOf(error) !== retry.status || signal.aborted || performance.now() + retry.everyMs > giveUpAt) throw error;
      await pause(retry.everyMs, signal);
    }
  }
}

async function performWait({ text, condition, timeoutMs }: WaitAction, world: World, signal: AbortSignal): Promise<Outcome> {
  if (await world.until(condition, timeoutMs, signal)) return { ok: true, said: null };
  return { ok: false, said: signal.aborted ? 'cancelled while waiting' : `not seen within ${duration(timeoutMs)}: ${text}` };
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
    return { seen: false, text: `could not look: ${saidBy(error)}` };
  }
}

function alsoDone(error: unknown, action: Action): string | null {
  if (action.do === 'command') return error instanceof HostError && error.kind === 'dropped' ? (action.cutOff ?? null) : null;
  const status = statusOf(error);
  return action.do === 'request' && status !== null ? (action.alsoDone?.[status] ?? null) : null;
}

function statusOf(error: unknown): number | null {
  return error instanceof KubeError ? error.status : null;
}

function lastLine(text: string): string | null {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? null : clean(masked(line), 300);
}

function saidBy(error: unknown): string {
  return clean(masked(error instanceof Error ? error.message : String(error)), 500);
}

/** Events handed from the workers to whoever reads them. */
function createEventQueue() {
  let waiting: ProgressEvent[] = [];
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
        const batch = waiting;
        waiting = [];
        yield* batch;
        if (waiting.length > 0) continue;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
