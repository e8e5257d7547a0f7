import type { LatencyHistory } from '../../../src/state/latency.js';
import { type Line, line, lineWidth, type Tone } from '../../../src/text/line.js';
import { clockTime } from '../../../src/text/moment.js';
import { seconds } from '../../../src/text/seconds.js';
import { sparkline } from '../../../src/text/sparkline.js';
import { cut, fit, pad, widthOf, wrap } from '../../../src/text/width.js';
import { areaChart } from '../../widgets/area-chart.js';
import { type Curve, curveNames, lineChart, valueLabels } from '../../widgets/line-chart.js';
import { axisLine, columnAt, columnsOf, type TimeAxis, timeAt } from '../../widgets/time-axis.js';
import { rateText } from './service-columns.js';
import { highOf, labelWidth } from './trend-lines.js';

/** Columns at the right of the charts: names of curves, values at the cursor. */
const rightWidth = 8;

/** How many columns the charts of a page have. */
export function chartColumns(width: number): number {
  return Math.max(1, width - labelWidth - rightWidth);
}

/**
 * One service over time in `height` lines: what the cursor stands at, the quantiles with the objective, and below them on the same time axis requests, GPU use, throttling and rollouts,
 * column by column.
 */
export function historyLines(history: LatencyHistory, sloSeconds: number | null, cursor: number | null, width: number, height: number): readonly Line[] {
  const columns = chartColumns(width);
  const axis = axisOf(history, columns);
  const values = {
    p50: columnsOf(history.p50, axis, 'max'),
    p95: columnsOf(history.p95, axis, 'max'),
    p99: columnsOf(history.p99, axis, 'max'),
    requests: columnsOf(history.requestsPerSecond, axis, 'mean'),
    gpu: columnsOf(history.gpuPercent, axis, 'mean'),
    throttled: columnsOf(history.throttled, axis, 'max'),
  };
  const isTall = height >= 28;
  const below = [
    ...requestRows(values.requests, columns, isTall ? 2 : 1, cursor),
    ...gpuRows(values.gpu, columns, isTall ? 3 : 1, cursor),
    throttleRow(values.throttled, columns, cursor),
    ...rolloutRows(history, axis, isTall ? 3 : 1),
  ];
  const head = headLines(history, values, sloSeconds, axis, cursor, width);
  const said = history.notes.join(' · ');
  const notes = said === '' ? [] : isTall ? wrap(said, width - labelWidth).slice(0, 3) : [cut(said, width - labelWidth)];
  const room = Math.max(3, height - head.length - below.length - 1 - notes.length);
  return [
    ...head,
    ...quantileRows(values, sloSeconds, columns, room, cursor),
    axisRow(axis),
    ...below,
    ...notes.map((text, index) => line(label(index === 0 ? 'note' : ''), ['dim', text])),
  ];
}

/** The time that the chart covers: up to the newest moment that was asked for. */
function axisOf({ p95, rangeMs }: LatencyHistory, columns: number): TimeAxis {
  const to = p95.startAt + Math.max(0, p95.values.length - 1) * p95.stepMs;
  return { from: to - rangeMs, to, columns };
}

type Values = Readonly<Record<'p50' | 'p95' | 'p99' | 'requests' | 'gpu' | 'throttled', readonly (number | null)[]>>;

/** The values under the cursor, or the newest, and how much of the objective's budget is burnt. */
function headLines(history: LatencyHistory, values: Values, sloSeconds: number | null, axis: TimeAxis, cursor: number | null, width: number): readonly Line[] {
  const at = cursor ?? axis.columns - 1;
  const span = (name: string, tone: Tone, series: readonly (number | null)[]): Line => {
    const value = series[at] ?? null;
    return line([tone, name], ' ', value === null ? ['dim', '–'] : ['strong', seconds(value)], '   ');
  };
  const requests = values.requests[at] ?? null;
  const gpu = values.gpu[at] ?? null;
  const throttled = values.throttled[at] ?? null;
  const now = line(
    [cursor === null ? 'dim' : 'accent', `${cursor === null ? 'now' : '│'} ${clockTime(timeAt(axis, at))}  `],
    span('p50', curveTones.p50, values.p50),
    span('p95', curveTones.p95, values.p95),
    span('p99', curveTones.p99, values.p99),
    requests === null ? '' : `${rateText(requests)} req/s   `,
    gpu === null ? '' : `GPU ${Math.round(gpu)} %   `,
    throttled !== null && throttled > 0 ? ['warn', '! throttled'] : '',
  );
  return [lineWidth(now) > width ? line(now) : now, objectiveLine(history, values, sloSeconds)];
}

function objectiveLine({ burn }: LatencyHistory, { p95 }: Values, sloSeconds: number | null): Line {
  if (sloSeconds === null) return line(['dim', 'no objective is set: :settings has a place for it']);
  const shown = highOf([p95], sloSeconds) < sloSeconds ? ' (above the chart)' : '';
  if (burn === null) return line(['dim', `objective: 95 % within ${seconds(sloSeconds)}${shown}`]);
  const text = `${Number(burn.toPrecision(2))}× its budget`;
  const verdict: readonly [Tone, string] = burn > 1 ? ['bad', `✗ burns ${text}`] : ['good', `✓ burns ${text}`];
  return line(['dim', `objective: 95 % within ${seconds(sloSeconds)}${shown}   `], verdict);
}

const curveTones = { p50: 'good', p95: 'accent', p99: 'warn' } as const;

