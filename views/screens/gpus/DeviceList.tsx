import { type ReactElement, useContext, useMemo } from 'react';
import type { Slice } from '../../../src/state/freshness.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { useCards } from '../../hooks/use-cards.js';
import { GpuHistoryContext } from '../../hooks/use-gpu-history.js';
import { useShownRows } from '../../hooks/use-shown-rows.js';
import { type ListTarget, useKeyTarget } from '../../key-target.js';
import { clamp, type ListState, selectedIndex, windowStart } from '../../list-state.js';
import { dimmed, freshnessNote, missingLines } from '../../widgets/freshness-note.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { cardHeader, cardLayout } from './card-layout.js';
import { aboutLines } from './device-card.js';
import { type GpuRow, nodeOf, rowText, sortColumns } from './device-rows.js';
import { leastOneGpuHeight, oneGpuLines, oneGpuTitle } from './one-gpu.js';
import { sampleAge } from './sight.js';

/** The tallest card: gauges, charts of five rows and a blank. */
const tallest = 7;
/** From this height on a list of one line each leaves three for the selected one. */
const roomForAbout = 10;

/** Every GPU as a card with bars and history: as tall as there is room for, one line each where there are many, the whole panel where there is one. */
export function DeviceList({
  slice,
  rows,
  list,
  focused,
  now,
  width,
  height,
}: {
  readonly slice: Slice<object>;
  readonly rows: readonly GpuRow[];
  readonly list: ListState;
  readonly focused: boolean;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const history = useContext(GpuHistoryContext);
  const shown = useShownRows(rows, list, sortColumns, idOf, rowText, now);
  const inner = innerWidth(width);
  const room = innerHeight(height);
  const selected = selectedIndex(list, shown.ids);
  const [only] = shown.rows;
  const alone = shown.rows.length === 1 && only?.kind === 'device' && only.device.lost === null && room >= leastOneGpuHeight ? only : null;
  const tall = alone !== null ? room : clamp(Math.floor((room - 1) / Math.max(1, shown.rows.length)), 1, tallest);
  const current = shown.rows[selected];
  // Three lines about the selected one, unless they alone keep the others from all being seen.
  const crowded = shown.rows.length + 1 <= room && shown.rows.length + 1 > room - 3;
  const about = tall === 1 && room >= roomForAbout && !crowded && current !== undefined && focused ? aboutLines(current, now, inner) : [];
  const page = alone !== null ? 1 : Math.max(1, Math.floor((room - 1 - about.length) / tall));
  const start = windowStart(list.offset, selected, page, shown.rows.length);

  const target: ListTarget = {
    id: 'gpus',
    ids: shown.ids,
    page,
    sorts: sortColumns.flatMap(({ id, sortKey, descendingFirst = false }) => (sortKey === undefined ? [] : [{ key: sortKey, column: id, descendingFirst }])),
    open: (id) => (rows.some((row) => row.kind === 'device' && row.id === id) ? { page: { kind: 'gpu', object: id } } : null),
    object: (id) => `node/${id.replace(/\/\d+$/, '')}`,
    nvidiaSmi: (id) => id.replace(/\/\d+$/, ''),
  };
  useKeyTarget({ ...(shown.rows.length > 0 || list.filter !== '' ? { list: target } : {}), panels: 2 }, focused);

  // By all rows, so that a filter moves nothing sideways and one GPU of many still names its node.
  const layout = useMemo(() => cardLayout(rows, inner, tall > 1), [rows, inner, tall]);
  const card = useCards();
  const cards = (): readonly Line[] => [
    cardHeader(layout, list.sort),
    ...shown.rows.slice(start, start + page).flatMap((row, index) => card(row, layout, tall, history, now, focused && start + index === selected)),
  ];
  const lines =
    slice.value === null
      ? missingLines(slice, 'GPUs', inner)
      : shown.rows.length === 0
        ? [line(['dim', list.filter === '' ? 'no machine that can be seen has a GPU' : `nothing matches ⟨${list.filter}⟩; esc drops the filter`])]
        : alone !== null
          ? oneGpuLines(alone, history, now, inner, room)
          : cards();
  const filled = about.length === 0 ? lines : [...lines, ...Array.from({ length: Math.max(0, room - about.length - lines.length) }, (): Line => []), ...about];
  const stale = slice.freshness.status === 'stale';
  const last = Math.min(start + page, shown.rows.length);

  return (
    <Panel
      title={alone !== null && list.filter === '' ? oneGpuTitle(alone) : titleOf(rows, list, shown.rows.length)}
      right={line(
        shown.why === null ? [] : ['bad', `! ${shown.why} `],
        alone === null ? tally(rows) : sampleAge(alone.machine, now),
        stale ? '  ' : '',
        freshnessNote(slice.freshness, now),
      )}
      foot={shown.rows.length > page ? line(['dim', `${count(start + 1)}–${count(last)} of ${count(shown.rows.length)}`]) : []}
      lines={stale ? filled.map(dimmed) : filled}
      width={width}
      height={height}
      focused={focused}
    />
  );
}

function idOf({ id }: GpuRow): string {
  return id;
}

function titleOf(rows: readonly GpuRow[], { filter }: ListState, shown: number): string {
  const all = rows.length;
  return filter === '' ? `GPUs ${count(rows.filter(({ kind }) => kind === 'device').length)}` : `GPUs ${count(shown)} of ${count(all)} ⟨${filter}⟩`;
}

/** How the GPUs stand together: mean load, and how many machines are blind spots. */
function tally(rows: readonly GpuRow[]): Line {
  const loads = rows.flatMap((row) => (row.kind === 'device' && row.device.utilization.gpuPercent !== null ? [row.device.utilization.gpuPercent] : []));
  const blind = new Set(rows.flatMap((row) => (row.kind === 'blind' ? [nodeOf(row)] : []))).size;
  const mean = loads.length === 0 ? [] : line(['dim', 'mean load '], `${Math.round(loads.reduce((sum, load) => sum + load, 0) / loads.length)}%`);
  return line(mean, blind === 0 ? [] : line(mean.length > 0 ? '  ' : '', ['warn', `${blind} ${blind === 1 ? 'machine' : 'machines'} not seen`]));
}
