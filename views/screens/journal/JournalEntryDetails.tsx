import { type ReactElement, useMemo } from 'react';
import type { JournalEntry } from '../../../src/state/journal.js';
import { duration } from '../../../src/text/age.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { facts, sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { PageProps } from '../screen-props.js';
import { dayAndTime, resultSigns } from './result.js';

/** All that the journal knows of one operation. */
export function JournalEntryDetails({ snapshot: { journal }, now, page, width, height }: PageProps): ReactElement {
  const entry = journal.value?.entries.find(({ id }) => id === page.object);
  const inner = innerWidth(width);
  const lines = useMemo(
    () => (entry === undefined ? [line(['warn', '! '], 'The journal no longer has this.')] : entryLines(entry, now, inner)),
    [entry, now, inner],
  );
  return <TextPage title={entry?.title ?? 'Journal'} right={freshnessNote(journal.freshness, now)} lines={lines} page={page} width={width} height={height} />;
}

function entryLines(entry: JournalEntry, now: number, width: number): readonly Line[] {
  const { result, said, who, context, risk, at, tookMs, undo, plan, items, operation } = entry;
  return sectionLines(
    [
      {
        title: 'Result',
        lines: (own) =>
          facts(
            [
              ['result', line(resultSigns[result], ` ${result}`)],
              ...(said === null ? [] : [['said', said] as const]),
              ['steps', `${count(items.done)} of ${count(items.total)} done${items.failed > 0 ? `, ${count(items.failed)} failed` : ''}`],
              ['took', tookMs === null ? line(['dim', 'not known']) : duration(tookMs)],
              ['undo', undo ?? line(['dim', 'cannot be taken back'])],
            ],
            own,
          ),
      },
      {
        title: 'Who and when',
        lines: (own) =>
          facts(
            [
              ['began', dayAndTime(at, now)],
              ['by', who],
              ['context', context],
              [
                'operation',
                `${operation.id} ${Object.entries(operation.input)
                  .map(([key, value]) => `${key}=${value}`)
                  .join(' ')}`.trim(),
              ],
              ['risk', risk],
            ],
            own,
          ),
      },
      { title: 'What was done', lines: (own) => plan.flatMap((text) => wrap(text, own).map((part) => line(part))) },
    ],
    [],
    width,
  );
}
