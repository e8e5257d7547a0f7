/** One word for a POSIX shell: as it is where that is harmless, else in single quotes. */
export function shellQuote(word: string): string {
  if (word.includes('\0')) throw new RangeError('a command line cannot hold a NUL character');
  // An = would make the first word an assignment, so it is always quoted.
  if (/^[\w@%+:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command line for a POSIX shell, environment assignments in front. Throws RangeError for what cannot be one. */
export function commandLine(argv: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  if (argv.length === 0) throw new RangeError('there is no command to run');
  return [...assignments(env), ...argv.map(shellQuote)].join(' ');
}

/** `NAME=value` words, quoted. Throws RangeError for a name that no shell takes. */
function assignments(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new RangeError(`"${name}" cannot be the name of an environment variable`);
    return `${name}=${shellQuote(value)}`;
  });
}
