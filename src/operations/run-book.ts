import type { ItemProgress, OperationRun, Plan, Verification } from '../state/operations.js';

/** The states of all runs of this visit, published newest first, at most every 100 ms while items progress. */
export interface RunBook {
  begin(id: string, plan: Plan, startedAt: number): void;
  progress(id: string, progress: ItemProgress): void;
  verifying(id: string): void;
  ended(id: string, state: 'done' | 'failed' | 'cancelled', verification: Verification | null): void;
  /** Replaces what is said of the goal. */
  note(id: string, text: string): void;
  /** As it stands now. */
  run(id: string): OperationRun;
  /** Nothing is published from here on. */
  close(): void;
}

export function createRunBook(publish: (runs: readonly OperationRun[]) => void, now: () => number): RunBook {
  const records = new Map<string, KeptRun>();
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const tell = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (!closed) publish([...records.values()].reverse().map(runOf));
  };
  const tellSoon = () => {
    timer ??= setTimeout(tell, publishMs);
  };
  const change = (id: string, changes: Partial<OperationRun>) => {
    const record = recordOf(id);
    record.run = { ...runOf(record), ...changes };
    tell();
  };
  const recordOf = (id: string): KeptRun => {
    const record = records.get(id);
    if (record === undefined) throw new Error(`no run ${id}`);
    return record;
  };
  return {
    begin(id, plan, startedAt) {
      const items = plan.items.map((item): ItemProgress => ({ id: item.id, state: 'waiting', said: null }));
      const run: OperationRun = { id, plan, state: 'running', startedAt, endedAt: null, items, verification: null };
      records.set(id, { run, items: [...items], positions: new Map(items.map((item, index) => [item.id, index])), isDirty: false });
      tell();
    },
    progress(id, progress) {
      const record = recordOf(id);
      const position = record.positions.get(progress.id);
      if (position === undefined) return;
      record.items[position] = progress;
      record.isDirty = true;
      tellSoon();
    },
    verifying: (id) => change(id, { state: 'verifying' }),
    ended: (id, state, verification) => change(id, { state, verification, endedAt: now() }),
    note: (id, text) => change(id, { verification: { seen: recordOf(id).run.verification?.seen ?? false, text } }),
    run: (id) => runOf(recordOf(id)),
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

const publishMs = 100;

/** Progress is kept in place and copied only when it is published: a plan may have ten thousand items. */
interface KeptRun {
  run: OperationRun;
  readonly items: ItemProgress[];
  readonly positions: ReadonlyMap<string, number>;
  isDirty: boolean;
}

function runOf(record: KeptRun): OperationRun {
  if (record.isDirty) record.run = { ...record.run, items: [...record.items] };
  record.isDirty = false;
  return record.run;
}
