import type { ReactElement } from 'react';
import type { Slice } from '../../src/state/freshness.js';
import type { OperationRef } from '../../src/state/operations.js';
import { count } from '../../src/text/amount.js';
import { fitLine, type Line, line } from '../../src/text/line.js';
import { useShownRows } from '../hooks/use-shown-rows.js';
import { type CleanTarget, type ListTarget, useKeyTarget } from '../key-target.js';
import { type ListState, selectedIndex, windowStart } from '../list-state.js';
import { dimmed, freshnessNote, missingLines } from './freshness-note.js';
import { type Column, headerRow, listRow, placeColumns } from './list-layout.js';
import { Panel } from './Panel.js';
import { innerHeight, innerWidth } from './panel-lines.js';

export interface ListProps<Row extends object> {
  /** The id its state is kept under. */
  readonly id: string;
  readonly title: string;
  /** What the rows come from: its freshness decides what stands in the place of rows that are not there. */
  readonly slice: Slice<object>;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  /** What a filter searches. */
  readonly textOf: (row: Row) => string;
  /** The status glyph before the row. */
  readonly signOf: (row: Row) => Line;
  /** In place of the table when there are no rows at all. */
  readonly none: string;
  readonly list: ListState;
  readonly now: number;
  readonly width: number;
  readonly height: number;
  /** Keys go here, and the selected row shows. Default true. */
  readonly focused?: boolean;
  /** At the right end of the title row. */
  readonly right?: Line;
  /** Lines about the selected row, below the table. */
  readonly about?: (row: Row, width: number) => readonly Line[];
  readonly open?: ListTarget['open'];
  readonly object?: ListTarget['object'];
  readonly nvidiaSmi?: ListTarget['nvidiaSmi'];
  readonly fix?: ListTarget['fix'];
  readonly scale?: ListTarget['scale'];
  readonly log?: ListTarget['log'];
  /** What `f` mends where the row has nothing to mend. */
  readonly otherFix?: OperationRef | null;
  /** What `F` goes through. */
  readonly fixes?: readonly OperationRef[];
  /** What `c` and its choices act on. */
  readonly clean?: CleanTarget;
  readonly panels?: number;
}

/** A table of any length in a panel: only the rows in its window are made. */
export function List<Row extends object>(props: ListProps<Row>): ReactElement {
  const { slice, rows, columns, idOf, textOf, list, now, width, height, focused = true } = props;
  const { filter, sort } = list;
  const shown = useShownRows(rows, list, columns, idOf, textOf, now);
  const inner = innerWidth(width);
  const selected = selectedIndex(list, shown.ids);
  const current = shown.rows[selected];
  const about = current === undefined || props.about === undefined || !focused ? [] : props.about(current, inner);
  const page = Math.max(1, innerHeight(height) - 1 - about.length);
  const start = windowStart(list.offset, selected, page, shown.rows.length);
  const visible = shown.rows.slice(start, start + page);

  const target: ListTarget = {
    id: props.id,
    ids: shown.ids,
    page,
    sorts: columns.flatMap(({ id, sortKey, descendingFirst = false }) => (sortKey === undefined ? [] : [{ key: sortKey, column: id, descendingFirst }])),
    ...(props.open === undefined ? {} : { open: props.open }),
    ...(props.object === undefined ? {} : { object: props.object }),
    ...(props.nvidiaSmi === undefined ? {} : { nvidiaSmi: props.nvidiaSmi }),
    ...(props.fix === undefined ? {} : { fix: props.fix }),
    ...(props.scale === undefined ? {} : { scale: props.scale }),
    ...(props.log === undefined ? {} : { log: props.log }),
  };
  useKeyTarget(
    {
      ...(shown.rows.length > 0 || filter !== '' ? { list: target } : {}),
      panels: props.panels ?? 1,
      fixes: props.fixes ?? [],
      ...(props.otherFix == null ? {} : { fix: props.otherFix }),
      ...(props.clean === undefined ? {} : { clean: props.clean }),
    },
    focused,
  );

  const stale = slice.freshness.status === 'stale';
  const placed = placeColumns(columns, shown.rows.length <= 200 ? shown.rows : visible, now, inner, width, sort?.column ?? null);
  const body = visible.map((row, index) => {
    const marked = list.marks.has(idOf(row));
    const full = fitLine(listRow(placed, row, marked ? line(['accent', '*']) : props.signOf(row), now), inner);
    if (focused && start + index === selected) return highlighted(full);
    return stale ? dimmed(full) : full;
  });
  const lines =
    slice.value === null ? missingLines(slice, props.title, inner) : body.length > 0 ? [headerRow(placed, sort), ...body] : [line(['dim', emptyReason(props)])];
  const filled = about.length === 0 ? lines : [...lines, ...Array.from({ length: Math.max(0, page + 1 - lines.length) }, (): Line => []), ...about];

  return (
    <Panel
      title={titleOf(props, shown.rows.length)}
      right={line(
        shown.why === null ? [] : ['bad', `! ${shown.why} `],
        stale ? dimmed(props.right ?? []) : (props.right ?? []),
        stale ? '  ' : '',
        freshnessNote(slice.freshness, now),
      )}
      foot={
        shown.rows.length > page ? line(['dim', `${count(start + 1)}–${count(Math.min(start + page, shown.rows.length))} of ${count(shown.rows.length)}`]) : []
      }
      lines={filled}
      width={width}
      height={height}
      focused={focused && (props.panels ?? 1) > 1}
    />
  );
}

/** `Pods 30 of 10,214 ⟨evicted⟩  2 marked` */
function titleOf<Row extends object>({ title, rows, list, slice }: ListProps<Row>, shown: number): string {
  const counted =
    slice.value === null ? title : list.filter === '' ? `${title} ${count(rows.length)}` : `${title} ${count(shown)} of ${count(rows.length)} ⟨${list.filter}⟩`;
  return list.marks.size === 0 ? counted : `${counted}  ${list.marks.size} marked`;
}

function emptyReason<Row extends object>({ list, none }: ListProps<Row>): string {
  return list.filter === '' ? none : `nothing matches ⟨${list.filter}⟩; esc drops the filter`;
}

/** The selected row: one tone from end to end, and a sign for terminals that show no colours. */
function highlighted(row: Line): Line {
  const text = row.map((segment) => segment.text).join('');
  return [{ text: `▸${text.slice(1)}`, tone: 'selected' }];
}
