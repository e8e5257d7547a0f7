import { useAnimation } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { Setup } from '../../../src/state/setup.js';
import { duration } from '../../../src/text/age.js';
import { bar } from '../../../src/text/bar.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import type { Action, AppState } from '../../app-state.js';
import { listState } from '../../app-state.js';
import { useKeyTarget } from '../../key-target.js';
import type { SetupKey, SetupPlace } from '../../keys.js';
import { type ListState, selectedIndex } from '../../list-state.js';
import { useTheme } from '../../theme.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { setupWishObject } from '../../wizards/setup/run-wish.js';
import type { SetupControl } from '../../wizards/setup/use-setup.js';
import type { ScreenProps } from '../screen-props.js';
import { aboutCell } from './about-cell.js';
import { actOnCell, cellPlaces } from './cell-keys.js';
import { spinner } from './cell-state.js';
import { matrixLayout, windowOf } from './matrix-layout.js';
import { columnsLine, groupLine, type MatrixPaint, stepLine } from './matrix-lines.js';
import { beside, cellKey, columnOf, groupsOf, type MatrixGroup, type MatrixRow, matrixRows, shownMatrix, usedColumns } from './matrix-rows.js';
import { countsText, type SetupCounts, setupCounts } from './setup-counts.js';

/** Name of the dial that holds the column under the cursor. */
export const columnDial = 'setup-column';

/** Every step on every host, as it stands and as it changes. */
export function SetupMatrix({
  snapshot,
  now,
  width,
  height,
  list: listOf,
  dial,
  setup,
  open,
}: ScreenProps & { readonly setup: SetupControl; readonly open: Setup }): ReactElement {
  const { outline, run } = open;
  const list = listOf('setup');
  const used = useMemo(() => usedColumns(outline), [outline]);
  const columns = useMemo(() => used.map((name) => clean(name)), [used]);
  const rows = useMemo(() => matrixRows(open, used), [open, used]);
  const shown = shownMatrix(rows, list, columns, now);
  const counts = useMemo(() => setupCounts(open), [open]);
  const catalogue = setup.catalogue.status === 'read' ? setup.catalogue.value : null;
  const groups = useMemo(() => groupsOf(shown.rows, catalogue), [shown.rows, catalogue]);
  const selected = selectedIndex(list, shown.ids);
  const row = shown.rows[selected];
  const column = row === undefined ? 0 : columnOf(row.step, used, dial(columnDial));
  const state = row?.states[column] ?? null;
  const spinning = useSpinner(run === 'running' || counts.checking > 0 || rows.some(({ states }) => states.some((one) => one?.state === 'running')));
  const isIdle = run === 'idle' || run === 'ended';
  const inner = innerWidth(width);
  const room = innerHeight(height);
  const aboutRows = height < 30 ? 4 : 5;
  const page = Math.max(1, room - aboutRows - 2);

  useKeyTarget({
    ...(shown.rows.length > 0 || list.filter !== '' ? { list: { id: 'setup', ids: shown.ids, page, sorts: [] } } : {}),
    setup: {
      places: [
        'setup-open',
        ...(isIdle ? idle : []),
        ...(counts.failed + counts.asks + counts.drifted > 0 ? troubled : []),
        ...(setup.stepByStep && !isIdle ? stepwise : []),
        ...(row === undefined ? [] : ['cell' as const, ...cellPlaces(row.step, columns[column] ?? '', state, list.marks.size > 0)]),
      ],
      act: (key, app) => act(key, app, open, shown.ids, setup),
    },
    wizard: {
      confirm: null,
      running: run === 'running' || run === 'paused' || run === 'checking',
      next: false,
      act: ({ do: wish }) => wish === 'cancel' && setup.stop(),
    },
  });

  const layout = matrixLayout(
    inner,
    rows.map(({ step }) => step.id),
    columns.length,
    column,
  );
  const paint: MatrixPaint = { layout, width: inner, now, spinning, step: row?.step.id ?? null, column, marks: list.marks };
  const lines = bodyLines(groups, paint, page);
  const about = row === undefined ? [] : aboutCell(row, columns[column] ?? '', state, { width: inner, most: aboutRows, now, spinning, writes: setup.writes });
  const body =
    lines.shown.length > 0
      ? lines.shown
      : [line(['dim', list.filter === '' ? 'there is no step to do' : `nothing matches ⟨${list.filter}⟩; esc drops the filter`])];
  const filled = [...body, ...Array.from({ length: Math.max(0, page - body.length) }, (): Line => [])];
  return (
    <Panel
      title={titleOf(open, counts, list, shown.rows.length)}
      right={line(shown.why === null ? [] : ['bad', `! ${shown.why}  `], runLine(open, counts, now, width), freshnessNote(snapshot.setup.freshness, now))}
      foot={lines.total > page ? line(['dim', `${selected + 1} of ${shown.rows.length} steps`]) : []}
      lines={[columnsLine(columns, paint), ...filled, line(['dim', '─'.repeat(inner)]), ...about]}
      width={width}
      height={height}
    />
  );
}

const idle: readonly SetupPlace[] = ['setup-idle', 'setup-runnable'];
const troubled: readonly SetupPlace[] = ['setup-troubled'];
const stepwise: readonly SetupPlace[] = ['setup-stepwise'];

