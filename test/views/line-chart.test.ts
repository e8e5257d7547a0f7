import { describe, expect, it } from 'vitest';
import type { Line } from '../../src/text/line.js';
import { curveNames, lineChart, roundHigh, valueLabels } from '../../views/widgets/line-chart.js';
import { axisLine, columnAt, columnsOf, timeAt } from '../../views/widgets/time-axis.js';

process.env['TZ'] = 'UTC';

function text(rows: readonly Line[]): readonly string[] {
  return rows.map((row) => row.map((segment) => segment.text).join(''));
}

describe('a line chart', () => {
  const frame = { width: 8, height: 5, high: 4 };

  it('draws a curve over the whole height, with a gap where a value is missing', () => {
    expect(text(lineChart([{ name: 'p95', tone: 'plain', values: [0, 0, 4, 4, null, null, 2, 2] }], frame))).toEqual([
      '  ╭─    ',
      '  │     ',
      '  │   ──',
      '  │     ',
      '──╯     ',
    ]);
  });

  it('keeps a constant curve at its height and a lonely value visible', () => {
    expect(text(lineChart([{ name: 'p95', tone: 'plain', values: [1, 1, null, 3] }], frame))).toEqual([
      '        ',
      '   ─    ',
      '        ',
      '──      ',
      '        ',
    ]);
  });

  it('holds what is too high at its top and draws nothing where nothing is known', () => {
    expect(text(lineChart([{ name: 'p95', tone: 'plain', values: [9, Number.NaN] }], frame))[0]).toBe('─       ');
    expect(
      text(lineChart([{ name: 'p95', tone: 'plain', values: [] }], frame))
        .join('')
        .trim(),
    ).toBe('');
  });

  it('marks the limit and the cursor behind the curves', () => {
    const rows = lineChart([{ name: 'p95', tone: 'plain', values: [2, 2] }], { ...frame, limit: { value: 3, name: 'SLO' }, cursor: 5 });
    expect(text(rows)).toEqual(['     │  ', '- - -│- ', '──   │  ', '     │  ', '     │  ']);
  });

  it('names its curves where they end, each in a row of its own', () => {
    const curves = [1, 1.1, 4].map((value) => ({ name: `at ${value}`, tone: 'plain' as const, values: [value] }));
    expect(text(curveNames(curves, frame))).toEqual(['at 4', '', 'at 1', 'at 1.1', '']);
  });

  it('has round values on its axis', () => {
    expect(roundHigh([0.034, null, 0.0811])).toBeCloseTo(0.1);
    expect(roundHigh([1.3])).toBe(1.6);
    expect(roundHigh([null])).toBe(1);
    expect(text(valueLabels(5, 4, 6, String))).toEqual(['   4 ┤', '     │', '   2 ┤', '     │', '   0 ┤']);
  });
});

describe('a time axis', () => {
  const axis = { from: 0, to: 600_000, columns: 10 };

  it('takes the largest of the samples in a column, or their mean, and keeps gaps', () => {
    const series = { startAt: 15_000, stepMs: 15_000, values: [1, 2, 3, 4, null, null, null, null, 9, null, null, null] };
    expect(columnsOf(series, axis, 'max').slice(0, 4)).toEqual([4, null, 9, null]);
    expect(columnsOf(series, axis, 'mean')[0]).toBe(2.5);
  });

  it('holds a sample until the next where they are further apart than columns', () => {
    const series = { startAt: 120_000, stepMs: 120_000, values: [1, 2, 3, 4, 5] };
    expect(columnsOf(series, axis, 'max')).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });

  it('finds the column of a moment', () => {
    expect(columnAt(axis, 61_000)).toBe(1);
    expect(columnAt(axis, 600_000)).toBe(9);
    expect(columnAt(axis, 600_001)).toBe(null);
    expect(timeAt(axis, 9)).toBe(600_000);
  });

  it('writes the times of day at their places', () => {
    expect(text([axisLine({ from: 0, to: 3_600_000, columns: 60 })])[0]).toBe('─────────── 00:15 ──────── 00:30 ──────── 00:45 ────────────');
  });
});
