import type { ReactElement } from 'react';
import { fitLine, type Line, line } from '../../src/text/line.js';
import { pad, widthOf } from '../../src/text/width.js';
import type { Page } from '../app-state.js';
import { type Binding, bindings, type Capability, shownKey } from '../keys.js';
import { innerWidth } from '../widgets/panel-lines.js';
import { TextPage } from '../widgets/TextPage.js';

/** All keys, from the table that handles them; those of guided setup where that was looked at. */
export function Help({
  page,
  readOnly,
  setup,
  width,
  height,
}: {
  readonly page: Page;
  readonly readOnly: boolean;
  readonly setup: boolean;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const lines = helpLines(innerWidth(width), readOnly, setup);
  return (
    <TextPage
      title="Help"
      right={line(['dim', readOnly ? 'read-only: without the keys that change something' : 'esc back'])}
      lines={lines}
      page={page}
      width={width}
      height={height}
    />
  );
}

/** The help page's lines in columns, groups kept together. */
export function helpLines(width: number, readOnly: boolean, setup = false, all: readonly Binding[] = bindings): readonly Line[] {
  const usable = all.filter(({ needs }) => needs === undefined || !missing(needs, readOnly));
  const columns = width >= 150 ? 3 : 2;
  const columnWidth = Math.floor((width - (columns - 1) * 3) / columns);
  const groups = (setup ? ['Setup' as const, ...groupOrder] : groupOrder).map((group) => [
    line(['title', group]),
    ...usable.flatMap((one) => (one.group === group && one.help !== null ? [helpLine(one, one.help)] : [])),
    ...(extras.get(group) ?? []),
  ]);
  const placed = distribute(width >= 100 ? [...groups, signs] : groups, columns);
  const rows = Math.max(...placed.map((column) => column.length));
  return Array.from({ length: rows }, (_, row) => placed.flatMap((column, index) => line(index === 0 ? '' : '   ', fitLine(column[row] ?? [], columnWidth))));
}

// In this order they fill two columns of 19 rows at 80×24.
const groupOrder = ['Look', 'Move', 'Go', 'Typing'] as const;

const signs: readonly Line[] = [
  line(['title', 'Signs']),
  line(['good', '✓'], '            fine'),
  line(['warn', '!'], '            look at it'),
  line(['bad', '✗'], '            broken'),
  line(['dim', '·'], '            waiting, or nothing to say'),
  line(['dim', 'dim'], '          was true some time ago'),
];

// Not keys of their own: letters mean columns where a list has the focus.
const extras = new Map<string, readonly Line[]>([['Look', [line(['accent', pad('shift-letter', 12)], ' sort by that column')]]]);

function helpLine(binding: Binding, help: string): Line {
  return line(['accent', pad(shownKey(binding), Math.max(12, widthOf(shownKey(binding))))], ` ${help}`);
}

function missing(needs: Capability, readOnly: boolean): boolean {
  return needs === 'write' && readOnly;
}

/** Each group into the column that is shortest so far, a blank line between. */
function distribute(groups: readonly (readonly Line[])[], columns: number): readonly (readonly Line[])[] {
  const placed: Line[][] = Array.from({ length: columns }, () => []);
  for (const group of groups) {
    const shortest = placed.reduce((best, column) => (column.length < best.length ? column : best));
    if (shortest.length > 0) shortest.push([]);
    shortest.push(...group);
  }
  return placed;
}
