/** Numbers from 0 up to and without 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What foreign text has been seen to hold, and what has broken parsers before. */
const nasty = [
  '\x1b[2J\x1b[31m',
  '\x1b]52;c;aGk=\x07',
  '\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\',
  '\x9b5A',
  '\x00',
  '\u202e\u2066',
  '\u200b\u200d\ufeff',
  '\ud800',
  '\u2028\r\n\t',
  '__proto__',
  'constructor',
  `$\{x}`,
  '%s%n',
  '-1',
  '1e309',
  'NaN',
  '+Inf',
  '9007199254740993',
  '0x7fffffffffffffff',
  '-0',
  '[N/A]',
  '[Unknown Error]',
  '&lt;&#x1b;&amp;',
  '<!ENTITY a "aaaa">',
  '<![CDATA[',
  ']]>',
  '{}',
  '[]',
  'null',
  '""',
  '\\u001b',
  '&a [*a]',
  '!!js/function',
  '? :',
  '<<: *x',
  '999999999999Ei',
  '1n',
] as const;

/** A changed copy of one of the seeds: bytes flipped, pieces cut, doubled, swapped between seeds, numbers and nasty words put in; at most `limit` characters. */
export function mutated(seeds: readonly string[], random: () => number, limit = 64 * 1024): string {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  let text = pick(seeds) ?? '';
  const rounds = 1 + Math.floor(random() * 6);
  for (let round = 0; round < rounds; round += 1) {
    const from = Math.floor(random() * (text.length + 1));
    const to = Math.min(text.length, from + Math.floor(random() ** 3 * text.length));
    const part = text.slice(from, to);
    const how = Math.floor(random() * 9);
    if (how === 0) text = text.slice(0, from) + text.slice(to);
    else if (how === 1) text = text.slice(0, from) + part.repeat(1 + Math.floor(random() * 4)) + text.slice(from);
    else if (how === 2) text = text.slice(0, from) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(from + 1);
    else if (how === 3) text = text.slice(0, from) + (pick(nasty) ?? '') + text.slice(from);
    else if (how === 4) text = text.slice(0, from) + (pick(nasty) ?? '') + text.slice(to);
    else if (how === 5) text = text.slice(0, to);
    else if (how === 6) text = numberReplaced(text, from, pick(nasty) ?? '');
    else if (how === 7) text = spliced(text, from, pick(seeds) ?? '', random);
    else text = linesSwapped(text, random);
  }
  return text.slice(0, limit);
}

function numberReplaced(text: string, from: number, by: string): string {
  const found = /-?\d+(?:\.\d+)?/.exec(text.slice(from));
  return found === null ? text : text.slice(0, from + found.index) + by + text.slice(from + found.index + found[0].length);
}

function spliced(text: string, from: number, other: string, random: () => number): string {
  return text.slice(0, from) + other.slice(Math.floor(random() * other.length));
}

function linesSwapped(text: string, random: () => number): string {
  const lines = text.split('\n');
  const [one, two] = [Math.floor(random() * lines.length), Math.floor(random() * lines.length)];
  [lines[one], lines[two]] = [lines[two] ?? '', lines[one] ?? ''];
  return lines.join('\n');
}
