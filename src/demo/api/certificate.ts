import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';

export interface ServingCertificate extends Leaf {
  readonly caPem: string;
  /** Another one of the same authority, with a new key, from an hour ago to that moment. */
  renewed(notAfter: Date): Leaf;
}

export interface Leaf {
  readonly certPem: string;
  readonly keyPem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the leaf, as `AB:CD:…`. */
  readonly fingerprint256: string;
}

/**
 * A throw-away certificate authority and a server certificate of it, both ECDSA P-256, as kubeadm names them
 * (`kubernetes`, `kube-apiserver`). Node makes keys and signatures but no certificates, so the DER is written here (RFC 5280).
 */
export function makeServingCertificate(options: { readonly notBefore?: Date; readonly notAfter?: Date } = {}): ServingCertificate {
  const now = Date.now();
  const notBefore = options.notBefore ?? new Date(now - 60 * 60 * 1000);
  const notAfter = options.notAfter ?? new Date(now + 365 * 24 * 60 * 60 * 1000);
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caDer = certificate({
    subject: 'kubernetes',
    issuer: 'kubernetes',
    publicKey: ca.publicKey,
    signer: ca.privateKey,
    notBefore: new Date(Math.min(notBefore.getTime(), now) - 60 * 60 * 1000),
    notAfter: new Date(now + 10 * 365 * 24 * 60 * 60 * 1000),
    extensions: [basicConstraints(true), keyUsage(caUsage), subjectKeyId(ca.publicKey)],
  });
  return {
    caPem: pem(caDer),
    ...makeLeaf(ca, notBefore, notAfter),
    renewed: (end) => makeLeaf(ca, new Date(Date.now() - 60 * 60 * 1000), end),
  };
}

function makeLeaf(ca: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }, notBefore: Date, notAfter: Date): Leaf {
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certPem = pem(
    certificate({
      subject: 'kube-apiserver',
      issuer: 'kubernetes',
      publicKey: leaf.publicKey,
      signer: ca.privateKey,
      notBefore,
      notAfter,
      extensions: [basicConstraints(false), keyUsage(leafUsage), serverAuth, authorityKeyId(ca.publicKey), loopbackNames],
    }),
  );
  return {
    certPem,
    keyPem: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    notBefore,
    notAfter,
    fingerprint256: new X509Certificate(certPem).fingerprint256,
  };
}

interface Contents {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

function certificate(contents: Contents): Buffer {
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    ecdsaWithSha256,
    commonName(contents.issuer),
    sequence(time(contents.notBefore), time(contents.notAfter)),
    commonName(contents.subject),
    contents.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...contents.extensions)),
  );
  return sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, contents.signer)));
}

/** A DER value: tag, length, content. */
function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  return bytes < 0x100 ? Buffer.from([0x81, bytes]) : Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return tagged(0x30, ...contents);
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return tagged(0x03, Buffer.from([unusedBits]), bytes);
}

function oid(...arcs: readonly number[]): Buffer {
  const [first = 0, second = 0, ...rest] = arcs;
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** UTCTime until 2049, GeneralizedTime from then on, as RFC 5280 wants it. */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(2, 5, 4, 3), tagged(0x0c, Buffer.from(name)))));
}

/** Positive and without leading zeros, whatever the random bytes are. */
function serialNumber(): Buffer {
  const bytes = randomBytes(8);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes;
}

function extension(id: Buffer, critical: boolean, value: Buffer): Buffer {
  return sequence(id, ...(critical ? [tagged(0x01, Buffer.from([0xff]))] : []), tagged(0x04, value));
}

function basicConstraints(isCa: boolean): Buffer {
  return extension(oid(2, 5, 29, 19), true, isCa ? sequence(tagged(0x01, Buffer.from([0xff]))) : sequence());
}

function keyUsage(bits: Buffer): Buffer {
  return extension(oid(2, 5, 29, 15), true, bits);
}

function keyId(key: KeyObject): Buffer {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function subjectKeyId(key: KeyObject): Buffer {
  return extension(oid(2, 5, 29, 14), false, tagged(0x04, keyId(key)));
}

function authorityKeyId(key: KeyObject): Buffer {
  return extension(oid(2, 5, 29, 35), false, sequence(tagged(0x80, keyId(key))));
}

const ecdsaWithSha256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
/** keyCertSign, cRLSign and digitalSignature. */
const caUsage = bitString(Buffer.from([0x86]), 1);
const leafUsage = bitString(Buffer.from([0x80]), 7);
const serverAuth = extension(oid(2, 5, 29, 37), false, sequence(oid(1, 3, 6, 1, 5, 5, 7, 3, 1)));
const loopbackNames = extension(
  oid(2, 5, 29, 17),
  false,
  sequence(
    tagged(0x82, Buffer.from('localhost')),
    tagged(0x82, Buffer.from('kubernetes')),
    tagged(0x82, Buffer.from('kubernetes.default.svc')),
    tagged(0x87, Buffer.from([127, 0, 0, 1])),
  ),
);

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
