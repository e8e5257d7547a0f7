import type { ItemProgress, OperationRun } from '../../src/state/operations.js';
import { duration } from '../../src/text/age.js';
import { count } from '../../src/text/amount.js';
import { fitLine, type Line, line, type Segment } from '../../src/text/line.js';
import { type RunCounts, runCounts, runRate } from '../../src/text/run-rate.js';
import { wrap } from '../../src/text/width.js';

/** How a run goes: its steps with what each said, and what was seen of the goal. Of very many steps only how many are done and how fast, and those that failed. */
export function runLines(run: OperationRun, now: number, width: number, room: number): readonly Line[] {
  const { items, plan } = run;
  const few = items.length + 6 <= room || items.length <= 20;
  const shown = items.flatMap((item, index) => (few || item.state === 'failed' ? [{ item, of: plan.items[index] }] : []));
  const counts = runCounts(items);
  const tookMs = (run.endedAt ?? now) - run.startedAt;
  return [
    line(stateSigns[run.state], ` ${stateWords[run.state]}`, ['dim', `   ${countsOf(counts)}   ${duration(tookMs)}`]),
    ...(few ? [] : [line(barLine(counts, width), run.state === 'running' ? rateWords(counts, tookMs) : '')]),
    [],
    // Where the plan tells of groups, the name tells more than what is done to them all.
    ...shown.slice(0, mostShown).flatMap(({ item, of }) => itemLines(item, (plan.table === undefined ? of?.text : of?.object.replace('/', ' ')) ?? '', width)),
    ...(shown.length > mostShown ? [line(['bad', `… and ${count(shown.length - mostShown)} more that failed`])] : []),
    ...goalLines(run, width),
  ];
}

const mostShown = 200;

function countsOf({ done, failed, total }: RunCounts): string {
  return `${count(done)} of ${count(total)} done${failed > 0 ? `, ${count(failed)} failed` : ''}`;
}

function barLine({ done, failed, skipped, total }: RunCounts, width: number): Line {
  const room = Math.min(50, width - 26);
  const filled = total === 0 ? 0 : Math.floor(((done + failed + skipped) / total) * room);
  return line(['accent', '▆'.repeat(filled)], ['dim', '░'.repeat(room - filled)]);
}

function rateWords(counts: RunCounts, tookMs: number): string {
  const { perSecond, leftMs } = runRate(counts, tookMs);
  return perSecond === null || leftMs === null ? '' : `  ${count(Math.round(perSecond))}/s  ${duration(leftMs)} left`;
}

function itemLines({ state, said }: ItemProgress, text: string, width: number): readonly Line[] {
  const row = fitLine(line(itemSigns[state], ' ', [state === 'waiting' || state === 'skipped' ? 'dim' : 'plain', text]), width);
  return said === null ? [row] : [row, ...wrap(said, width - 4).map((part) => line('    ', [state === 'failed' ? 'bad' : 'dim', part]))];
}

function goalLines({ plan, state, verification }: OperationRun, width: number): readonly Line[] {
  if (verification !== null) {
    const sign: Segment = verification.seen ? { text: '✓', tone: 'good' } : { text: '✗', tone: 'bad' };
    return [[], ...wrap(verification.text, width - 2).map((part, index) => line(index === 0 ? sign : ' ', ' ', part))];
  }
  if (state === 'verifying')
    return [[], ...wrap(`looking for it: ${plan.goal}`, width - 2).map((part, index) => line(['accent', index === 0 ? '◌ ' : '  '], part))];
  return [];
}

const itemSigns: Readonly<Record<ItemProgress['state'], Segment>> = {
  waiting: { text: '·', tone: 'dim' },
  running: { text: '◌', tone: 'accent' },
  done: { text: '✓', tone: 'good' },
  failed: { text: '✗', tone: 'bad' },
  skipped: { text: '·', tone: 'dim' },
};

/** The sign of a run's state. */
export const stateSigns: Readonly<Record<OperationRun['state'], Segment>> = {
  running: { text: '◌', tone: 'accent' },
  verifying: { text: '◌', tone: 'accent' },
  done: { text: '✓', tone: 'good' },
  failed: { text: '✗', tone: 'bad' },
  cancelled: { text: '!', tone: 'warn' },
};

const stateWords: Readonly<Record<OperationRun['state'], string>> = {
  running: 'under way',
  verifying: 'done as asked, now looking whether it helped',
  done: 'done, and seen',
  failed: 'did not reach its goal',
  cancelled: 'stopped: what was done before stays done',
};
