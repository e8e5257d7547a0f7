import { clean } from '../../../src/text/clean.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { cut, widthOf } from '../../../src/text/width.js';

/** Lines of a script or a file: indented as they are; what is too long goes on below, further in. Comments are dimmed. */
export function codeLines(texts: readonly string[], width: number, indent = 2): readonly Line[] {
  return texts.flatMap((text) => {
    const row = clean(text.replaceAll('\t', '  '), 2000).trimEnd();
    const tone: Tone = /^\s*#/.test(row) ? 'dim' : 'plain';
    return broken(row, width - indent).map((part) => line(' '.repeat(indent), [tone, part]));
  });
}

/** Lines of `diff -u`: what is there, what should be. */
export function diffLines(texts: readonly string[], width: number): readonly Line[] {
  return texts.flatMap((text) => {
    const row = clean(text.replaceAll('\t', '  '), 2000).trimEnd();
    const tone: Tone = /^(?:---|\+\+\+|@@)/.test(row) ? 'dim' : row.startsWith('+') ? 'good' : row.startsWith('-') ? 'bad' : 'plain';
    return broken(row, width - 2).map((part) => line('  ', [tone, part]));
  });
}

function broken(row: string, width: number): readonly string[] {
  if (widthOf(row) <= width) return [row];
  const inner = Math.min((/^\s*/.exec(row)?.[0].length ?? 0) + 4, Math.floor(width / 2));
  const parts: string[] = [];
  for (let rest = row; rest !== ''; ) {
    const lead = parts.length === 0 ? '' : ' '.repeat(inner);
    const room = width - lead.length;
    if (widthOf(rest) <= room) {
      parts.push(lead + rest);
      break;
    }
    const head = cut(rest, room, '');
    const blank = head.lastIndexOf(' ');
    const at = blank > room / 2 ? blank + 1 : head.length;
    // A cluster wider than the line would stay forever.
    if (at === 0) return parts;
    parts.push(lead + rest.slice(0, at).trimEnd());
    rest = rest.slice(at);
  }
  return parts;
}
