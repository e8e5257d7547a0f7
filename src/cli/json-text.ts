/** JSON for programs that a terminal can take too: what does not show is written as its escape, which means the same. `indent` 0: one line. */
export function jsonText(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent);
  return `${text.replace(hidden, (character) => Array.from({ length: character.length }, (_, place) => escapeOf(character, place)).join(''))}\n`;
}

/** JSON itself escapes what is below U+0020. */
const hidden = /[\x7f-\x9f\u2028\u2029\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

function escapeOf(character: string, place: number): string {
  return `\\u${character.charCodeAt(place).toString(16).padStart(4, '0')}`;
}
