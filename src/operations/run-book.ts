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
  const change = (id: string, changes: Partial<Omit<OperationRun, 'items'>>) => {
    const record = recordOf(id);
    record.base = { ...record.base, ...changes };
    record.run = null;
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
      const base = { id, plan, state: 'running', startedAt, endedAt: null, verification: null } as const;
      records.set(id, { base, run: null, items, positions: new Map(items.map((item, index) => [item.id, index])) });
      tell();
    },
    progress(id, progress) {
      const record = recordOf(id);
      const position = record.positions.get(progress.id);
      if (position === undefined) return;
      record.items[position] = progress;
      record.run = null;
      tellSoon();
    },
    verifying: (id) => change(id, { state: 'verifying' }),
    ended: (id, state, verification) => change(id, { state, verification, endedAt: now() }),
    note: (id, text) => change(id, { verification: { seen: recordOf(id).base.verification?.seen ?? false, text } }),
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
  base: Omit<OperationRun, 'items'>;
  run: OperationRun | null;
  readonly items: ItemProgress[];
  readonly positions: ReadonlyMap<string, number>;
}

function runOf(record: KeptRun): OperationRun {
  record.run ??= withItems(record.base, record.items);
  return record.run;
}

/** Ten copies of fifty thousand items a second are a lot of garbage: those of a large run are copied when somebody looks at them. */
function withItems(base: Omit<OperationRun, 'items'>, items: readonly ItemProgress[]): OperationRun {
  if (items.length <= largeRun) return { ...base, items: [...items] };
  let copied: readonly ItemProgress[] | null = null;
  return {
    ...base,
    get items() {
      copied ??= [...items];
      return copied;
    },
  };
}

const largeRun = 1000;
