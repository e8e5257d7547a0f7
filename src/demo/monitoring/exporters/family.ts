import { formatValue } from '../promql/value.js';

/** A metric as an exporter offers it: one family with all its series. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** `wants` tells whether a label's value can matter to the one who asks; series it refuses may be left out. */
  readonly series: (wants: Wants) => Iterable<Series>;
}

export type Wants = (label: string, value: string) => boolean;

export interface Series {
  /** Appended to the family's name: a histogram's series have their own. */
  readonly suffix: string;
  readonly labels: LabelPairs;
  /** The value at a moment (seconds); null when the series was not there. */
  readonly value: (time: number) => number | null;
}

export type LabelPairs = readonly (readonly [string, string])[];

export const everything: Wants = () => true;

/** A family of gauges. */
export function gauge(name: string, help: string, series: Family['series']): Family {
  return { name, help, type: 'gauge', series };
}

/** A family of counters. */
export function counter(name: string, help: string, series: Family['series']): Family {
  return { name, help, type: 'counter', series };
}

export function series(labels: Readonly<Record<string, string>>, value: Series['value'] | number): Series {
  return { suffix: '', labels: Object.entries(labels), value: typeof value === 'number' ? () => value : value };
}

/** A family with one series without labels. */
export function single(type: 'counter' | 'gauge', name: string, help: string, value: Series['value'] | number): Family {
  return { name, help, type, series: () => [series({}, value)] };
}

/** The families as a scrape at a moment would get them, in Prometheus' text format 0.0.4. */
export function exposition(families: Iterable<Family>, time: number): string {
  const lines: string[] = [];
  for (const family of families) {
    lines.push(`# HELP ${family.name} ${escaped(family.help)}`, `# TYPE ${family.name} ${family.type}`);
    for (const { suffix, labels, value } of family.series(everything)) {
      const number = value(time);
      if (number !== null) lines.push(`${family.name}${suffix}${labelText(labels)} ${formatValue(number)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function labelText(labels: LabelPairs): string {
  return labels.length === 0 ? '' : `{${labels.map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`).join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
