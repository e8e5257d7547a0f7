import { clean } from '../text/clean.js';

/** A value that a device gave, or why it gave none. */
export type Reading<T> = { readonly value: T } | { readonly value: null; readonly why: string };

export type Quantity = 'MiB' | 'percent' | 'celsius' | 'watt' | 'MHz' | 'count';

export function isMissing<T>(reading: Reading<T>): reading is { readonly value: null; readonly why: string } {
  return reading.value === null;
}

/** What stands in the place of a value, or null where the source has no such field. */
export type Raw = string | null;

/** Reads an amount as nvidia-smi writes it (`9184 MiB`, `142.33 W`, `65 %`), with or without its unit, into the quantity's unit. A number that no device can have is none. */
export function readAmount(raw: Raw, quantity: Quantity, whyMissing: string): Reading<number> {
  const given = read(raw, whyMissing);
  if (given.value === null) return given;
  const [, number, unit = ''] = amountForm.exec(given.value) ?? [];
  const { units, least, most } = quantities[quantity];
  const factor = units.get(unit);
  if (number === undefined || factor === undefined) return { value: null, why: `not understood: "${given.value}"` };
  const value = Number(number) * factor;
  if (!Number.isFinite(value) || value < least || value > most) return { value: null, why: `not plausible: ${given.value}` };
  return { value };
}

/** A name, number plate or version as text. */
export function readText(raw: Raw, whyMissing: string): Reading<string> {
  return read(raw, whyMissing);
}

/** Enabled and Disabled, as the modes are written; also On, Off, 1 and 0. */
export function readSwitch(raw: Raw, whyMissing: string): Reading<'on' | 'off'> {
  const given = read(raw, whyMissing);
  if (given.value === null) return given;
  if (/^(?:enabled|on|yes|1)$/i.test(given.value)) return { value: 'on' };
  if (/^(?:disabled|off|no|0)$/i.test(given.value)) return { value: 'off' };
  return { value: null, why: `not understood: "${given.value}"` };
}

/** The words that stand where a device gives nothing (`N/A`, `[Not Supported]`, `ERR!`, `Unknown Error`, `GPU is lost`, …), without their brackets; null for a real value. */
export function reasonIn(text: string): string | null {
  const bare = /^\[(.*)\]$/.exec(text)?.[1]?.trim() ?? null;
  if (bare !== null) return bare === '' ? 'not given' : bare;
  return noValue.test(text) ? text : null;
}

/** Sums the parts that are given; where none is, the first part's reason stands for all. */
export function readSum(parts: readonly Raw[], whyMissing: string): Reading<number> {
  const readings = parts.map((part) => readAmount(part, 'count', whyMissing));
  const known = readings.flatMap(({ value }) => (value === null ? [] : [value]));
  if (known.length > 0) return { value: known.reduce((sum, value) => sum + value, 0) };
  return readings.find((reading) => reading.value === null && reading.why !== whyMissing) ?? readings[0] ?? { value: null, why: whyMissing };
}

function read(raw: Raw, whyMissing: string): Reading<string> {
  if (raw === null) return { value: null, why: whyMissing };
  const text = clean(raw, longestValue).trim();
  if (text === '') return { value: null, why: 'not given' };
  const reason = reasonIn(text);
  return reason === null ? { value: text } : { value: null, why: reason };
}

// Process names come with their whole command line.
const longestValue = 4096;

const noValue =
  /^(?:n\/?a|not? (?:supported|available|applicable|found)|(?:unknown|internal|driver) error|err!?|error|unknown|insufficient (?:permissions?|power)|(?:the )?gpu is lost.*|gpu has fallen off the bus.*|gpu requires (?:a )?reset.*|(?:requested|this) functionality .*|function not found|in use|timeout|uninitialized|-)$/i;

const amountForm = /^([+-]?\d{1,20}(?:\.\d{1,12})?)\s*([A-Za-z%]*)$/;

interface Limits {
  readonly units: ReadonlyMap<string, number>;
  readonly least: number;
  readonly most: number;
}

// The limits catch what drivers print for "no value": 2^64-1, 17592186044415 MiB, 4294967295 %, 4294967.50 W.
const quantities: Readonly<Record<Quantity, Limits>> = {
  // Drivers before 325 write MB and mean MiB.
  MiB: {
    units: new Map([
      ['', 1],
      ['MiB', 1],
      ['MB', 1],
      ['B', 2 ** -20],
      ['KiB', 2 ** -10],
      ['KB', 2 ** -10],
      ['kB', 2 ** -10],
      ['GiB', 2 ** 10],
      ['GB', 2 ** 10],
      ['TiB', 2 ** 20],
    ]),
    least: 0,
    most: 2 ** 30,
  },
  // Fans of some boards run above 100 %.
  percent: {
    units: new Map([
      ['', 1],
      ['%', 1],
    ]),
    least: 0,
    most: 250,
  },
  celsius: {
    units: new Map([
      ['', 1],
      ['C', 1],
    ]),
    least: -100,
    most: 300,
  },
  watt: {
    units: new Map([
      ['', 1],
      ['W', 1],
      ['mW', 0.001],
      ['kW', 1000],
    ]),
    least: 0,
    most: 100_000,
  },
  MHz: {
    units: new Map([
      ['', 1],
      ['MHz', 1],
      ['GHz', 1000],
    ]),
    least: 0,
    most: 100_000,
  },
  count: { units: new Map([['', 1]]), least: 0, most: 2 ** 53 - 1 },
};
