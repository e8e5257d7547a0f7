import type { OperationRun } from '../state/operations.js';
import { duration } from '../text/age.js';
import { count } from '../text/amount.js';
import { bar } from '../text/bar.js';
import { type Line, line } from '../text/line.js';
import { runCounts, runRate } from '../text/run-rate.js';
import type { CleanSession } from './clean-session.js';
import { liveBlock } from './live-block.js';
import type { Output } from './output.js';

/** Draws on stderr how far the run is, with each new state of it, until told to stop. */
export function showProgress(session: CleanSession, id: string, out: Output, live: NonNullable<Output['live']>): () => void {
  const block = liveBlock(out, live);
  const draw = () => {
    const run = session.snapshot().operations.value?.find((known) => known.id === id);
    if (run !== undefined) block.draw([progressLine(run, Date.now())]);
  };
  draw();
  const unsubscribe = session.subscribe(draw);
  return () => {
    unsubscribe();
    draw();
  };
}

function progressLine(run: OperationRun, now: number): Line {
  const counts = runCounts(run.items);
  const ended = counts.done + counts.failed + counts.skipped;
  const { perSecond, leftMs } = runRate(counts, now - run.startedAt);
  const rate = run.state !== 'running' || perSecond === null ? '' : `  ${count(Math.round(perSecond))}/s`;
  const left = run.state !== 'running' || leftMs === null ? '' : `  ${duration(leftMs)} left`;
  return line(
    ['accent', bar(counts.total === 0 ? 0 : ended / counts.total, 30)],
    `  ${count(counts.done)} of ${count(counts.total)}${rate}${left}`,
    counts.failed === 0 ? '' : ['bad', `  ${count(counts.failed)} failed`],
    run.state === 'verifying' ? ['dim', '  looking whether they are gone'] : '',
  );
}
