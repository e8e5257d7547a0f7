import { parseDuration } from './duration.js';

/** A number as PromQL writes it: decimal with `_`, hexadecimal, `Inf`, `NaN`, or a duration in seconds; null when it is none. */
export function parseNumber(text: string): number | null {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text
    .replace(/^[+-]\s*/, '')
    .replaceAll('_', '')
    .toLowerCase();
  if (digits === 'inf' || digits === 'infinity') return sign * Number.POSITIVE_INFINITY;
  if (digits === 'nan') return Number.NaN;
  if (/^0x[0-9a-f]+$/.test(digits)) return sign * Number.parseInt(digits, 16);
  if (/^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(digits)) return sign * Number(digits);
  const duration = parseDuration(digits);
  return duration === null ? null : sign * duration;
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"', "'": "'" };

/** The value of a quoted string with Go's escapes; null when it is not closed or holds an unknown escape. */
export function parseString(text: string): string | null {
  const quote = text[0];
  if (text.length < 2 || text.at(-1) !== quote) return null;
  const inner = text.slice(1, -1);
  if (quote === '`') return inner;
  let known = true;
  const value = inner.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs, (_, x, u, wide, octal, single) => {
    const hex = x ?? u ?? wide;
    if (typeof hex === 'string') return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
    if (typeof octal === 'string') return String.fromCodePoint(Number.parseInt(octal, 8));
    const plain = escapes[String(single)];
    if (plain === undefined) known = false;
    return plain ?? '';
  });
  return known ? value : null;
}
