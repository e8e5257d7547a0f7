import vm from 'node:vm';

/** What was typed after `/`, understood: words that must all be there, `!words` that must not, or one `/regular expression/`. */
export type Filter =
  | { readonly kind: 'none' }
  | { readonly kind: 'words'; readonly wanted: readonly string[]; readonly unwanted: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: RegExp }
  | { readonly kind: 'invalid'; readonly why: string };

/** Understands a filter. Never throws: a pattern that is no regular expression is `invalid` with a sentence for the screen. */
export function parseFilter(text: string): Filter {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'none' };
  if (trimmed.startsWith('/')) return parsePattern(trimmed);
  const words = trimmed.toLowerCase().split(/\s+/);
  const unwanted = words.filter((word) => word.startsWith('!') && word.length > 1).map((word) => word.slice(1));
  const wanted = words.filter((word) => !word.startsWith('!'));
  return { kind: 'words', wanted, unwanted };
}

/**
 * The rows that a filter keeps, and why it could not be applied if so (all rows are kept then). `textOf` gives a row's searchable text in lower
 * case. Patterns run under a time limit, so one that explodes ("(a+)+$") is given up instead of freezing the screen.
 */
export function applyFilter<Row>(
  filter: Filter,
  rows: readonly Row[],
  textOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly why: string | null } {
  switch (filter.kind) {
    case 'none':
      return { rows, why: null };
    case 'invalid':
      return { rows, why: filter.why };
    case 'words':
      return { rows: rows.filter((row) => hasWords(filter, textOf(row))), why: null };
    case 'pattern': {
      const kept = matchAll(filter.pattern, rows.map(textOf));
      if (kept === null) return { rows, why: 'this pattern takes too long' };
      return { rows: rows.filter((_, index) => kept[index] === true), why: null };
    }
  }
}

const longestPattern = 200;
const patternLimitMs = 80;

function parsePattern(text: string): Filter {
  const closed = text.length > 1 && text.endsWith('/');
  const source = text.slice(1, closed ? -1 : undefined);
  if (source === '') return { kind: 'none' };
  if (source.length > longestPattern) return { kind: 'invalid', why: `a pattern may have ${longestPattern} characters at most` };
  try {
    return { kind: 'pattern', pattern: new RegExp(source, 'iu') };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '').replace(/^\/.*\/[a-z]*: /s, '') : 'unknown';
    return { kind: 'invalid', why: `not a regular expression: ${reason.toLowerCase()}` };
  }
}

function hasWords(filter: { readonly wanted: readonly string[]; readonly unwanted: readonly string[] }, text: string): boolean {
  return filter.wanted.every((word) => text.includes(word)) && !filter.unwanted.some((word) => text.includes(word));
}

/** Which texts match, or null when time ran out. A regular expression can only be stopped from outside its own JavaScript context. */
function matchAll(pattern: RegExp, texts: readonly string[]): readonly boolean[] | null {
  try {
    const answer: unknown = vm.runInNewContext('texts.map((text) => pattern.test(text))', { texts, pattern }, { timeout: patternLimitMs });
    return Array.isArray(answer) ? answer.map((matched) => matched === true) : null;
  } catch {
    return null;
  }
}
