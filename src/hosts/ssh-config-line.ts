/** One line of an OpenSSH configuration file. */
export interface ConfigLine {
  /** Lower case. */
  readonly keyword: string;
  readonly args: readonly string[];
}

/**
 * `Keyword value …` or `Keyword=value`; values with blanks stand in double quotes; `#` starts a comment between words. null for an empty line,
 * `broken` where a quote is not closed.
 */
export function configLine(raw: string): ConfigLine | null | 'broken' {
  const [, keyword, rest = ''] = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+|$)(.*)$/.exec(raw) ?? [];
  if (keyword === undefined) return null;
  const args: string[] = [];
  for (let at = 0; ; ) {
    while (/\s/.test(rest[at] ?? '')) at += 1;
    if (at >= rest.length || rest[at] === '#') return { keyword: keyword.toLowerCase(), args };
    const word = wordAt(rest, at);
    if (word === null) return 'broken';
    args.push(word.text);
    at = word.end;
  }
}

function wordAt(line: string, start: number): { readonly text: string; readonly end: number } | null {
  let text = '';
  let quote = '';
  let at = start;
  for (; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\' && /["'\\]/.test(line.charAt(at + 1))) {
      at += 1;
      text += line.charAt(at);
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else text += character;
    } else if (character === '"' || character === "'") quote = character;
    else if (/\s/.test(character)) break;
    else text += character;
  }
  return quote === '' ? { text, end: at } : null;
}
