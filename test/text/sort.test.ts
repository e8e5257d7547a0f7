import { describe, expect, it } from 'vitest';
import { sortRows } from '../../src/text/sort.js';

describe('sorting', () => {
  it('counts as people do', () => {
    expect(sortRows(['gpu-10', 'gpu-2', 'gpu-1'], (name) => name, false)).toEqual(['gpu-1', 'gpu-2', 'gpu-10']);
  });

  it('goes by value and keeps what is not known last, either way', () => {
    const rows = [{ free: 8 }, { free: null }, { free: 10 }, { free: -1 }];
    expect(sortRows(rows, ({ free }) => free, false).map(({ free }) => free)).toEqual([-1, 8, 10, null]);
    expect(sortRows(rows, ({ free }) => free, true).map(({ free }) => free)).toEqual([10, 8, -1, null]);
  });

  it('keeps the order of equals', () => {
    const rows = [
      { name: 'b', at: 1 },
      { name: 'a', at: 1 },
    ];
    expect(sortRows(rows, ({ at }) => at, true).map(({ name }) => name)).toEqual(['b', 'a']);
  });
});
