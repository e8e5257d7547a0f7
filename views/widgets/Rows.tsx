import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { fitLine, type Line } from '../../src/text/line.js';
import { paint, useTheme } from '../theme.js';

/** Lines one below the other in exactly `width` × `height` cells: cut where they are too many or too long, filled up with blanks where not. */
export function Rows({
  lines,
  width,
  height = lines.length,
}: {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height?: number;
}): ReactElement {
  const theme = useTheme();
  const rows: ReactElement[] = [];
  for (let index = 0; index < height; index += 1) {
    rows.push(<Row key={index} text={paint(fitLine(lines[index] ?? [], width), theme)} />);
  }
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      {rows}
    </Box>
  );
}

/** One row of the screen as one text: laid out once, and not again until its text changes. */
const Row = memo(function Row({ text }: { readonly text: string }): ReactElement {
  return <Text wrap="truncate">{text}</Text>;
});
