import { describe, expect, it } from 'vitest';
import { line } from '../../src/text/line.js';
import { widthOf } from '../../src/text/width.js';
import { degrade, glyphLevel } from '../../views/glyphs.js';
import { paint } from '../../views/theme.js';

describe('shapes', () => {
  it('go by the locale and the terminal', () => {
    expect(glyphLevel({ LANG: 'de_DE.UTF-8', TERM: 'xterm' })).toBe('unicode');
    expect(glyphLevel({ LANG: 'C.utf8', TERM: 'linux' })).toBe('console');
    expect(glyphLevel({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe('ascii');
    expect(glyphLevel({ LANG: 'de_DE.ISO-8859-1' })).toBe('ascii');
    expect(glyphLevel({})).toBe('ascii');
    expect(glyphLevel({ TERM: 'xterm-256color' })).toBe('unicode');
    expect(glyphLevel({ TERM: 'putty', LANG: 'C' })).toBe('unicode');
    expect(glyphLevel({ TERM: 'screen' })).toBe('ascii');
    expect(glyphLevel({ TERM: 'tmux-256color', TMUX: '/tmp/tmux-0/default,1,0' })).toBe('ascii');
    expect(glyphLevel({ TERM: 'linux' })).toBe('ascii');
  });

  it('lose no column when they are drawn with less', () => {
    for (const text of ['╭─ Nodes ───╮', '✓ ready ✗ · ● ▆▆░ ▁▂▃▄▅▆▇█', '漢字 👍 ⣿⡀', '61 °C → ×2 …']) {
      for (const level of ['ascii', 'console'] as const) expect(widthOf(degrade(text, level))).toBe(widthOf(text));
    }
  });

  it('are all ASCII where only ASCII can be drawn', () => {
    expect(degrade('╭─ ✓ ✗ ! · ● ▆░ 漢 é', 'ascii')).toBe('+- + x ! . * #. ?? ?');
  });

  it('are boxes and blocks on the plain Linux console', () => {
    expect(degrade('╭─╮│╰╯ ✓ ▆▆░ 61 °C', 'console')).toBe('┌─┐│└┘ + ██░ 61 °C');
  });
});

describe('tones', () => {
  it('switch off what they switch on', () => {
    expect(paint(line('a', ['bad', 'b'], ['title', 'c'], ['selected', 'd']), { glyphs: 'unicode', colors: true })).toBe(
      'a\x1b[31mb\x1b[39m\x1b[1;36mc\x1b[39;22m\x1b[30;46md\x1b[49;39m',
    );
  });

  it('are bold and inverse without colours', () => {
    expect(paint(line(['good', 'a'], ['bad', 'b'], ['selected', 'c']), { glyphs: 'unicode', colors: false })).toBe('a\x1b[1mb\x1b[22m\x1b[7mc\x1b[27m');
  });
});
