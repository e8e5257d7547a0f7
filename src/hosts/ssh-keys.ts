import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ssh2, { type ParsedKey } from 'ssh2';

/** A private key file as it lies on the disk. */
export type KeyFile =
  | { readonly status: 'usable'; readonly key: ParsedKey }
  /** Encrypted. The public part is there where it can be had without the passphrase. */
  | { readonly status: 'locked'; readonly publicKey: ParsedKey | null; readonly content: Buffer }
  | { readonly status: 'missing' }
  | { readonly status: 'unusable'; readonly why: string };

/** Reads a private key in OpenSSH's format or as PEM (PKCS#1, SEC1, PKCS#8). */
export function readKeyFile(file: string): KeyFile {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code === 'ENOENT' ? { status: 'missing' } : { status: 'unusable', why: `${file} cannot be read (${code})` };
  }
  const key = parse(content);
  if (key !== null) return key.isPrivateKey() ? { status: 'usable', key } : { status: 'unusable', why: `${file} holds a public key, not a private one` };
  if (!isLocked(content)) return { status: 'unusable', why: `${file} holds no private key of a supported kind` };
  return { status: 'locked', publicKey: publicPart(content) ?? publicFile(`${file}.pub`), content };
}

/** The private key, null where that is not the passphrase. */
export function unlockKey(content: Buffer, passphrase: string): ParsedKey | null {
  return parse(content, passphrase);
}

function parse(content: Buffer, passphrase?: string): ParsedKey | null {
  const key: unknown = ssh2.utils.parseKey(pkcs8AsPem(content, passphrase) ?? content, passphrase);
  // For a file with several keys, which ssh-keygen does not write, it would be a list.
  const [first]: unknown[] = Array.isArray(key) ? key : [key];
  return isParsedKey(first) ? first : null;
}

/** What ssh2 makes of a key that it understands. */
export function isParsedKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && !(key instanceof Error) && 'getPublicSSH' in key;
}

/** ssh2 knows the older PEM forms only. Ed25519 keys have none, so those stay unsupported as PKCS#8. */
function pkcs8AsPem(content: Buffer, passphrase: string | undefined): string | null {
  if (!/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(content.toString('latin1'))) return null;
  try {
    const key = createPrivateKey({ key: content, ...(passphrase === undefined ? {} : { passphrase }) });
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    return key.asymmetricKeyType === 'ec' ? key.export({ type: 'sec1', format: 'pem' }).toString() : null;
  } catch {
    return null;
  }
}

function isLocked(content: Buffer): boolean {
  const text = content.toString('latin1');
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED|Encryption: (?!none)/.test(text)) return true;
  return openSshFields(text)?.cipher !== undefined && openSshFields(text)?.cipher !== 'none';
}

/** OpenSSH's own format carries the public key in the clear (PROTOCOL.key). */
function publicPart(content: Buffer): ParsedKey | null {
  const fields = openSshFields(content.toString('latin1'));
  if (fields === null) return null;
  const key: unknown = ssh2.utils.parseKey(fields.publicKey);
  return isParsedKey(key) ? key : null;
}

function publicFile(file: string): ParsedKey | null {
  try {
    const key: unknown = ssh2.utils.parseKey(readFileSync(file));
    return isParsedKey(key) ? key : null;
  } catch {
    return null;
  }
}

function openSshFields(text: string): { readonly cipher: string; readonly publicKey: Buffer } | null {
  const [, encoded = ''] = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text) ?? [];
  const data = Buffer.from(encoded, 'base64');
  const magic = 'openssh-key-v1\0';
  if (data.toString('latin1', 0, magic.length) !== magic) return null;
  let at = magic.length;
  const field = () => {
    const end = at + 4 > data.length ? data.length : at + 4 + data.readUInt32BE(at);
    const bytes = data.subarray(at + 4, end);
    at = end;
    return bytes;
  };
  const [cipher] = [field(), field(), field()];
  at += 4; // how many keys: always one
  return { cipher: cipher?.toString('latin1') ?? '', publicKey: field() };
}
