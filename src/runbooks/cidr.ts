import { isIP } from 'node:net';

/** A network: addresses from `first` to `last`, as numbers. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly prefix: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Reads `10.244.0.0/16` or `fd00:10::/64`; null where it is none. Bits behind the prefix are left out: compare with `networkText` to see whether there were any. */
export function parseCidr(text: string): Cidr | null {
  const [address = '', bits = '', ...more] = text.split('/');
  const value = addressNumber(address);
  const family = isIP(address);
  if (value === null || more.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(bits) || (family !== 4 && family !== 6)) return null;
  const [width, prefix] = [widths[family], Number(bits)];
  if (prefix > width) return null;
  const size = 1n << BigInt(width - prefix);
  const first = value - (value % size);
  return { family, prefix, first, last: first + size - 1n };
}

/** The network of one address. */
export function hostCidr(address: string): Cidr | null {
  return parseCidr(`${address}/${isIP(address) === 4 ? 32 : 128}`);
}

export function overlap(one: Cidr, other: Cidr): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

/** As it is written: `10.244.0.0/16`. */
export function networkText({ family, prefix, first }: Cidr): string {
  return `${family === 4 ? ipv4Text(first) : ipv6Text(first)}/${prefix}`;
}

/** The address as a number; null where it is none. */
export function addressNumber(address: string): bigint | null {
  const family = isIP(address);
  if (family === 4) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  if (family !== 6 || address.includes('%')) return null;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const inner = tail === null ? null : addressNumber(tail[2] ?? '');
  const text = inner === null ? address : `${tail?.[1]}${(inner >> 16n).toString(16)}:${(inner & 0xffffn).toString(16)}`;
  const [head = '', rest] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(rest ?? '')];
  const all = rest === undefined ? before : [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

const widths = { 4: 32, 6: 128 } as const;

function ipv4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

/** Shortest form, as RFC 5952 has it. */
function ipv6Text(value: bigint): string {
  const full = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(':');
  const longest = (full.match(/\b0(?::0)+\b/g) ?? []).reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === '' ? full : full.replace(new RegExp(`(?:^|:)${longest}(?::|$)`), '::');
}
