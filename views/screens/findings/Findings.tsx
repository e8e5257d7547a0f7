import { type ReactElement, useMemo } from 'react';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import type { ListState } from '../../list-state.js';
import { List } from '../../widgets/List.js';
import type { Column } from '../../widgets/list-layout.js';
import { signs, toneOf } from '../overview/panel-content.js';
import { verdictTitle } from '../overview/verdict.js';
import { type FindingRow, findingId, findingRows, fixesOf, nameOf } from './finding-rows.js';

/** The whole post-reboot checklist: each cause with what follows from it, then everything else that was looked at; the selected one in full. */
export function Findings({
  snapshot: { report },
  list,
  now,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly list: ListState;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const rows = useMemo(() => (report.value === null ? [] : findingRows(report.value)), [report]);
  const fixes = useMemo(() => (report.value === null ? [] : fixesOf(report.value)), [report]);
  return (
    <List
      id="findings"
      title={report.value === null ? 'Checks' : `${verdictTitle(report.value)}: checks`}
      slice={report}
      rows={rows}
      columns={columns}
      idOf={({ finding }) => findingId(finding)}
      textOf={({ finding }) => `${finding.status} ${finding.id} ${finding.object} ${finding.message} ${finding.fix?.summary ?? ''}`}
      signOf={({ finding }) => line(signs[finding.status])}
      none="no checks"
      list={list}
      now={now}
      width={width}
      height={height}
      about={(row, inner) => aboutFinding(row, inner, height)}
      open={(id) => ({ page: { kind: 'finding', object: id } })}
      fix={(id) => rows.find(({ finding }) => findingId(finding) === id)?.finding.fix?.operation ?? null}
      fixes={fixes}
    />
  );
}

const columns: readonly Column<FindingRow>[] = [
  { id: 'check', title: 'CHECK', cell: ({ finding, follows }) => line(follows ? ['dim', `└ ${finding.id}`] : finding.id), most: 24 },
  { id: 'object', title: 'OBJECT', cell: ({ finding }) => line(['dim', nameOf(finding)]), most: 34, least: 8 },
  {
    id: 'message',
    title: 'WHAT',
    cell: ({ finding, follows }) => line([follows || finding.status === 'skipped' ? 'dim' : finding.status === 'pass' ? 'plain' : 'strong', finding.message]),
    grow: true,
    least: 20,
    most: 400,
  },
];

/** Message and fix whole, as far as a third of the screen goes; `enter` has the rest. */
function aboutFinding({ finding }: FindingRow, width: number, height: number): readonly Line[] {
  const { message, fix, evidence = [], status } = finding;
  const lines = [
    ...wrap(message, width).map((text) => line([toneOf[status] === 'good' ? 'plain' : toneOf[status], text])),
    ...evidence.slice(0, 1).flatMap(({ source, text }) =>
      wrap(`${source}: ${text}`, width)
        .slice(0, 2)
        .map((part) => line(['dim', part])),
    ),
    ...(fix === null ? [] : wrap(`Fix: ${fix.summary}`, width).map((text) => line(text))),
    ...(fix?.command === null || fix === null ? [] : wrap(fix.command, width).map((text) => line(['accent', text]))),
  ];
  return [line(['dim', '─'.repeat(width)]), ...lines.slice(0, Math.max(3, Math.floor(height / 3)))];
}
