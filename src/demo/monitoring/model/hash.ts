/** A 32-bit hash of a text (FNV-1a with a final mix): the same entity looks the same in every run. */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return (state ^ (state >>> 15)) >>> 0;
}

/** A number from 0 up to 1 that belongs to a text. */
export function unit(text: string): number {
  return hash(text) / 2 ** 32;
}

/** A number between two bounds that belongs to a text. */
export function between(text: string, low: number, high: number): number {
  return low + (high - low) * unit(text);
}

/** `length` hexadecimal digits that belong to a text. */
export function hex(text: string, length: number): string {
  let digits = '';
  for (let part = 0; digits.length < length; part++) digits += hash(`${text}#${part}`).toString(16).padStart(8, '0');
  return digits.slice(0, length);
}
