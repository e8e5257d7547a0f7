import type { ReactElement } from 'react';
import type { OperationRef } from '../../src/state/operations.js';
import type { ScaleTarget } from '../../src/state/scaling.js';
import { type Line, line } from '../../src/text/line.js';
import type { Page } from '../app-state.js';
import { type SetupTarget, useKeyTarget } from '../key-target.js';
import { clamp } from '../list-state.js';
import { Panel } from './Panel.js';
import { innerHeight } from './panel-lines.js';

/** A page of lines that scrolls and can be searched; `object` is what `y` shows. */
export function TextPage({
  title,
  right = [],
  lines,
  page,
  object,
  nvidiaSmi,
  fix,
  scale,
  log,
  setup,
  copy,
  width,
  height,
}: {
  readonly title: string;
  readonly right?: Line;
  readonly lines: readonly Line[];
  readonly page: Page;
  readonly object?: string;
  /** The machine whose nvidia-smi page `v` shows. */
  readonly nvidiaSmi?: string;
  /** What `f` mends. */
  readonly fix?: OperationRef;
  /** What `s` scales. */
  readonly scale?: ScaleTarget;
  /** Whose log `l` shows. */
  readonly log?: string;
  /** The step of a setup that it is about. */
  readonly setup?: SetupTarget;
  /** What `c` copies. */
  readonly copy?: string;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const room = innerHeight(height);
  const { at, furthest, found, shown, searched } = scrolled(lines, page, room);
  useKeyTarget({
    text: { at, total: lines.length, page: room, found },
    ...(object === undefined ? {} : { object }),
    ...(nvidiaSmi === undefined ? {} : { nvidiaSmi }),
    ...(fix === undefined ? {} : { fix }),
    ...(scale === undefined ? {} : { scale }),
    ...(log === undefined ? {} : { log }),
    ...(setup === undefined ? {} : { setup }),
    ...(copy === undefined ? {} : { copy }),
  });

  const foot = furthest === 0 ? [] : line(['dim', `${at + 1}–${Math.min(lines.length, at + room)} of ${lines.length}`]);
  return (
    <Panel
      title={title}
      right={line(searched, searched.length > 0 && right.length > 0 ? '  ' : '', right)}
      foot={foot}
      lines={shown}
      width={width}
      height={height}
    />
  );
}

/** What of the lines is on screen: where the page was scrolled to, else where the search's hit stands, with all hits set off. */
export function scrolled(
  lines: readonly Line[],
  page: Page,
  room: number,
): { readonly at: number; readonly furthest: number; readonly found: number; readonly shown: readonly Line[]; readonly searched: Line } {
  const furthest = Math.max(0, lines.length - room);
  const found = foundIn(lines, page.search);
  const hit = found.length === 0 ? null : (found[page.match % found.length] ?? null);
  const at = clamp(page.following && hit !== null ? hit - Math.floor(room / 3) : page.scroll, 0, furthest);
  const shown = lines.slice(at, at + room).map((row, index) => (found.includes(at + index) ? marked(row, page.search, at + index === hit) : row));
  const searched = page.search === '' ? [] : line([found.length === 0 ? 'bad' : 'accent', searchNote(page, found.length)]);
  return { at, furthest, found: found.length, shown, searched };
}

function searchNote({ search, match }: Page, found: number): string {
  return `⟨${search}⟩ ${found === 0 ? 'not found' : `${(match % found) + 1} of ${found}`}`;
}

/** Indexes of the lines that hold what is searched for, whatever its case. */
export function foundIn(lines: readonly Line[], search: string): readonly number[] {
  const wanted = search.toLowerCase();
  if (wanted === '') return [];
  return lines.flatMap((row, index) => (plain(row).toLowerCase().includes(wanted) ? [index] : []));
}

/** The line with what was searched for set off; where cases change lengths (as in Turkish) the whole line is. */
export function marked(row: Line, search: string, current: boolean): Line {
  const text = plain(row);
  const lower = text.toLowerCase();
  const tone = current ? 'selected' : 'accent';
  if (lower.length !== text.length) return [{ text, tone }];
  const from = lower.indexOf(search.toLowerCase());
  if (from < 0) return row;
  return [...part(row, 0, from), { text: text.slice(from, from + search.length), tone }, ...part(row, from + search.length, text.length)];
}

/** The part of a line between two offsets in its text, tones kept. */
function part(row: Line, from: number, to: number): Line {
  let offset = 0;
  return row.flatMap((segment) => {
    const start = Math.max(0, from - offset);
    const end = Math.min(segment.text.length, to - offset);
    offset += segment.text.length;
    return end > start ? [{ ...segment, text: segment.text.slice(start, end) }] : [];
  });
}

function plain(row: Line): string {
  return row.map(({ text }) => text).join('');
}
