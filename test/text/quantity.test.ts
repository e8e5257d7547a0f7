import { expect, test } from 'vitest';
import { parseQuantity, quantityOrNull } from '../../src/text/quantity.js';

test.each([
  ['0', 0],
  ['64', 64],
  ['1e3', 1000],
  ['1E3', 1000],
  ['12E', 12e18],
  ['12e', null],
  ['4Gi', 4 * 2 ** 30],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['100m', 0.1],
  ['250m', 0.25],
  ['100n', 1e-7],
  ['5u', 5e-6],
  ['3k', 3000],
  ['-1', -1],
  ['+2', 2],
  ['.5', 0.5],
  ['5.', 5],
  ['2E-1', 0.2],
  ['129M', 129e6],
  ['128974848', 128974848],
  ['', null],
  ['GPU', null],
  ['1 Gi', null],
  ['1Qi', null],
  ['0x10', null],
  ['1e999', null],
  ['--1', null],
  ['Infinity', null],
])('%s is %s', (text, value) => {
  expect(quantityOrNull(text)).toBe(value);
});

test('a JSON number is its own quantity; anything else is none', () => {
  expect(quantityOrNull(8)).toBe(8);
  for (const value of [null, undefined, {}, [], true, Number.NaN]) expect(quantityOrNull(value)).toBeNull();
});

test('what is wrong with it is told in a sentence that is safe to show', () => {
  expect(parseQuantity('1Qi')).toEqual({ ok: false, why: '"1Qi" is not a quantity: unknown suffix Qi' });
  expect(parseQuantity('\u001b[31mlots')).toEqual({ ok: false, why: '"lots" is not a quantity' });
  const long = parseQuantity('x'.repeat(10_000));
  expect(long.ok === false && long.why.length).toBeLessThan(120);
});
