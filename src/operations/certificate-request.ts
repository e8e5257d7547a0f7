/** What a certificate signing request asks for. */
export interface CertificateRequest {
  readonly commonName: string | null;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  /** IPv4 in dots, IPv6 in full groups. */
  readonly addresses: readonly string[];
}

/** Reads a PEM certificate request (RFC 2986) as far as its subject and alternative names; null for what is none. */
export function parseCertificateRequest(pem: string): CertificateRequest | null {
  const base64 = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END/.exec(pem)?.[1];
  if (base64 === undefined) return null;
  try {
    // CertificationRequest ::= SEQUENCE { CertificationRequestInfo ::= SEQUENCE { version, subject, key, [0] attributes }, algorithm, signature }
    const [info] = children(only(Buffer.from(base64, 'base64')));
    const [, subject, , attributes] = children(info);
    const names = children(subject)
      .flatMap((set) => children(set))
      .map((pair) => children(pair));
    const named = (oid: string) =>
      names.flatMap(([type, value]) => (type !== undefined && value !== undefined && hex(type) === oid ? [value.content.toString('utf8')] : []));
    const alternatives = attributes === undefined ? [] : alternativeNames(attributes);
    return {
      commonName: named(oids.commonName)[0] ?? null,
      organizations: named(oids.organization),
      dnsNames: alternatives.filter(({ tag }) => tag === 0x82).map(({ content }) => content.toString('utf8')),
      addresses: alternatives.filter(({ tag }) => tag === 0x87).map(({ content }) => addressText(content)),
    };
  } catch {
    return null;
  }
}

/** One DER value. */
interface Value {
  readonly tag: number;
  readonly content: Buffer;
}

const oids = { commonName: '550403', organization: '55040a', extensionRequest: '2a864886f70d01090e', subjectAlternativeName: '551d11' } as const;

/** The GeneralNames of the extension that the request carries. */
function alternativeNames(attributes: Value): readonly Value[] {
  return children(attributes).flatMap((attribute) => {
    const [type, values] = children(attribute);
    if (type === undefined || values === undefined || hex(type) !== oids.extensionRequest) return [];
    return children(values)
      .flatMap((extensions) => children(extensions))
      .flatMap((extension) => {
        const parts = children(extension);
        const value = parts.at(-1);
        return parts[0] === undefined || value === undefined || hex(parts[0]) !== oids.subjectAlternativeName ? [] : children(only(value.content));
      });
  });
}

function hex({ content }: Value): string {
  return content.toString('hex');
}

function only(der: Buffer): Value {
  const [first] = valuesOf(der);
  if (first === undefined) throw new RangeError('no value');
  return first;
}

function children(value: Value | undefined): readonly Value[] {
  if (value === undefined) throw new RangeError('a value is missing');
  return valuesOf(value.content);
}

function valuesOf(der: Buffer): readonly Value[] {
  const values: Value[] = [];
  let place = 0;
  while (place < der.length) {
    const tag = der.readUInt8(place);
    const short = der.readUInt8(place + 1);
    const more = short < 0x80 ? 0 : short - 0x80;
    const length = more === 0 ? short : der.readUIntBE(place + 2, more);
    const start = place + 2 + more;
    if (more > 4 || start + length > der.length) throw new RangeError('cut off');
    values.push({ tag, content: der.subarray(start, start + length) });
    place = start + length;
  }
  return values;
}

function addressText(content: Buffer): string {
  if (content.length === 4) return [...content].join('.');
  return (content.toString('hex').match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, '')).join(':');
}
