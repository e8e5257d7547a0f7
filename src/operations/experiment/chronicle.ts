import { randomUUID } from 'node:crypto';
import type { Journal } from '../../journal/journal.js';
import { figuresOf } from '../../state/experiment-words.js';
import type { ExperimentState } from '../../state/experiments.js';
import { counted } from '../../text/wording.js';
import { workloadWords } from './bench.js';

/** Writes an experiment into the journal: its beginning and end, and those of each phase. A journal that cannot be written is told of and stops nothing. */
export interface Chronicle {
  phaseBegins(state: ExperimentState): Promise<void>;
  /** `why`: it ended before its time. */
  phaseEnds(state: ExperimentState, why: string | null): Promise<void>;
  goesBack(state: ExperimentState): Promise<void>;
  wentBack(state: ExperimentState, why: string | null): Promise<void>;
  ends(state: ExperimentState): Promise<void>;
}

export interface ChronicleOptions {
  readonly journal: Journal;
  readonly who: string;
  /** What the journal could not be told. */
  readonly onTrouble: (sentence: string) => void;
  readonly now?: () => number;
}

/** Begins the chronicle. Rejects with a sentence where not even its first line can be written: then nothing is to be changed. */
export async function openChronicle(state: ExperimentState, { journal, who, onTrouble, now = Date.now }: ChronicleOptions): Promise<Chronicle> {
  const open = new Map<string, { readonly id: string; readonly at: number }>();
  const begin = async (key: string, title: string, replicas: readonly number[], undo: string | null) => {
    if (open.has(key)) return;
    const entry = { id: randomUUID(), at: now() };
    const plan = state.workloads.map(
      ({ kind, namespace, name }, index) =>
        `PATCH /apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}/scale {"spec":{"replicas":${replicas[index] ?? 0}}}`,
    );
    const operation = { id: 'experiment', input: { name: state.spec.name, workloads: state.spec.workloads.map(workloadWords).join(', ') } };
    await journal.begin({ ...entry, who, context: state.context, operation, title, risk: 'disruptive', plan, undo, total: plan.length });
    open.set(key, entry);
  };
  const end = async (key: string, result: 'done' | 'failed' | 'cancelled', said: string | null) => {
    const entry = open.get(key);
    if (entry === undefined) return;
    open.delete(key);
    const total = state.workloads.length;
    const items = { done: result === 'done' ? total : 0, failed: result === 'failed' ? total : 0, total };
    await journal.end(entry.id, { result, said, items, tookMs: now() - entry.at });
  };
  const safely = (write: Promise<void>) => write.catch((error: unknown) => onTrouble(error instanceof Error ? error.message : String(error)));
  const back = state.workloads
    .map(({ kind, namespace, name, replicas }) => `kubectl -n ${namespace} scale ${kind.toLowerCase()}/${name} --replicas=${replicas}`)
    .join(' && ');
  const words = state.spec.workloads.map(workloadWords).join(', ');
  const former = state.workloads.map(({ replicas }) => replicas);
  await begin('all', `Experiment ${state.spec.name}: ${state.spec.phases.map(({ replicas }) => replicas).join(', ')} replicas of ${words}`, former, back);
  return {
    phaseBegins({ phase, phases }) {
      const { name = '', replicas = 0 } = phases[phase] ?? {};
      const title = `Experiment ${state.spec.name}, phase ${phase + 1} of ${phases.length} (${name}): ${counted(replicas, 'replica')} of ${words}`;
      return safely(
        begin(
          'phase',
          title,
          former.map(() => replicas),
          back,
        ),
      );
    },
    phaseEnds: ({ phase, phases, outcome }, why) =>
      safely(end('phase', why === null ? 'done' : outcome === 'stopped' ? 'cancelled' : 'failed', why ?? figuresOf(phases[phase]))),
    goesBack: ({ outcome }) =>
      safely(begin('back', `Experiment ${state.spec.name}: scale ${words} back${outcome === 'done' ? '' : ` (${outcome})`}`, former, null)),
    wentBack: (_, why) => safely(end('back', why === null ? 'done' : 'failed', why)),
    ends: ({ status, why, results }) =>
      safely(end('all', status === 'done' ? 'done' : status === 'stopped' ? 'cancelled' : 'failed', why ?? `the data lies in ${results}`)),
  };
}
