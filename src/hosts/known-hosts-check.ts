import { createHash } from 'node:crypto';
import type { Asker } from './asker.js';
import { HostError } from './host-error.js';
import { type KnownHost, keyType, knownHostsName, knownUnder, readKnownHosts } from './known-hosts.js';
import { addKnownHost } from './known-hosts-add.js';
import { shellQuote } from './shell-quote.js';
import type { SshTarget } from './ssh-target.js';

/** What known_hosts says about the key that a machine shows. */
export type HostKeyVerdict =
  | { readonly status: 'known' }
  | { readonly status: 'unknown'; readonly key: UnknownKey }
  | { readonly status: 'refused'; readonly error: HostError };

export interface UnknownKey {
  readonly key: Buffer;
  /** The line that trusts whoever an authority vouches for, which is not supported; null mostly. */
  readonly authority: KnownHost | null;
}

/** The known keys of one machine, read anew for each connection. */
export interface KnownKeys {
  /** Types of keys that are known, in the order of the files; a server should be asked for these first. */
  readonly types: readonly string[];
  judge(key: Buffer): HostKeyVerdict;
}

/** Looks a machine up under its address (or HostKeyAlias). */
export function knownKeys(target: SshTarget): KnownKeys {
  const lines = readKnownHosts(target.knownHostsFiles);
  const found = knownUnder(lines, [nameInKnownHosts(target)]);
  // The cluster gives addresses, people log in by name: a key that is known under the name proves the machine just as well.
  const byName = knownUnder(lines, [knownHostsName(target.name, target.port)]);
  const plain = (known: readonly KnownHost[]) => known.filter(({ marker }) => marker === null);
  const trusted = [...plain(found), ...plain(byName)];
  return {
    types: [...new Set(trusted.map(({ type }) => type))],
    judge(key) {
      const revoked = found.find(({ marker, key: known }) => marker === 'revoked' && known.equals(key));
      if (revoked !== undefined) return { status: 'refused', error: revokedKey(target, key, revoked) };
      if (trusted.some((known) => known.key.equals(key))) return { status: 'known' };
      const others = plain(found);
      if (others.length > 0) return { status: 'refused', error: changedKey(target, key, others) };
      const unknown = { key, authority: found.find(({ marker }) => marker === 'cert-authority') ?? null };
      return target.strictHostKeys ? { status: 'refused', error: unknownKey(target, unknown) } : { status: 'unknown', key: unknown };
    },
  };
}

/** Asks whether an unknown key is right and remembers it in known_hosts. Rejects with HostError where it is not, or nobody can be asked. */
export async function acceptHostKey(target: SshTarget, unknown: UnknownKey, asker: Asker): Promise<void> {
  const { key } = unknown;
  const name = nameInKnownHosts(target);
  const answer = await asker.ask({
    id: `host-key:${name}:${fingerprint(key)}`,
    host: target.name,
    kind: 'host-key',
    text: `${described(target)} is not known yet. Its ${typeName(key)} key has the fingerprint ${fingerprint(key)}${authorityNote(unknown)}. Is that right?`,
  });
  if (answer === null || !/^y(es)?$/i.test(answer.trim())) throw unknownKey(target, unknown);
  const [file] = target.knownHostsFiles;
  if (file === undefined) return;
  try {
    addKnownHost(file, name, key, { hashed: target.hashKnownHosts });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new HostError('host-key-unknown', `the accepted key of ${described(target)} cannot be kept: ${file} cannot be written (${why})`, {
      fix: `make ${file} writable`,
      cause: error,
    });
  }
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function nameInKnownHosts({ hostKeyAlias, address, port }: SshTarget): string {
  return hostKeyAlias === null ? knownHostsName(address, port) : hostKeyAlias.toLowerCase();
}

function changedKey(target: SshTarget, offered: Buffer, known: readonly KnownHost[]): HostError {
  const name = nameInKnownHosts(target);
  const sameType = known.filter(({ type }) => type === keyType(offered));
  const [expected] = sameType.length > 0 ? sameType : known;
  const place = expected === undefined ? '' : `${expected.file}:${expected.line} has ${typeName(expected.key)} ${fingerprint(expected.key)}`;
  const option = expected === undefined || expected.file.endsWith('/.ssh/known_hosts') ? '' : ` -f ${shellQuote(expected.file)}`;
  return new HostError(
    'host-key-changed',
    `the host key of ${described(target)} changed: it shows ${typeName(offered)} ${fingerprint(offered)}, ${place}. Either it was set up anew, or something pretends to be it`,
    { fix: `if it was set up anew: ssh-keygen${option} -R ${shellQuote(name)}` },
  );
}

function revokedKey(target: SshTarget, key: Buffer, { file, line }: KnownHost): HostError {
  return new HostError('host-key-changed', `${described(target)} shows the ${typeName(key)} key ${fingerprint(key)}, which ${file}:${line} has revoked`, {
    fix: 'give the host a new key (ssh-keygen -A after removing the old ones), then accept that',
  });
}

function unknownKey(target: SshTarget, unknown: UnknownKey): HostError {
  const { key } = unknown;
  const strict = target.strictHostKeys ? ', and StrictHostKeyChecking is yes' : '';
  const login = `ssh ${target.port === 22 ? '' : `-p ${target.port} `}${shellQuote(`${target.user}@${target.address}`)}`;
  const why = `${described(target)} has a host key that is not known: ${typeName(key)} ${fingerprint(key)}${strict}${authorityNote(unknown)}`;
  return new HostError('host-key-unknown', why, { fix: `compare the fingerprint with the host's own, then accept it: ${login}` });
}

function authorityNote({ authority }: UnknownKey): string {
  return authority === null ? '' : ` (${authority.file}:${authority.line} trusts a certificate authority for it, which is not supported here)`;
}

function described({ name, address, port }: SshTarget): string {
  const place = port === 22 ? address : `${address} port ${port}`;
  return name === address ? place : `${name} (${place})`;
}

/** `ED25519`, as ssh names key types to people. */
function typeName(key: Buffer): string {
  const type = keyType(key) ?? 'unknown';
  if (type.startsWith('ecdsa-')) return 'ECDSA';
  return type.replace(/^ssh-/, '').replace(/^dss$/, 'dsa').toUpperCase();
}