function quantileRows(values: Values, sloSeconds: number | null, columns: number, height: number, cursor: number | null): readonly Line[] {
  const curves: readonly Curve[] = [
    { name: 'p99', tone: curveTones.p99, values: values.p99 },
    { name: 'p50', tone: curveTones.p50, values: values.p50 },
    { name: 'p95', tone: curveTones.p95, values: values.p95 },
  ];
  const all = curves.map((curve) => curve.values);
  const empty = all.every((series) => series.every((value) => value === null));
  const high = highOf(all, sloSeconds);
  const frame = { width: columns, height, high, cursor, limit: sloSeconds === null ? null : { value: sloSeconds, name: 'SLO' } };
  const labels = valueLabels(height, high, labelWidth, seconds);
  const names = curveNames(curves, frame);
  const drawn = lineChart(curves, frame);
  return drawn.map((row, index) => {
    const body = empty && index === Math.floor(height / 2) ? line(['dim', fit('  no requests were measured in this time', columns)]) : row;
    return line(empty ? ' '.repeat(labelWidth) : (labels[index] ?? []), body, ' ', names[index] ?? []);
  });
}

function axisRow(axis: TimeAxis): Line {
  return line(['dim', `${' '.repeat(labelWidth - 1)}╰`], axisLine(axis));
}

function requestRows(values: readonly (number | null)[], columns: number, rows: number, cursor: number | null): readonly Line[] {
  if (isUnknown(values)) return [unknownRow('req/s', 'requests are not counted')];
  const most = Math.max(...values.map((value) => value ?? 0));
  return chartRows('req/s', values, columns, rows, most, 'plain', `${rateText(values[cursor ?? columns - 1] ?? Number.NaN)}`, cursor);
}

function gpuRows(values: readonly (number | null)[], columns: number, rows: number, cursor: number | null): readonly Line[] {
  if (isUnknown(values)) return [unknownRow('GPU', 'how busy the GPUs of its nodes were is not known')];
  const value = values[cursor ?? columns - 1] ?? null;
  return chartRows('GPU', values, columns, rows, 100, 'good', value === null ? '–' : `${Math.round(value)} %`, cursor);
}

/** Levels from 0 to `high` in one row of blocks, or in braille over several; a column without a value is blank. */
function chartRows(
  name: string,
  values: readonly (number | null)[],
  columns: number,
  rows: number,
  high: number,
  tone: Tone,
  shown: string,
  cursor: number | null,
): readonly Line[] {
  const drawn =
    rows === 1
      ? [sparkline(values, columns, { high })]
      : areaChart(
          values.flatMap((value) => [value, value]),
          columns,
          rows,
          { high },
        );
  return drawn.map((text, index) => {
    const isLast = index === drawn.length - 1;
    return line(label(isLast ? name : ''), withCursor(text, tone, cursor), isLast ? [tone, ` ${cut(shown === 'NaN' ? '–' : shown, rightWidth - 1)}`] : '');
  });
}

function throttleRow(values: readonly (number | null)[], columns: number, cursor: number | null): Line {
  if (isUnknown(values)) return unknownRow('throttled', 'not known');
  const text = values.slice(0, columns).map((value) => (value === null ? ' ' : value > 0 ? '!' : '·'));
  const row = text.map((character) => ({ text: character, tone: character === '!' ? ('bad' as const) : ('dim' as const) }));
  const marked = cursor === null ? row : row.map((cell, index) => (index === cursor ? { ...cell, tone: 'selected' as const } : cell));
  return line(label('throttled'), marked);
}

/** `▲` where a rollout began, its words beside it; words that would run into others go a row further down. */
function rolloutRows({ rollouts }: LatencyHistory, axis: TimeAxis, most: number): readonly Line[] {
  const marks = rollouts.flatMap(({ at, text }) => {
    const column = columnAt(axis, at);
    return column === null ? [] : [placedMark(column, text, axis.columns)];
  });
  if (marks.length === 0) return [line(label('rollouts'), ['dim', 'none in this time'])];
  const rows: Mark[][] = [];
  // The newest says most: it is placed first.
  for (const mark of marks.toReversed()) {
    const free = rows.find((row) => row.every((other) => mark.start > other.start + other.width || other.start > mark.start + mark.width));
    if (free !== undefined) free.push(mark);
    else if (rows.length < most) rows.push([mark]);
  }
  return rows.map((row, index) => {
    let column = 0;
    const parts = row
      .sort((left, right) => left.start - right.start)
      .map(({ start, width, text }) => {
        const gap = ' '.repeat(Math.max(0, start - column));
        column = start + width;
        return `${gap}${text}`;
      });
    return line(label(index === 0 ? 'rollouts' : ''), ['accent', parts.join('')]);
  });
}

interface Mark {
  readonly start: number;
  readonly width: number;
  readonly text: string;
}

/** The words at the right of the mark, or where there is more room at its left. */
function placedMark(column: number, text: string, columns: number): Mark {
  const isRight = columns - column >= Math.min(column, widthOf(text) + 2);
  const words = cut(text, Math.max(0, (isRight ? columns - column : column) - 2));
  const width = widthOf(words) + 2;
  return isRight ? { start: column, width, text: `▲ ${words}` } : { start: column - width + 1, width, text: `${words} ▲` };
}

function isUnknown(values: readonly (number | null)[]): boolean {
  return values.every((value) => value === null);
}

function unknownRow(name: string, why: string): Line {
  return line(label(name), ['dim', why]);
}

function label(name: string): Line {
  return line(['dim', `${pad(name, labelWidth - 1, 'left')} `]);
}

function withCursor(text: string, tone: Tone, cursor: number | null): Line {
  if (cursor === null || cursor >= text.length) return line([tone, text]);
  return line([tone, text.slice(0, cursor)], ['selected', text.charAt(cursor)], [tone, text.slice(cursor + 1)]);
}
