import { isRecord, parseJson } from '../prometheus/json.js';
import type { Column } from './export-columns.js';

/** One moment of the table: ms since the epoch, and a value for each column; null where there is none. */
export interface Row {
  readonly at: number;
  readonly values: readonly (number | null)[];
}

/** How the table is written, and read back when a broken export is taken up again. Every row is a line of its own. */
export interface TableFormat {
  /** How every such file begins. */
  readonly signature: string;
  /** Everything before the first row, line break included. */
  opening(columns: readonly Column[], stepMs: number): string;
  row(row: Row, columns: readonly Column[], isFirst: boolean): string;
  closing(): string;
  /** Headings of the columns, from the beginning of a file; null where that is no such table. */
  headings(beginning: string): readonly string[] | null;
  /** The moment of a complete line; null for a line that is no row, or not whole. */
  momentOf(line: string): number | null;
}

export const formats: Readonly<Record<'csv' | 'json', TableFormat>> = {
  csv: {
    signature: 'timestamp,',
    opening: (columns) => `${['timestamp', ...columns.map(({ heading }) => heading)].map(csvField).join(',')}\n`,
    row: ({ at, values }) => `${[timestamp(at), ...values.map((value) => (value === null ? '' : numberText(value)))].join(',')}\n`,
    closing: () => '',
    headings(beginning) {
      const end = beginning.indexOf('\n');
      const [first, ...headings] = end === -1 ? [] : csvFields(beginning.slice(0, end));
      return first === 'timestamp' ? headings : null;
    },
    momentOf: (line) => momentIn(line.split(',')[0] ?? ''),
  },
  json: {
    signature: '{"schemaVersion":1,',
    opening: (columns, stepMs) =>
      `{"schemaVersion":1,"stepSeconds":${stepMs / 1000},"columns":${JSON.stringify(columns.map(({ name, unit }) => ({ name, unit })))},"rows":[\n`,
    row({ at, values }, columns, isFirst) {
      const cells = columns.map(
        ({ name }, index) => `${JSON.stringify(name)}:${values[index] === null || values[index] === undefined ? 'null' : numberText(values[index])}`,
      );
      // The comma stands before a row, so that a file that ends after any line can be gone on with.
      return `${isFirst ? '' : ','}{${[`"timestamp":"${timestamp(at)}"`, ...cells].join(',')}}\n`;
    },
    closing: () => ']}\n',
    headings(beginning) {
      const end = beginning.indexOf('\n');
      const head = end === -1 ? undefined : parseJson(`${beginning.slice(0, end)}]}`);
      if (!isRecord(head) || head['schemaVersion'] !== 1 || !Array.isArray(head['columns'])) return null;
      return head['columns'].flatMap((each: unknown) => (isRecord(each) ? [`${String(each['name'])} [${String(each['unit'])}]`] : []));
    },
    momentOf(line) {
      const row = parseJson(line.replace(/^,/, ''));
      return isRecord(row) && typeof row['timestamp'] === 'string' ? momentIn(row['timestamp']) : null;
    },
  },
};

/** RFC 3339 in UTC, with ms only where there are some. */
function timestamp(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

function momentIn(text: string): number | null {
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** What floats hold beyond ten digits is noise of their arithmetic. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(10)));
}

function csvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvFields(line: string): readonly string[] {
  return [...line.replace(/\r$/, '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
