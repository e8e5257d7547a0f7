import type { SshConfig } from './ssh-config.js';

/** What ssh_config says for one host. */
export interface SshOptions {
  /** The first value, null where nothing is said. */
  first(keyword: string): string | null;
  /** The words of the first line, as for UserKnownHostsFile. */
  words(keyword: string): readonly string[];
  /** The values of all lines, as for IdentityFile. */
  all(keyword: string): readonly string[];
}

/** A machine may be known under several names (the node's name, its address); a Host line applies where it names one of them and excludes none. */
export function sshOptions(config: SshConfig, names: readonly string[]): SshOptions {
  const applying = config.settings.filter(({ hosts }) => hosts.every((patterns) => matchesList(patterns, names)));
  const of = (keyword: string) => applying.filter((setting) => setting.keyword === keyword);
  return {
    first: (keyword) => of(keyword)[0]?.args[0] ?? null,
    words: (keyword) => of(keyword)[0]?.args ?? [],
    all: (keyword) => of(keyword).flatMap(({ args }) => args.slice(0, 1)),
  };
}

/** Whether one of the names matches a pattern list with `*`, `?` and `!negation`, as ssh_config(5) and sshd(8) have them. */
export function matchesList(patterns: readonly string[], names: readonly string[]): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!names.some((name) => matchesPattern(negated ? pattern.slice(1) : pattern, name))) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function matchesPattern(pattern: string, name: string): boolean {
  // Step by step instead of a regular expression, which many stars could keep busy for ages.
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    const wanted = pattern[from];
    if (wanted === '*') {
      star = from;
      resume = at;
      from += 1;
    } else if (wanted === '?' || wanted?.toLowerCase() === name.charAt(at).toLowerCase()) {
      from += 1;
      at += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      from = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(from));
}
