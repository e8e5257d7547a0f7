import { clean } from './clean.js';

/** A Kubernetes quantity in base units (cores, bytes, pieces), or one sentence on what is wrong with it. */
export type ParsedQuantity = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly why: string };

/**
 * Reads a quantity as k8s.io/apimachinery/pkg/api/resource writes and accepts them: a signed decimal number with a binary suffix
 * (Ki … Ei), a decimal one (n u m k M G T P E) or an exponent (`1e3`, `2E-1`). A trailing `E` alone is exa. JSON numbers count as they are.
 */
export function parseQuantity(quantity: unknown): ParsedQuantity {
  if (typeof quantity === 'number') return Number.isFinite(quantity) ? { ok: true, value: quantity } : notOne(String(quantity));
  if (typeof quantity !== 'string') return notOne(JSON.stringify(quantity) ?? 'nothing');
  const match = form.exec(quantity);
  if (match === null) return notOne(quantity);
  const [, number = '', exponent, suffix = ''] = match;
  const binary = binarySuffixes.get(suffix);
  const decimal = decimalSuffixes.get(suffix);
  if (binary === undefined && decimal === undefined)
    return { ok: false, why: `"${shortened(quantity)}" is not a quantity: unknown suffix ${shortened(suffix)}` };
  // The exponent is put into the text, so that decimal amounts come out exact: 100m is 100e-3, not 100 * 0.001.
  const value = binary === undefined ? Number(`${number}e${exponent ?? decimal}`) : Number(number) * binary;
  return Number.isFinite(value) ? { ok: true, value } : notOne(quantity);
}

/** The quantity's value, or null where it is none. */
export function quantityOrNull(quantity: unknown): number | null {
  const parsed = parseQuantity(quantity);
  return parsed.ok ? parsed.value : null;
}

const form = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([A-Za-z]*))$/;

const decimalSuffixes: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);

const binarySuffixes: ReadonlyMap<string, number> = new Map([
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

function notOne(quantity: string): ParsedQuantity {
  return { ok: false, why: `"${shortened(quantity)}" is not a quantity` };
}

function shortened(text: string): string {
  return clean(text, 40);
}
