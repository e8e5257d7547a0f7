import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** An Ed25519 key pair in OpenSSH's own formats. */
export interface SshKeyPair {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, without a passphrase, as ssh-keygen writes it. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, as in authorized_keys and known_hosts. */
  readonly publicKey: string;
}

/** Makes a key pair; node:crypto knows Ed25519, but neither reads nor writes OpenSSH's container for it (PROTOCOL.key in OpenSSH's sources). */
export function makeSshKeyPair(comment: string): SshKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // The raw 32 bytes are the tail of the DER forms.
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const blob = Buffer.concat([text(algorithm), bytes(point)]);
  return { privateKey: container(seed, point, blob, comment), publicKey: `${algorithm} ${blob.toString('base64')}` };
}

const algorithm = 'ssh-ed25519';

function container(seed: Buffer, point: Buffer, blob: Buffer, comment: string): string {
  // Twice the same random number: that is how a wrong passphrase would be noticed.
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, text(algorithm), bytes(point), bytes(Buffer.concat([seed, point])), text(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, place) => place + 1));
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    Buffer.from([0, 0, 0, 1]),
    bytes(blob),
    bytes(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function bytes(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function text(content: string): Buffer {
  return bytes(Buffer.from(content));
}
