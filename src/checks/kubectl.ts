/**
 * A kubectl command line for one context, so that a pasted fix never lands in another cluster. Words are quoted where a shell
 * needs it; names come from the cluster and are data, not shell.
 */
export function kubectl(context: string, words: readonly string[]): string {
  const scope = context === '' ? [] : ['--context', context];
  return ['kubectl', ...scope, ...words].map(quoted).join(' ');
}

/** A word as a POSIX shell reads it back unchanged. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
