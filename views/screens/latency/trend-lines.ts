import type { LatencyService } from '../../../src/state/latency.js';
import { type Line, line } from '../../../src/text/line.js';
import { seconds } from '../../../src/text/seconds.js';
import { lineChart, roundHigh, valueLabels } from '../../widgets/line-chart.js';
import { axisLine, columnsOf, type TimeAxis } from '../../widgets/time-axis.js';

/** Columns of the values beside a chart. */
export const labelWidth = 10;

/** The last half hour of a service as a chart of `room` lines, for below the list; less than five lines are none. */
export function trendLines(service: LatencyService, width: number, room: number): readonly Line[] {
  const rule = line(['dim', '─'.repeat(width)]);
  const { trend, measure, sloSeconds } = service;
  const shown = measure === 'mean' ? 'mean' : 'p95';
  if (room < 6) return [];
  const title = line(['strong', service.name], ['dim', `  ${shown} of the last 30 minutes`], objective(service));
  if (trend.values.every((value) => value === null)) return [rule, title, line(['dim', service.why ?? 'no requests in the last 30 minutes'])];
  const height = room - 3;
  const columns = width - labelWidth;
  const to = trend.startAt + (trend.values.length - 1) * trend.stepMs;
  const axis: TimeAxis = { from: to - halfHour, to, columns };
  const values = columnsOf(trend, axis, 'max');
  const high = highOf([values], sloSeconds);
  const frame = { width: columns, height, high, limit: sloSeconds === null ? null : { value: sloSeconds, name: 'SLO' } };
  const labels = valueLabels(height, high, labelWidth, seconds);
  const chart = lineChart([{ name: shown, tone: 'accent', values }], frame);
  return [rule, title, ...chart.map((row, index) => line(labels[index] ?? [], row)), line(['dim', `${' '.repeat(labelWidth - 1)}╰`], axisLine(axis))];
}

/** The top of the axis: an objective far above what is measured must not press the curves flat. */
export function highOf(curves: readonly (readonly (number | null)[])[], sloSeconds: number | null): number {
  const most = curves.flat().reduce<number>((high, value) => Math.max(high, value ?? 0), 0);
  return roundHigh([most, sloSeconds !== null && sloSeconds <= most * 2.5 ? sloSeconds : null]);
}

const halfHour = 30 * 60_000;

function objective({ sloSeconds }: LatencyService): Line {
  return sloSeconds === null ? [] : line(['dim', '  objective '], ['bad', '- - '], `${seconds(sloSeconds)}`);
}
