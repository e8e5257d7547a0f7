import { describe, expect, it } from 'vitest';
import { amountOf, bytes, count } from '../../src/text/amount.js';

describe('amounts', () => {
  it('of bytes go up a unit when they reach it', () => {
    expect([0, 512, 1008 * 2 ** 30, 13.24 * 2 ** 30, 1.5 * 2 ** 40].map(bytes)).toEqual(['0 B', '512 B', '1008 GiB', '13.2 GiB', '1.5 TiB']);
  });

  it('have the unit of their resource', () => {
    expect([amountOf('memory', 2 ** 39), amountOf('cpu', 0.25), amountOf('cpu', 64), amountOf('pods', 110)]).toEqual(['512 GiB', '250m', '64', '110']);
    expect(count(10214)).toBe('10,214');
  });
});
