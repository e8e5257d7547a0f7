/**
 * One copy of texts and small objects that come again and again: ten thousand pods share a few namespaces, nodes, images and reasons.
 * Forgets everything when it grows beyond `limit` entries, so that it never holds on to a cluster's whole past.
 */
export interface Intern {
  text(text: string): string;
  textOrNull(text: string | null): string | null;
  /** The first value that was made for this key. */
  value<T>(table: Map<string, T>, key: string, make: () => T): T;
}

export function createIntern(limit = 20_000): Intern {
  const texts = new Map<string, string>();
  const share = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= limit) texts.clear();
    texts.set(text, text);
    return text;
  };
  return {
    text: share,
    textOrNull: (text) => (text === null ? null : share(text)),
    value(table, key, make) {
      const known = table.get(key);
      if (known !== undefined) return known;
      if (table.size >= limit) table.clear();
      const made = make();
      table.set(key, made);
      return made;
    },
  };
}
