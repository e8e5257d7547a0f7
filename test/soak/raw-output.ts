import { plantedClipboard } from './hostile-text.js';

/** What a program writes to its terminal, looked at sequence by sequence. */
export interface RawOutput {
  /** Takes the next piece; the first thing in it that a terminal must not get, or null. */
  take(piece: string): string | null;
  /** Private modes (`?25`, `?1049`, …) that are set now, and those that were ever switched. */
  modes(): ReadonlyMap<string, boolean>;
  readonly characters: number;
}

/** Nothing but the few sequences that the screen is painted with may pass: all else can only come from foreign text. */
export function rawOutput(): RawOutput {
  const modes = new Map<string, boolean>();
  let rest = '';
  let characters = 0;
  return {
    take(piece) {
      characters += piece.length;
      const text = rest + piece;
      rest = '';
      for (let at = 0; at < text.length; ) {
        const start = text.indexOf('\x1b', at);
        const plain = text.slice(at, start < 0 ? undefined : start);
        const unsafe = invisible.exec(plain);
        if (unsafe !== null) return told('an invisible character', text, at + unsafe.index);
        if (start < 0) break;
        sequence.lastIndex = start;
        const [found] = sequence.exec(text) ?? [];
        if (found === undefined) {
          if (text.length - start > longest) return told('a sequence without an end', text, start);
          rest = text.slice(start);
          break;
        }
        if (!isOwn(found)) return told('a foreign sequence', text, start);
        const [, mode, set] = privateMode.exec(found) ?? [];
        if (mode !== undefined) modes.set(mode, set === 'h');
        at = start + found.length;
      }
      return null;
    },
    modes: () => modes,
    get characters() {
      return characters;
    },
  };
}

/** Longer than the longest text that is copied. */
const longest = 200_000;

const sequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-OQ-WYZ\\`-~])/y;
const privateMode = /^\x1b\[(\?\d+)([hl])$/;

/** But for line ends, which have no width. */
const invisible = /(?![\r\n])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u;

function isOwn(found: string): boolean {
  if (/^\x1b\[\d*(?:;\d+)?[A-HJK]$/.test(found) || /^\x1b\[\?(?:25|1049|2004|2026)[hl]$/.test(found)) return true;
  const [, colours] = /^\x1b\[([\d;]*)m$/.exec(found) ?? [];
  // Blinking, hidden and struck out is nothing here.
  if (colours !== undefined)
    return !colours
      .replace(/[34]8;(?:5;\d+|2;\d+;\d+;\d+)/g, '')
      .split(';')
      .some((code) => ['5', '6', '8', '9', '21', '53'].includes(code));
  const [, copied] = /^\x1b\]52;c;([A-Za-z0-9+/=]*)\x07$/.exec(found) ?? [];
  return copied !== undefined && copied !== plantedClipboard && !invisible.test(Buffer.from(copied, 'base64').toString());
}

function told(what: string, text: string, at: number): string {
  return `${what} at …${JSON.stringify(text.slice(Math.max(0, at - 60), at))} ⟶ ${JSON.stringify(text.slice(at, at + 60))}`;
}
