import type { CheckStatus } from '../../../src/state/report.js';
import { type Line, line, type Segment, type Tone } from '../../../src/text/line.js';
import type { PanelFrame } from '../../widgets/panel-lines.js';

/** A panel of the Overview: its frame, and its lines for the room it gets. */
export interface PanelContent {
  readonly frame: PanelFrame;
  readonly lines: readonly Line[];
}

/** The sign that stands beside each state, so that colour never carries it alone. */
export const signs: Readonly<Record<CheckStatus, Segment>> = {
  pass: { text: '✓', tone: 'good' },
  warn: { text: '!', tone: 'warn' },
  fail: { text: '✗', tone: 'bad' },
  unknown: { text: '?', tone: 'warn' },
  skipped: { text: '·', tone: 'dim' },
};

export const toneOf: Readonly<Record<CheckStatus, Tone>> = { pass: 'good', warn: 'warn', fail: 'bad', unknown: 'warn', skipped: 'dim' };

/** The first `room` lines; where more were there, the last of them says how many and where to see them. */
export function atMost(lines: readonly Line[], room: number, where: string): readonly Line[] {
  // In two lines or less a line about what is not shown would take the place of what matters most.
  if (lines.length <= room || room <= 2) return lines.slice(0, Math.max(0, room));
  return [...lines.slice(0, room - 1), line(['dim', `… ${lines.length - room + 1} more${where === '' ? '' : `: ${where}`}`])];
}
