import { expect, test } from 'vitest';
import { age, clock, clockOffset, duration, parseDuration, parseTime } from '../../src/text/age.js';

const s = 1000;
const m = 60 * s;
const h = 60 * m;
const d = 24 * h;

test.each([
  [-5 * s, '0s'],
  [0, '0s'],
  [38 * s, '38s'],
  [119 * s, '119s'],
  [2 * m, '2m'],
  [4 * m + 12 * s, '4m12s'],
  [10 * m + 30 * s, '10m'],
  [179 * m, '179m'],
  [3 * h, '3h'],
  [3 * h + 5 * m, '3h5m'],
  [17 * h + 50 * m, '17h'],
  [47 * h, '47h'],
  [2 * d + 3 * h, '2d3h'],
  [31 * d + 5 * h, '31d'],
  [729 * d, '729d'],
  [760 * d, '2y30d'],
  [9 * 365 * d, '9y'],
])('%i ms is shown as kubectl would: %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
  expect(age(1e12, 1e12 + ms)).toBe(text);
});

test('the clock since an event has a sign and grows hours when needed', () => {
  expect([38 * s, 80 * s, 600 * s, 3725 * s].map(clockOffset)).toEqual(['+0:38', '+1:20', '+10:00', '+1:02:05']);
  expect(clockOffset(-5 * s)).toBe('-0:05');
  expect(clock(252 * s)).toBe('4:12');
});

test.each([
  ['10m', 10 * m],
  ['2m30s', 150 * s],
  ['1h', h],
  ['1.5h', 90 * m],
  ['250ms', 250],
  ['2d', 2 * d],
  [' 5s ', 5 * s],
  ['0', 0],
  ['15', null],
  ['', null],
  ['m', null],
  ['10 m', null],
  ['-5m', null],
  ['1h junk', null],
])('a person who types "%s" means %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test('times are read as the API writes them, and Go’s zero time is no time', () => {
  expect(parseTime('2026-11-02T14:02:11Z')).toBe(Date.UTC(2026, 10, 2, 14, 2, 11));
  expect(parseTime('2026-11-02T14:02:11.123456Z')).toBe(Date.UTC(2026, 10, 2, 14, 2, 11, 123));
  for (const none of ['0001-01-01T00:00:00Z', 'yesterday', null, undefined, 7]) expect(parseTime(none)).toBeNull();
});
