import type { HostState } from './hosts.js';

/** Trouble that most machines have for one and the same reason. */
export interface SharedRefusal {
  readonly why: string;
  readonly fix: string | null;
  /** Names of the machines that have it. */
  readonly hosts: readonly string[];
}

/** The reason why no machine can be looked at, where it is the same for all of them (no key to log in with, SSH switched off): one sentence instead of fifty. null while one can be, or the reasons differ. */
export function sharedRefusal(hosts: Iterable<HostState>): SharedRefusal | null {
  const names: string[] = [];
  let first: { readonly why: string; readonly key: string; readonly fix: string | null } | null = null;
  for (const host of hosts) {
    const { contact } = host;
    if (contact.status !== 'refused' && contact.status !== 'lost') return null;
    const why = withoutNames(contact.why, host);
    first ??= { why: contact.why, key: why, fix: contact.fix };
    if (why !== first.key) return null;
    names.push(host.name);
  }
  return first === null || names.length < 2 ? null : { why: first.key, fix: first.fix, hosts: names };
}

/** Sentences name the machine and its address, which is no other reason. */
function withoutNames(why: string, { name, road }: HostState): string {
  const address = /^ssh (?:[^@\s]+@)?\[?([^\s\]]+?)\]?(?::\d+)?(?: via .*)?$/.exec(road)?.[1] ?? '';
  const place = [name, address].filter((word) => word !== '').sort((a, b) => b.length - a.length);
  const nameless = place.reduce((text, word) => text.replaceAll(word, '…'), why);
  return nameless.replace(/… \(…\)/g, '…').replaceAll('…', 'the machine');
}
