import type { ItemProgress, OperationRun } from '../../src/state/operations.js';
import { duration } from '../../src/text/age.js';
import { count } from '../../src/text/amount.js';
import { fitLine, type Line, line, type Segment } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';

/** How a run goes: its steps with what each said, and what was seen of the goal. Of very many steps only how many are done, and those that failed. */
export function runLines(run: OperationRun, now: number, width: number, room: number): readonly Line[] {
  const texts = new Map(run.plan.items.map(({ id, text }) => [id, text]));
  const few = run.items.length + 6 <= room || run.items.length <= 20;
  const shown = few ? run.items : run.items.filter(({ state }) => state === 'failed');
  return [
    line(stateSigns[run.state], ` ${stateWords[run.state]}`, ['dim', `   ${countsOf(run)}   ${duration((run.endedAt ?? now) - run.startedAt)}`]),
    ...(few ? [] : [barLine(run, width)]),
    [],
    ...shown.flatMap((item) => itemLines(item, texts.get(item.id) ?? '', width)),
    ...goalLines(run, width),
  ];
}

function countsOf({ items }: OperationRun): string {
  const of = (state: ItemProgress['state']) => items.filter((item) => item.state === state).length;
  const failed = of('failed');
  return `${count(of('done'))} of ${count(items.length)} done${failed > 0 ? `, ${count(failed)} failed` : ''}`;
}

function barLine({ items }: OperationRun, width: number): Line {
  const room = Math.min(60, width);
  const ended = items.filter(({ state }) => state !== 'waiting' && state !== 'running').length;
  const filled = items.length === 0 ? 0 : Math.floor((ended / items.length) * room);
  return line(['accent', '▆'.repeat(filled)], ['dim', '░'.repeat(room - filled)]);
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
