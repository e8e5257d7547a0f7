import { clean } from '../src/text/clean.js';
import { graphemesOf } from '../src/text/graphemes.js';

/** A line being typed; `cursor` counts characters (grapheme clusters) from the left. */
export interface TextInput {
  readonly text: string;
  readonly cursor: number;
}

export const emptyInput: TextInput = { text: '', cursor: 0 };

export function inputOf(text: string): TextInput {
  return { text, cursor: graphemesOf(text).length };
}

/** The line after one key, named as in keys.ts; null where the key edits nothing. */
export function editInput(input: TextInput, key: string): TextInput | null {
  const { cursor } = input;
  const characters = graphemesOf(input.text);
  switch (key) {
    case 'backspace':
      return at([...characters.slice(0, Math.max(0, cursor - 1)), ...characters.slice(cursor)], cursor - 1);
    case 'delete':
      return at([...characters.slice(0, cursor), ...characters.slice(cursor + 1)], cursor);
    case 'left':
      return at(characters, cursor - 1);
    case 'right':
      return at(characters, cursor + 1);
    case 'home':
    case 'ctrl-a':
      return at(characters, 0);
    case 'end':
    case 'ctrl-e':
      return at(characters, characters.length);
    case 'ctrl-u':
      return at(characters.slice(cursor), 0);
    case 'ctrl-k':
      return at(characters.slice(0, cursor), cursor);
    case 'ctrl-w': {
      const kept = graphemesOf(
        characters
          .slice(0, cursor)
          .join('')
          .replace(/\S*\s*$/, ''),
      );
      return at([...kept, ...characters.slice(cursor)], kept.length);
    }
    case 'space':
      return insertText(input, ' ');
    default:
      // A terminal without bracketed paste types what is pasted: what nobody can see is left out here, too.
      return graphemesOf(key).length === 1 ? insertText(input, clean(key)) : null;
  }
}

/** The line with text put in at the cursor, as a paste does it. */
export function insertText(input: TextInput, text: string): TextInput {
  const characters = graphemesOf(input.text);
  const added = graphemesOf(text);
  const room = Math.max(0, longestInput - characters.length);
  return at([...characters.slice(0, input.cursor), ...added.slice(0, room), ...characters.slice(input.cursor)], input.cursor + Math.min(added.length, room));
}

const longestInput = 500;

function at(characters: readonly string[], cursor: number): TextInput {
  return { text: characters.join(''), cursor: Math.min(characters.length, Math.max(0, cursor)) };
}
