import { describe, expect, it } from 'vitest';
import { lineWidth } from '../../../../src/text/line.js';
import { codeLines, diffLines } from '../../../../views/screens/setup/code-lines.js';
import { matrixLayout, shortNames } from '../../../../views/screens/setup/matrix-layout.js';
import { columnOf } from '../../../../views/screens/setup/matrix-rows.js';
import { aStep } from '../../../builders/setup.js';

const ids = ['swap-off', 'kube-prometheus-stack', 'containerd-config'];

describe('the layout of the matrix', () => {
  it('has titles and words where there is room, then words, then signs', () => {
    expect(matrixLayout(116, ids, 4, 0)).toMatchObject({ words: true, from: 0, to: 4 });
    expect(matrixLayout(116, ids, 4, 0).title).toBeGreaterThan(20);
    expect(matrixLayout(76, ids, 4, 0)).toMatchObject({ words: true, title: 0 });
    expect(matrixLayout(76, ids, 9, 0)).toMatchObject({ words: false, from: 0, to: 9 });
  });

  it('moves along with the cursor where not all hosts fit', () => {
    const first = matrixLayout(76, ids, 40, 0);
    expect(first.from).toBe(0);
    expect(first.to).toBeLessThan(40);
    const last = matrixLayout(76, ids, 40, 39);
    expect(last.to).toBe(40);
  });

  it('never takes more than it has', () => {
    for (const width of [76, 90, 116, 196])
      for (const columns of [0, 1, 3, 4, 9, 20, 51]) {
        const { id, title, cell, from, to } = matrixLayout(width, ids, columns, 0);
        expect(2 + id + 1 + (title === 0 ? 0 : title + 1) + (to - from) * cell, `${columns} columns in ${width}`).toBeLessThanOrEqual(width);
      }
  });

  it('tells hosts apart by their ends where they begin alike', () => {
    expect(shortNames(['gpu-node-1', 'gpu-node-2', 'cluster'], 4)).toEqual(['…e-1', '…e-2', 'clu…']);
    expect(shortNames(['a', 'gpu-1'], 8)).toEqual(['a', 'gpu-1']);
  });

  it('keeps the cursor on a host where the step is done', () => {
    const columns = ['head', 'gpu-1', 'gpu-2', 'cluster'];
    expect(columnOf(aStep({ id: 'x', on: ['gpu-1', 'gpu-2'] }), columns, 0)).toBe(1);
    expect(columnOf(aStep({ id: 'x', on: ['gpu-1', 'gpu-2'] }), columns, 3)).toBe(2);
    expect(columnOf(aStep({ id: 'x', on: ['cluster'] }), columns, 1)).toBe(3);
  });
});

describe('commands on a page', () => {
  it('keep their indent, and go on below where they are too long', () => {
    const lines = codeLines(['if true; then', `  curl -fsSL ${'https://example.org/very/long/path '.repeat(3)}`, 'fi'], 50).map((row) =>
      row.map(({ text }) => text).join(''),
    );
    expect(lines[0]).toBe('  if true; then');
    expect(lines[1]).toBe('    curl -fsSL https://example.org/very/long/path');
    expect(lines[2]?.startsWith('        https://')).toBe(true);
    expect(lines.at(-1)).toBe('  fi');
  });

  it('never get wider than the page, whatever they are made of', () => {
    for (const text of ['x'.repeat(500), '漢字'.repeat(100), `${' '.repeat(300)}end`, '\t\t\ta\x1b[31mb'])
      for (const row of [...codeLines([text], 40), ...diffLines([`+${text}`], 40)]) expect(lineWidth(row)).toBeLessThanOrEqual(40);
  });
});
