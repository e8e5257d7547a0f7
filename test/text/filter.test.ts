import { describe, expect, it } from 'vitest';
import { applyFilter, parseFilter } from '../../src/text/filter.js';

const rows = ['gpu-1 ready', 'gpu-2 notready diskpressure', 'controlplane ready'];
const kept = (text: string) => applyFilter(parseFilter(text), rows, (row) => row).rows;

describe('a filter', () => {
  it('keeps rows with all of its words, whatever their case', () => {
    expect(kept('GPU ready')).toEqual([rows[0], rows[1]]);
    expect(kept('disk gpu')).toEqual([rows[1]]);
    expect(kept('')).toEqual(rows);
  });

  it('leaves out rows with a word after !', () => {
    expect(kept('ready !notready')).toEqual([rows[0], rows[2]]);
    expect(kept('!gpu')).toEqual([rows[2]]);
    expect(kept('!')).toEqual(rows);
  });

  it('takes a regular expression between slashes, also before the second is typed', () => {
    expect(kept('/^gpu-[12]/')).toEqual([rows[0], rows[1]]);
    expect(kept('/plane r')).toEqual([rows[2]]);
    expect(kept('/')).toEqual(rows);
  });

  it('says what is wrong with a pattern and keeps all rows', () => {
    const { rows: all, why } = applyFilter(parseFilter('/gpu(/'), rows, (row) => row);
    expect(all).toEqual(rows);
    expect(why).toMatch(/^not a regular expression: unterminated group/);
    expect(applyFilter(parseFilter(`/${'a'.repeat(300)}/`), rows, (row) => row).why).toMatch(/200 characters/);
  });

  it('gives up on a pattern that would freeze the screen', () => {
    const began = performance.now();
    const { why } = applyFilter(parseFilter('/^(a+)+$/'), [`${'a'.repeat(60)}b`], (row) => row);
    expect(why).toBe('this pattern takes too long');
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