/** The spinner's shape just now; it stands still where nothing is under way. */
export function useSpinner(active: boolean): string {
  const { glyphs } = useTheme();
  const { frame } = useAnimation({ interval: 120, isActive: active });
  return active ? spinner(frame, glyphs) : '◌';
}

/** Headings and steps in the window; the heading of a group whose first steps are above it stays on top. */
function bodyLines(groups: readonly MatrixGroup[], paint: MatrixPaint, room: number): { readonly shown: readonly Line[]; readonly total: number } {
  const items: { readonly group: MatrixGroup; readonly row: MatrixRow | null }[] = groups.flatMap((group) => [
    { group, row: null },
    ...group.rows.map((row) => ({ group, row })),
  ]);
  const selected = items.findIndex(({ row }) => row?.step.id === paint.step);
  const start = windowOf(items.length, selected, room);
  const shown = items
    .slice(start, start + room)
    .map(({ group, row }, index) => (row === null || (index === 0 && start > 0) ? groupLine(group, paint.width) : stepLine(row, paint)));
  return { shown, total: items.length };
}

/** What a key of the matrix does. */
function act(key: SetupKey, app: AppState, open: Setup, ids: readonly string[], setup: SetupControl): readonly Action[] {
  const { outline, cells } = open;
  const list = listState(app, 'setup');
  const columns = usedColumns(outline);
  const step = outline.steps.find(({ id }) => id === ids[selectedIndex(list, ids)]);
  const at = step === undefined ? 0 : columnOf(step, columns, app.dials[columnDial] ?? 0);
  const column = columns[at] ?? '';
  switch (key) {
    case 'cell-left':
    case 'cell-right':
      return step === undefined
        ? []
        : [{ type: 'set-dial', dial: columnDial, to: columns.indexOf(beside(step, columns, column, key === 'cell-left' ? -1 : 1)) }];
    case 'cell-trouble':
      return nextTrouble(open, ids, selectedIndex(list, ids), at);
    case 'setup-all':
      return [{ type: 'open', page: { kind: 'setup-run', object: setupWishObject({ do: 'run', steps: null, columns: null }) } }];
    case 'cell-fix':
      if (list.marks.size === 0) break;
      return [
        {
          type: 'open',
          page: {
            kind: 'setup-run',
            object: setupWishObject({ do: 'run', steps: outline.steps.filter(({ id }) => list.marks.has(id)).map(({ id }) => id), columns: null }),
          },
        },
      ];
    case 'setup-check':
      setup.check();
      return [];
    case 'setup-next':
      setup.next();
      return [];
    case 'setup-script':
      return [{ type: 'open', page: { kind: 'setup-script', object: '' } }];
    case 'setup-edit':
      return [
        ...(app.draft === null ? [{ type: 'draft' as const, change: { do: 'begin' as const, choice: outline.choice, part: 'values' as const } }] : []),
        { type: 'open', page: { kind: 'setup-wizard', object: '' } },
      ];
    case 'cell-open':
    case 'cell-overwrite':
      return step === undefined ? [] : [{ type: 'open', page: { kind: 'setup-step', object: `${step.id} ${column}` } }];
    default:
      break;
  }
  return step === undefined ? [] : actOnCell(key, step, column, cells.get(cellKey(step.id, column))?.state ?? null, setup);
}

/** The cursor at the next cell, row by row, that waits for a person. */
function nextTrouble({ outline, cells }: Setup, ids: readonly string[], row: number, column: number): readonly Action[] {
  const columns = usedColumns(outline);
  const places = ids.flatMap((step, index) => columns.map((name, at) => ({ index, at, state: cells.get(cellKey(step, name))?.state.state ?? 'unknown' })));
  const from = row * columns.length + column + 1;
  const found = [...places.slice(from), ...places.slice(0, from)].find(({ state }) => state === 'failed' || state === 'asks' || state === 'drifted');
  if (found === undefined) return [];
  return [
    { type: 'select', list: 'setup', ids, page: ids.length, to: found.index },
    { type: 'set-dial', dial: columnDial, to: found.at },
  ];
}

/** `Setup lab: 41 of 58 done, 2 drifted` */
function titleOf({ outline }: Setup, counts: SetupCounts, { filter, marks }: ListState, shown: number): string {
  const filtered = filter === '' ? '' : `  ${shown} of ${outline.steps.length} steps ⟨${filter}⟩`;
  const counted = filter === '' ? countsText(counts) : `${counts.done} of ${counts.total} done`;
  return `Setup ${clean(outline.cluster)}: ${counted}${filtered}${marks.size === 0 ? '' : `  ${marks.size} marked`}`;
}

function runLine({ run, startedAt, outline: { choice } }: Setup, { total, done }: SetupCounts, now: number, width: number): Line {
  const took = startedAt === null ? '' : ` ${duration(now - startedAt)}`;
  const room = width < 100 ? 6 : 14;
  const progress = line(['accent', ` ${bar(total === 0 ? 1 : done / total, room)}`]);
  switch (run) {
    case 'idle':
      return line(['dim', choice.profile ?? 'own choice']);
    case 'ended':
      return line(done === total ? ['good', 'all done'] : ['dim', choice.profile ?? 'own choice']);
    case 'checking':
      return line(['accent', '◌ '], ['dim', 'looking']);
    case 'running':
      return line(['accent', '▸ '], `running${took}`, progress);
    case 'paused':
      return line(['warn', '! '], `waits for you${took}`, progress);
    case 'stopping':
      return line(['warn', '! '], `stopping${took}`, progress);
  }
}
