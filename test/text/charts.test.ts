import { describe, expect, it } from 'vitest';
import { bar } from '../../src/text/bar.js';
import { sparkline } from '../../src/text/sparkline.js';

describe('a bar', () => {
  it('fills by its share', () => {
    expect([bar(0, 5), bar(0.42, 5), bar(1, 5)]).toEqual(['░░░░░', '▆▆░░░', '▆▆▆▆▆']);
  });

  it('shows that there is something, and holds what is out of range', () => {
    expect([bar(0.01, 5), bar(7, 5), bar(-1, 5), bar(Number.NaN, 5)]).toEqual(['▆░░░░', '▆▆▆▆▆', '░░░░░', '░░░░░']);
  });
});

describe('a sparkline', () => {
  it('shows the last samples on a scale from nothing to the most', () => {
    expect(sparkline([99, 0, 5, 10], 3)).toBe('▁▅█');
  });

  it('leaves gaps for samples that are missing and stands at the right', () => {
    expect(sparkline([0, null, 10], 5)).toBe('  ▁ █');
  });

  it('draws a constant series and no series at all', () => {
    expect(sparkline([0, 0], 2)).toBe('▁▁');
    expect(sparkline([], 3)).toBe('   ');
  });
});
