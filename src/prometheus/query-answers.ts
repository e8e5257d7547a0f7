import type { Series } from '../state/series.js';
import { clean } from '../text/clean.js';
import { isRecord, listAt, recordAt, textAt } from './json.js';

/** A value together with what Prometheus has to say about it: its `warnings` and `infos`, as sentences. */
export interface Told<T> {
  readonly value: T;
  readonly notes: readonly string[];
}

/** One element of an instant vector; a scalar is one without labels. */
export interface Sample {
  readonly labels: ReadonlyMap<string, string>;
  /** NaN, ±Inf and native histograms are null. */
  readonly value: number | null;
  /** ms since the epoch, by Prometheus' clock. */
  readonly at: number;
}

/** One series of a range query, with its values on the even steps that were asked for. */
export interface LabelledSeries {
  readonly labels: ReadonlyMap<string, string>;
  readonly series: Series;
}

/** `warnings` and `infos` of an answer. */
export function notesIn(body: unknown): readonly string[] {
  return ['warnings', 'infos'].flatMap((key) => listAt(body, key)).flatMap((note) => (typeof note === 'string' ? [clean(note, 500)] : []));
}

/** The samples of `data` of `/api/v1/query`: `{resultType:"vector", result:[{metric, value:[seconds, "text"]}]}`, or `scalar` with one such pair. */
export function samplesIn(body: unknown): readonly Sample[] {
  const data = recordAt(body, 'data');
  if (textAt(data, 'resultType') === 'scalar') {
    const pair = pairOf(data?.['result']);
    return pair === null ? [] : [{ labels: new Map(), value: pair.value, at: pair.at }];
  }
  return listAt(data, 'result').flatMap((row) => {
    const native = isRecord(row) ? row['histogram'] : undefined;
    const pair = pairOf(isRecord(row) ? row['value'] : undefined) ?? (Array.isArray(native) ? pairOf([native[0], 'NaN']) : null);
    return pair === null ? [] : [{ labels: labelsOf(recordAt(row, 'metric')), value: pair.value, at: pair.at }];
  });
}

/** One `metric` of `/api/v1/query_range` with its pairs, and a text that is the same for the same labels. */
export interface RawSeries {
  readonly key: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly pairs: readonly { readonly at: number; readonly value: number | null }[];
}

/** The series of `data` of `/api/v1/query_range`: `{resultType:"matrix", result:[{metric, values:[[seconds, "text"]]}]}`. */
export function rangesIn(body: unknown): readonly RawSeries[] {
  return listAt(recordAt(body, 'data'), 'result').flatMap((row) => {
    const metric = recordAt(row, 'metric');
    const pairs = listAt(row, 'values').flatMap((pair) => pairOf(pair) ?? []);
    return metric === null ? [] : [{ key: keyOf(metric), labels: labelsOf(metric), pairs }];
  });
}

/** The label sets of `/api/v1/series`. */
export function labelSetsIn(body: unknown): readonly ReadonlyMap<string, string>[] {
  return listAt(body, 'data').flatMap((set) => (isRecord(set) ? [labelsOf(set)] : []));
}

/** The names or values of `/api/v1/labels` and `/api/v1/label/NAME/values`. */
export function textsIn(body: unknown): readonly string[] {
  return listAt(body, 'data').flatMap((text) => (typeof text === 'string' ? [clean(text, 1024)] : []));
}

/** A sample's value is text: "0.25", "NaN", "+Inf". */
export function numberIn(text: unknown): number | null {
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

function pairOf(pair: unknown): { readonly at: number; readonly value: number | null } | null {
  if (!Array.isArray(pair) || typeof pair[0] !== 'number') return null;
  return { at: Math.round(pair[0] * 1000), value: numberIn(pair[1]) };
}

function labelsOf(metric: Readonly<Record<string, unknown>> | null): ReadonlyMap<string, string> {
  return new Map(Object.entries(metric ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[clean(name, 512), clean(value, 1024)] as const] : [])));
}

function keyOf(metric: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}
