import { createHmac, randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { keyType, knownUnder, readKnownHosts } from './known-hosts.js';

/**
 * Adds an accepted host key to a known_hosts file, which is made (0600, its folder 0700) where there is none. A key that another
 * connection added meanwhile is not added twice. Throws what the file system throws.
 */
export function addKnownHost(file: string, name: string, key: Buffer, { hashed }: { readonly hashed: boolean }): void {
  if (knownUnder(readKnownHosts([file]), [name]).some((known) => known.marker === null && known.key.equals(key))) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a+', 0o600);
  try {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(descriptor, last, 0, 1, size - 1);
    const open = size > 0 && last.toString() !== '\n';
    appendFileSync(descriptor, `${open ? '\n' : ''}${hashed ? hashedName(name) : name} ${keyType(key)} ${key.toString('base64')}\n`);
  } finally {
    closeSync(descriptor);
  }
}

function hashedName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}
