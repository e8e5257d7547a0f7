import type { Labels } from './labels.js';

/** One element of an instant vector. `time` is when the sample was taken, which only timestamp() asks for. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly time?: number;
}

export type Vector = readonly Sample[];

/** A series' samples within a range; `values` and `times` run parallel, without stale marks. */
export interface Window {
  readonly labels: Labels;
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** The window's samples are those from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
}

/** What a query gives: one value for an instant, series for a range. */
export type QueryResult =
  | { readonly resultType: 'scalar' | 'string'; readonly time: number; readonly value: string }
  | { readonly resultType: 'vector'; readonly time: number; readonly samples: Vector }
  | { readonly resultType: 'matrix'; readonly series: readonly { readonly labels: Labels; readonly points: readonly (readonly [number, number])[] }[] };

/** A sample value as Prometheus prints it. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  // Go's 'f' format never uses an exponent.
  const text = String(value);
  return text.includes('e') ? withoutExponent(text) : text;
}

function withoutExponent(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, '0').slice(0, point) + (digits.length > point ? `.${digits.slice(point)}` : '');
}
