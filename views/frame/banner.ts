import type { Connection } from '../../src/state/connection.js';
import { fitLine, type Line, line } from '../../src/text/line.js';
import { clockTime } from '../../src/text/moment.js';
import { wrap } from '../../src/text/width.js';

/** Says, while the API server is out of reach, why and what mends it, above a screen that shows what was last known. No lines while all is well. */
export function bannerLines(connection: Connection, width: number): readonly Line[] {
  if (connection.status !== 'lost') return [];
  const seen = `Shown as it was at ${clockTime(connection.since)}.`;
  const [first = '', ...rest] = wrap(`${sentence(connection.why)} ${connection.fix === null ? '' : `Fix: ${sentence(connection.fix)} `}${seen}`, width - 4);
  return [line(' ', ['bad', '✗ '], ['bad', first]), ...rest.slice(0, 2).map((text) => line('   ', text))].map((row) => fitLine(row, width));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
