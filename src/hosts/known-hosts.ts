import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { matchesList } from './ssh-config-lookup.js';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | null;
  /** Name patterns, or one hashed name `|1|salt|hash`. */
  readonly names: readonly string[];
  /** As in `ssh-ed25519`. */
  readonly type: string;
  readonly key: Buffer;
  readonly file: string;
  readonly line: number;
}

/** All lines of the files that can be read, in their order. What is no known_hosts line is passed over, as OpenSSH does. */
export function readKnownHosts(files: readonly string[]): readonly KnownHost[] {
  return files.flatMap((file) => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      return [];
    }
    return text.split(/\r?\n/).flatMap((line, index) => knownHost(line, file, index + 1) ?? []);
  });
}

function knownHost(text: string, file: string, line: number): KnownHost | null {
  const words = text.trim().split(/[ \t]+/);
  if (words[0]?.startsWith('#')) return null;
  const marker = words[0] === '@revoked' ? 'revoked' : words[0] === '@cert-authority' ? 'cert-authority' : null;
  if (marker !== null) words.shift();
  const [names, type, encoded] = words;
  if (names === undefined || type === undefined || encoded === undefined || !/^[A-Za-z0-9+/]+=*$/.test(encoded)) return null;
  const key = Buffer.from(encoded, 'base64');
  // The key says its own type first; a line that claims another one is broken.
  return keyType(key) === type ? { marker, names: names.split(','), type, key, file, line } : null;
}

/** The lines for a machine under one of its names, with `[name]:port` for ports other than 22. */
export function knownUnder(lines: readonly KnownHost[], names: readonly string[]): readonly KnownHost[] {
  return lines.filter((known) => {
    const [first = ''] = known.names;
    return first.startsWith('|') ? names.some((name) => matchesHash(first, name)) : matchesList(known.names, names);
  });
}

/** How a name and port stand in known_hosts. */
export function knownHostsName(name: string, port: number): string {
  return port === 22 ? name.toLowerCase() : `[${name.toLowerCase()}]:${port}`;
}

function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|');
  if (version !== '1') return false;
  const wanted = Buffer.from(hash, 'base64');
  const computed = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === computed.length && timingSafeEqual(wanted, computed);
}

/** The type that a public key in SSH's own encoding names itself; null where it is none. */
export function keyType(key: Buffer): string | null {
  if (key.length < 5) return null;
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length > 4 + length ? key.toString('latin1', 4, 4 + length) : null;
}
