import type { OperationRef, OperationRun, Plan } from '../state/operations.js';

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
