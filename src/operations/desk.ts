import { randomUUID } from 'node:crypto';
import type { Journal } from '../journal/journal.js';
import { live } from '../state/freshness.js';
import type { ItemProgress, OperationRef, OperationRun, Plan } from '../state/operations.js';
import type { Store } from '../state/store.js';
import { count } from '../text/amount.js';
import { clean } from '../text/clean.js';
import { showJournal } from './journal-slice.js';
import type { Operation, PlannedOperation, World } from './operation.js';
import { runPlanned } from './run.js';
import { createRunBook } from './run-book.js';

/** Where operations are planned, started and followed, for the screens and for the command line. */
export interface OperationDesk {
  /** Rejects with a sentence for the screen where no plan can be made. */
  plan(ref: OperationRef): Promise<Plan>;
  /**
   * Starts what was planned here; `typed` is what a person typed to confirm a destructive plan. Resolves to the run's id once its first journal line is written;
   * rejects with a sentence where it must not run: blockers, a wrong name, the same plan started before, a read-only session, a journal that cannot be written.
   */
  start(plan: Plan, typed: string | null): Promise<string>;
  /** No further step begins. */
  cancel(runId: string): void;
  /** Resolves when the run has ended and its journal line is written. */
  finished(runId: string): Promise<OperationRun>;
  /** Cancels what runs and waits for its journal lines. */
  close(): Promise<void>;
}

export interface OperationDeskOptions {
  readonly world: World;
  readonly registry: readonly Operation[];
  readonly journal: Journal;
  /** Gets the slices `operations` and `journal`, until the desk is closed. */
  readonly store: Pick<Store, 'write'>;
  readonly readOnly: boolean;
  /** For the journal: `ops@headnode`. */
  readonly who: string;
  /** Lets the feeds look again after a run, so that the screen shows soon what has changed. */
  readonly refresh: () => void;
  readonly now?: () => number;
}

/** Opens the desk of one cluster. What runs here outlives the screen that started it, and is cancelled by `close`. */
export function createOperationDesk({ world, registry, journal, store, readOnly, who, refresh, now = Date.now }: OperationDeskOptions): OperationDesk {
  const planned = new WeakMap<Plan, PlannedOperation>();
  const started = new WeakSet<Plan>();
  const running = new Map<string, { readonly cancelling: AbortController; readonly end: Promise<OperationRun> }>();
  const book = createRunBook((runs) => store.write('operations', live(runs, now())), now);
  const journalSlice = showJournal({ journal, store, now });
  let closed = false;

  const refusal = (plan: Plan, typed: string | null): string | null => {
    if (closed) return 'this cluster has been left';
    if (readOnly) return 'this session is read-only: nothing is changed from here';
    if (started.has(plan)) return 'this plan has been started already: plan again to do it once more';
    if (!planned.has(plan)) return 'this plan was not made here: plan again';
    if (plan.blockers.length > 0) return `this cannot be done as things are: ${plan.blockers.join('; ')}`;
    return plan.risk === 'destructive' && typed?.trim() !== plan.confirmName ? `what is gone does not come back: type ${plan.confirmName} to confirm` : null;
  };

  const carryOut = async (id: string, operation: PlannedOperation, cancelling: AbortController): Promise<OperationRun> => {
    for await (const event of runPlanned(operation, world, cancelling.signal)) {
      if (event.event === 'item') book.progress(id, event.progress);
      else if (event.event === 'verifying') book.verifying(id);
      else book.ended(id, event.state, event.verification);
    }
    const run = book.run(id);
    try {
      await journal.end(id, { result: resultOf(run), said: saidOf(run), items: countsOf(run), tookMs: (run.endedAt ?? now()) - run.startedAt });
    } catch (error) {
      // It has been done all the same; the screen must not show more certainty than the journal has.
      book.note(id, `${saidOf(run) ?? ''}; ${clean(error instanceof Error ? error.message : String(error))}`.replace(/^; /, ''));
    }
    if (!closed) refresh();
    journalSlice.renew();
    return book.run(id);
  };

  return {
    async plan({ id, input }) {
      if (closed) throw new Error('this cluster has been left');
      const operation = registry.find((known) => known.id === id);
      if (operation === undefined) throw new Error(`there is no operation called ${clean(id, 100)}`);
      const made = await operation.plan(input, world);
      planned.set(made.plan, made);
      return made.plan;
    },
    async start(plan, typed) {
      const why = refusal(plan, typed);
      const operation = planned.get(plan);
      if (why !== null || operation === undefined) throw new Error(why ?? 'this plan was not made here: plan again');
      started.add(plan);
      const id = randomUUID();
      const startedAt = now();
      try {
        await journal.begin({ id, at: startedAt, who, context: world.context, operation: plan.ref, ...lineOf(plan) });
      } catch (error) {
        started.delete(plan);
        throw new Error(`nothing was changed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
      const cancelling = new AbortController();
      if (closed) cancelling.abort();
      book.begin(id, plan, startedAt);
      journalSlice.renew();
      running.set(id, { cancelling, end: carryOut(id, operation, cancelling) });
      return id;
    },
    cancel: (runId) => running.get(runId)?.cancelling.abort(),
    finished: (runId) => running.get(runId)?.end ?? Promise.reject(new Error('nothing of that kind runs here')),
    async close() {
      closed = true;
      book.close();
      journalSlice.close();
      for (const { cancelling } of running.values()) cancelling.abort();
      await Promise.allSettled([...running.values()].map(({ end }) => end));
    },
  };
}

/** A plan as the journal keeps it: of very many items only the first. */
function lineOf({ title, risk, items, undo }: Plan) {
  const shown = items.length > mostLines ? items.slice(0, mostLines - 1) : items;
  const more = items.length - shown.length;
  return { title, risk, undo, total: items.length, plan: [...shown.map(({ exact }) => exact), ...(more === 0 ? [] : [`and ${count(more)} more`])] };
}

const mostLines = 20;

function resultOf({ state }: OperationRun): 'done' | 'failed' | 'cancelled' {
  return state === 'done' || state === 'cancelled' ? state : 'failed';
}

/** What was seen, or else the first thing that went wrong. */
function saidOf({ items, verification }: OperationRun): string | null {
  const failed = items.find(({ state }) => state === 'failed');
  const wrong = failed === undefined ? null : (failed.said ?? 'a step failed');
  if (verification === null) return wrong;
  return wrong === null ? verification.text : `${wrong}; ${verification.text}`;
}

function countsOf({ items }: OperationRun): { readonly done: number; readonly failed: number; readonly total: number } {
  const amount = (wanted: ItemProgress['state']) => items.filter(({ state }) => state === wanted).length;
  return { done: amount('done'), failed: amount('failed'), total: items.length };
}
