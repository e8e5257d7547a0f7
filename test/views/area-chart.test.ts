import { describe, expect, it } from 'vitest';
import { areaChart } from '../../views/widgets/area-chart.js';

describe('an area chart', () => {
  it('draws two samples a column and four levels a row, from the bottom up', () => {
    expect(areaChart([0, 25, 50, 75, 100, 100], 3, 1, { high: 100 })).toEqual(['⣀⣴⣿']);
    expect(areaChart([50, 100], 1, 2, { high: 100 })).toEqual(['⢸', '⣿']);
  });

  it('tells nothing seen from nothing there', () => {
    expect(areaChart([null, 0, null, null], 2, 1, { high: 100 })).toEqual(['⢀ ']);
  });

  it('stands at the right where there are fewer samples than columns', () => {
    expect(areaChart([100, 100], 3, 1, { high: 100 })).toEqual(['  ⣿']);
  });

  it('holds what is out of range to its edges', () => {
    expect(areaChart([-5, 900], 1, 1, { high: 100 })).toEqual(['⣸']);
    expect(areaChart([5, 5], 1, 1, { high: 0 })).toEqual(['⣀']);
  });
});
