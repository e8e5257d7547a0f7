import { homedir } from 'node:os';
import { journalAuthor } from '../journal/author.js';
import { journalFolder, openJournal } from '../journal/journal.js';
import { openChronicle } from '../operations/experiment/chronicle.js';
import { conduct } from '../operations/experiment/conduct.js';
import { kubeBench } from '../operations/experiment/kube-bench.js';
import { takeLock } from '../operations/experiment/lock.js';
import type { ExperimentFiles } from '../operations/experiment/state-file.js';
import { createSteadyClock } from '../operations/experiment/steady-clock.js';
import { summaryText } from '../operations/experiment/summary.js';
import type { ExperimentState } from '../state/experiments.js';
import type { ExperimentPlace } from './experiment-open.js';
import { writeResults } from './experiment-results.js';
import { listen, type Terminal, tellingTerminal } from './experiment-terminal.js';
import type { Output } from './output.js';

/**
 * Carries an experiment out in this process, from where it stands to its end. Resolves to the exit code: 0 done, 1 failed, stopped or left to be gone on with, 3 the replicas could not be put back. Rejects with a sentence where
 * another one runs on the same context, or the journal cannot be written.
 */
export async function carryOut(
  start: ExperimentState,
  { world, prometheus }: ExperimentPlace,
  files: ExperimentFiles,
  ending: AbortController,
  out: Output,
): Promise<number> {
  if (typeof prometheus === 'string') throw new Error(prometheus);
  const lock = await takeLock(files.folder, world.context, start.spec.name);
  const interrupt = new AbortController();
  const terminal = tellingTerminal(out);
  const letGo = listen(start.spec.name, files, interrupt, terminal);
  try {
    const bench = kubeBench(world, prometheus, (state) => writeResults(prometheus, state, ending.signal));
    const clock = await createSteadyClock(bench.prometheusNow);
    const journal = openJournal({ dir: journalFolder(process.env, homedir()) });
    const chronicle = await openChronicle(start, { journal, who: journalAuthor(process.env), onTrouble: (text) => terminal.tell(`! ${text}`) });
    const shortest = Math.min(...start.spec.phases.map(({ dwellMs }) => dwellMs));
    // A new run begins by Prometheus' clock; one that goes on has its times already.
    const first =
      start.phases.every(({ begunAt }) => begunAt === null) && start.stage === 'scaling' ? { ...start, startedAt: clock.now(), stageAt: clock.now() } : start;
    const last = await conduct(first, {
      bench,
      clock,
      files,
      chronicle,
      interrupt: interrupt.signal,
      onState: terminal.onState,
      everyMs: Math.max(200, Math.min(5_000, shortest / 10)),
    });
    return verdict(last, terminal);
  } finally {
    letGo();
    await lock.release();
  }
}

function verdict(state: ExperimentState, terminal: Terminal): number {
  const { status, why, results, scaledBack, spec, stage, phase } = state;
  if (status === 'running') {
    terminal.warn(
      `left in phase ${phase + 1} (${stage}) as it is: gpuk8s-tui experiment run goes on with it, gpuk8s-tui experiment stop ${spec.name} puts the replicas back`,
    );
    return 1;
  }
  terminal.say(`${summaryText(state)}results: ${results}\n`);
  if (!scaledBack) {
    terminal.warn(`THE REPLICAS ARE NOT BACK. ${why ?? ''}`);
    return 3;
  }
  if (status === 'done') return 0;
  terminal.warn(`experiment ${spec.name} ${status}${why === null ? '' : `: ${why}`}; the replicas are back`);
  return 1;
}
