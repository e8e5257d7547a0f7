import { Box } from 'ink';
import type { ReactElement } from 'react';
import { line } from '../../src/text/line.js';
import { pad } from '../../src/text/width.js';
import { type PaletteSource, suggestions } from '../palette.js';
import { Panel } from '../widgets/Panel.js';
import { innerWidth } from '../widgets/panel-lines.js';

const mostShown = 10;

/** The palette's offers, over the bottom of the body, just above the line that is typed. */
export function PaletteBox({
  typed,
  choice,
  source,
  width,
  bodyHeight,
}: {
  readonly typed: string;
  readonly choice: number;
  readonly source: PaletteSource;
  readonly width: number;
  readonly bodyHeight: number;
}): ReactElement {
  const offered = suggestions(typed, source);
  const boxWidth = Math.min(width, 76);
  const room = Math.min(mostShown, bodyHeight - 2);
  const first = Math.max(0, Math.min(choice - Math.floor(room / 2), offered.length - room));
  const longest = Math.min(40, Math.max(10, ...offered.map(({ text }) => text.length)));
  const lines = offered.slice(first, first + room).map(({ text, detail }, index) => {
    const name = pad(text, longest);
    return first + index === choice ? line(['selected', `▸ ${name}  ${detail}`.padEnd(innerWidth(boxWidth))]) : line('  ', name, ['dim', `  ${detail}`]);
  });
  const shown = lines.length === 0 ? [line(['warn', '! '], 'nothing by that name')] : lines;
  const right = offered.length > room ? line(['dim', `${choice + 1} of ${offered.length}`]) : [];
  return (
    <Box position="absolute" top={bodyHeight - shown.length - 2} left={0}>
      <Panel title="Go to" right={right} lines={shown} width={boxWidth} focused />
    </Box>
  );
}
