import type { ReactElement } from 'react';
import type { Line } from '../../src/text/line.js';
import { type PanelFrame, panelLines } from './panel-lines.js';
import { Rows } from './Rows.js';

/** A framed part of a screen. Its lines are as wide as `innerWidth(width)`; for panels side by side put them into a row `<Box>`. */
export function Panel({
  lines,
  width,
  height = lines.length + 2,
  ...frame
}: PanelFrame & { readonly lines: readonly Line[]; readonly width: number; readonly height?: number }): ReactElement {
  return <Rows lines={panelLines(frame, lines, width, height)} width={width} height={height} />;
}
