import type { ReactElement } from 'react';
import type { JournalEntry } from '../../../src/state/journal.js';
import { duration } from '../../../src/text/age.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { List } from '../../widgets/List.js';
import type { Column } from '../../widgets/list-layout.js';
import type { ScreenProps } from '../screen-props.js';
import { dayAndTime, resultSigns, resultTones } from './result.js';

/** What was changed from here, by whom, with which result. */
export function Journal({ snapshot: { journal }, list, now, width, height }: ScreenProps): ReactElement {
  const unreadable = journal.value?.unreadable.length ?? 0;
  return (
    <List
      id="journal"
      title="Journal"
      slice={journal}
      rows={journal.value?.entries ?? []}
      columns={columns}
      idOf={({ id }) => id}
      textOf={textOf}
      signOf={({ result }) => line(resultSigns[result])}
      none="nothing was changed from here yet"
      list={list('journal')}
      now={now}
      width={width}
      height={height}
      right={unreadable === 0 ? line(['dim', journal.value?.file ?? '']) : line(['warn', `! ${unreadable} lines cannot be read`])}
      about={aboutEntry}
      open={(id) => ({ page: { kind: 'journal-entry', object: id } })}
    />
  );
}

const columns: readonly Column<JournalEntry>[] = [
  {
    id: 'when',
    title: 'WHEN',
    cell: ({ at }, now) => line(dayAndTime(at, now)),
    sortKey: 'W',
    sortValue: ({ at }) => at,
    descendingFirst: true,
  },
  { id: 'what', title: 'OPERATION', cell: ({ title }) => line(title), grow: true, least: 20, sortKey: 'O', sortValue: ({ title }) => title },
  {
    id: 'result',
    title: 'RESULT',
    cell: ({ result }) => line([resultTones[result], result]),
    sortKey: 'R',
    sortValue: ({ result }) => result,
  },
  {
    id: 'took',
    title: 'TOOK',
    align: 'right',
    cell: ({ tookMs }) => (tookMs === null ? line(['dim', '–']) : line(duration(tookMs))),
    sortKey: 'T',
    sortValue: ({ tookMs }) => tookMs,
    descendingFirst: true,
  },
  { id: 'who', title: 'BY', from: 100, most: 24, cell: ({ who }) => line(who), sortKey: 'B', sortValue: ({ who }) => who },
  { id: 'context', title: 'CONTEXT', from: 110, most: 24, cell: ({ context }) => line(context), sortKey: 'C', sortValue: ({ context }) => context },
];

function textOf({ title, result, who, context, operation, said, plan }: JournalEntry): string {
  return [title, result, who, context, operation.id, said ?? '', ...plan].join(' ');
}

/** What the selected operation said, and how to take it back. */
function aboutEntry({ said, undo, result }: JournalEntry, width: number): readonly Line[] {
  const words = said === null ? [] : wrap(said, width).slice(0, 2);
  return [
    line(['dim', '─'.repeat(width)]),
    ...words.map((text) => line([result === 'done' ? 'plain' : resultTones[result], text])),
    ...(undo === null
      ? []
      : wrap(`undo: ${undo}`, width)
          .slice(0, 2)
          .map((text) => line(['dim', text]))),
  ];
}
