import { fitLine, type Line, line, lineWidth, type Tone } from '../../src/text/line.js';
import { cut } from '../../src/text/width.js';

/** What stands in a panel's frame. */
export interface PanelFrame {
  readonly title: string;
  /** At the right end of the title row: counts, ages. */
  readonly right?: Line;
  /** At the right end of the bottom row: where a scrolled list stands. */
  readonly foot?: Line;
  /** The panel that keys go to: a bright frame, and `▸` before its title. */
  readonly focused?: boolean;
  /** Tone of the title where it says something: `bad` for a cause of trouble. */
  readonly tone?: Tone;
}

/** Columns of a panel's content: two for the frame, one blank on either side. */
export function innerWidth(width: number): number {
  return Math.max(0, width - 4);
}

/** Rows of a panel's content. */
export function innerHeight(height: number): number {
  return Math.max(0, height - 2);
}

/** A panel as text: `╭─ Title ───── right ─╮`, the lines, `╰───── foot ─╯`; exactly `height` lines of `width` columns. */
export function panelLines(frame: PanelFrame, lines: readonly Line[], width: number, height: number): readonly Line[] {
  if (width < 4 || height < 2) return Array.from({ length: height }, () => fitLine([], width));
  const border: Tone = frame.focused === true ? 'accent' : 'dim';
  const content: Line[] = [];
  for (let index = 0; index < height - 2; index += 1) {
    content.push(line([border, '│'], ' ', fitLine(lines[index] ?? [], innerWidth(width)), ' ', [border, '│']));
  }
  return [titleRow(frame, border, width), ...content, footRow(frame.foot, border, width)];
}

function titleRow(frame: PanelFrame, border: Tone, width: number): Line {
  // The corners, a blank on either side of the title, and one dash at either end.
  const room = width - 6;
  const title = cut(frame.title, room);
  const left = line([border, frame.focused === true ? '╭▸ ' : '╭─ '], [frame.tone ?? 'title', title], ' ');
  const rightRoom = width - lineWidth(left) - 5;
  const right = frame.right ?? [];
  const shown = lineWidth(right) === 0 || rightRoom < 4 ? [] : line(' ', fitLine(right, Math.min(rightRoom, lineWidth(right))), ' ');
  const rule = width - lineWidth(left) - lineWidth(shown) - 2;
  return line(left, [border, '─'.repeat(Math.max(0, rule))], shown, [border, '─╮']);
}

function footRow(foot: Line | undefined, border: Tone, width: number): Line {
  const shown = foot === undefined || lineWidth(foot) === 0 || lineWidth(foot) > width - 6 ? [] : line(' ', foot, ' ');
  return line([border, `╰${'─'.repeat(width - 3 - lineWidth(shown))}`], shown, [border, '─╯']);
}
