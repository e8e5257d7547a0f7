import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../src/session.js';
import type { OperationRef, OperationRun, Plan } from '../../src/state/operations.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { listRefs } from '../operation-object.js';

/** Where one wish stands: being planned, planned, being carried out, or refused with the reason. */
export type OperationState =
  | { readonly at: 'planning' }
  | { readonly at: 'refused'; readonly why: string }
  | { readonly at: 'planned'; readonly plan: Plan; readonly asks: Asks; readonly problem: string | null; readonly starting: boolean }
  | { readonly at: 'run'; readonly run: OperationRun };

/** What is still to be answered before it can be planned in full. */
export type Asks = NonNullable<Plan['asks']>;

export interface OperationControl {
  readonly state: OperationState;
  /** What was typed: the first answer that the plan asks for, else what confirms it; null where a key does. */
  start(typed: string | null): void;
  cancel(): void;
}

/** Plans a wish when it comes up, starts it when told to, and follows its run; a run of the same wish that is under way already is taken up. */
export function useOperation(session: Session | null, ref: OperationRef | null, { operations }: ClusterSnapshot): OperationControl {
  const [own, setOwn] = useState<Own>(nothing);
  const key = ref === null ? '' : JSON.stringify(ref);
  const runs = operations.value ?? [];
  const underWay = runs.find(({ plan, endedAt }) => endedAt === null && JSON.stringify(plan.ref) === key)?.id ?? null;
  const current: Own = own.key === key ? own : nothing;
  const run = runs.find(({ id }) => id === (current.runId ?? underWay));
  const started = useRef<Plan | null>(null);

  const taken = useRef(underWay);
  taken.current = underWay;

  // A wish is planned once, when it comes up.
  useEffect(() => {
    const [wish] = listRefs(`[${key}]`);
    if (session === null || wish === undefined || taken.current !== null) return;
    let left = false;
    setOwn({ ...nothing, key });
    session.plan(wish).then(
      (plan) => left || setOwn({ ...nothing, key, plan, asks: plan.asks ?? [] }),
      (error: unknown) => left || setOwn({ ...nothing, key, refused: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      left = true;
    };
  }, [session, key]);

  const start = (typed: string | null) => {
    const { plan } = current;
    // Enter held down must not start it twice.
    if (session === null || plan === null || started.current === plan) return;
    const [asked, ...others] = current.asks;
    if (asked !== undefined) return answer(session, plan, { ...current.answers, [asked.field]: typed ?? '' }, others);
    started.current = plan;
    setOwn({ ...current, starting: true, problem: null });
    session.start(plan, typed).then(
      (runId) => setOwn({ ...current, runId, starting: false }),
      (error: unknown) => {
        started.current = null;
        setOwn({ ...current, starting: false, problem: error instanceof Error ? error.message : String(error) });
      },
    );
  };

  // With the last answer it is planned anew; answers are kept nowhere else.
  const answer = (asker: Session, { ref: wish }: Plan, answers: Own['answers'], asks: Asks) => {
    setOwn({ ...current, answers, asks, problem: null });
    if (asks.length > 0) return;
    asker.plan({ ...wish, input: { ...wish.input, ...answers } }).then(
      (plan) => setOwn({ ...nothing, key, plan, asks: plan.asks ?? [] }),
      (error: unknown) => setOwn({ ...nothing, key, refused: error instanceof Error ? error.message : String(error) }),
    );
  };

  return {
    state: stateOf(current, run),
    start,
    cancel() {
      if (run !== undefined) session?.cancelRun(run.id);
    },
  };
}

interface Own {
  readonly key: string;
  readonly plan: Plan | null;
  readonly asks: Asks;
  readonly answers: Readonly<Record<string, string>>;
  readonly refused: string | null;
  readonly problem: string | null;
  readonly starting: boolean;
  readonly runId: string | null;
}

const nothing: Own = { key: '', plan: null, asks: [], answers: {}, refused: null, problem: null, starting: false, runId: null };

function stateOf({ plan, asks, refused, problem, starting }: Own, run: OperationRun | undefined): OperationState {
  if (run !== undefined) return { at: 'run', run };
  if (refused !== null) return { at: 'refused', why: refused };
  return plan === null ? { at: 'planning' } : { at: 'planned', plan, asks, problem, starting };
}
