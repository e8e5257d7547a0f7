import { describe, expect, it } from 'vitest';
import { lineWidth } from '../../src/text/line.js';
import { activeBindings, type Binding, bindings, keyNames } from '../../views/keys.js';
import { helpLines } from '../../views/screens/Help.js';

describe('keys', () => {
  it('held down arrive in one piece and are told apart', () => {
    expect(keyNames('jjj', {})).toEqual(['j', 'j', 'j']);
    expect(keyNames('G\r', {})).toEqual(['G', 'enter']);
    expect(keyNames('a b', {})).toEqual(['a', 'space', 'b']);
  });

  it('are named alike whichever way the terminal sends them', () => {
    expect(keyNames('h', { ctrl: true })).toEqual(['backspace']);
    expect(keyNames('\x7f', {})).toEqual(['backspace']);
    expect(keyNames('\n', {})).toEqual(['enter']);
    expect(keyNames('f', { ctrl: true })).toEqual(['ctrl-f']);
    expect(keyNames('\x06', {})).toEqual(['ctrl-f']);
    expect(keyNames('', { tab: true, shift: true })).toEqual(['shift-tab']);
    expect(keyNames('', { pageDown: true })).toEqual(['pgdn']);
  });

  it('with no meaning here, such as F-keys, are nothing', () => {
    expect(keyNames('', {})).toEqual([]);
    expect(keyNames('x', { meta: true })).toEqual([]);
  });

  it('mean one thing at a time in any place', () => {
    for (const places of [
      ['any', 'rows', 'object', 'smi', 'page', 'filtered', 'panels'],
      ['any', 'text', 'object', 'smi', 'wide', 'found', 'page'],
      ['setting'],
      ['filter'],
      ['palette'],
      ['search'],
    ] as const) {
      const keys = activeBindings(new Set(places), new Set(['write'])).flatMap((binding) => binding.keys);
      expect(new Set(keys).size, places.join(' ')).toBe(keys.length);
    }
  });

  it('that change something are not there in a read-only session', () => {
    const scale: Binding = { id: 'mark', keys: ['s'], label: 'scale', where: ['rows'], needs: 'write', group: 'Look', help: 'scale it' };
    expect(activeBindings(new Set(['rows']), new Set(['write']), [scale])).toEqual([scale]);
    expect(activeBindings(new Set(['rows']), new Set(), [scale])).toEqual([]);
    const help = (readOnly: boolean) => JSON.stringify(helpLines(76, readOnly, false, [...bindings, scale]));
    expect(help(false)).toContain('scale it');
    expect(help(true)).not.toContain('scale it');
  });

  it('are all explained on a help page that fits 80×24', () => {
    const lines = helpLines(76, false);
    expect(lines.length).toBeLessThanOrEqual(19);
    for (const row of lines) expect(lineWidth(row)).toBeLessThanOrEqual(76);
    const text = JSON.stringify(lines);
    expect(text).not.toContain('…"');
    for (const { help, group } of bindings) if (help !== null && group !== 'Setup') expect(text).toContain(help);
  });

  it('of guided setup are explained first where it is looked at', () => {
    const lines = helpLines(76, false, true);
    for (const row of lines) expect(lineWidth(row)).toBeLessThanOrEqual(76);
    const text = JSON.stringify(lines);
    expect(text).not.toContain('…"');
    for (const { help } of bindings) if (help !== null) expect(text).toContain(help);
    expect(lines[0]?.some(({ text: title }) => title === 'Setup')).toBe(true);
  });
});
