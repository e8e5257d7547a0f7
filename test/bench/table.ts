import { pad, widthOf } from '../../src/text/width.js';
import type { Surroundings } from './machine.js';
import type { Measurement } from './measurement.js';
import type { Baseline } from './results.js';

/** The run as text: one line each, how it changed since the last release first. */
export function resultsTable(made: Surroundings, measurements: readonly Measurement[], baseline: Baseline | null): string {
  const rows = measurements.map((line) => [
    since(line, baseline),
    line.what,
    figure(line),
    spread(line),
    String(line.samples.length),
    line.peer === undefined ? '' : `${line.peer.ratio.toFixed(2)} × ${withoutSize(line.peer.what)}`,
    line.bar === undefined ? '' : `${line.bar.met ? 'met' : 'MISSED'} ${line.bar.text}`,
  ]);
  const head = ['was 1', 'what', 'value', 'from-to', 'runs', 'beside', 'bar'];
  const widths = head.map((title, column) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[column] ?? ''))));
  const printed = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column === 2 || column === 4 ? 'left' : 'right'))
      .join('  ')
      .trimEnd();
  return [
    `gpuk8s-tui ${made.version} (${made.commit}), Node ${made.node}, kubectl ${made.kubectl ?? 'none'}${made.binaryMB === null ? '' : `, single file ${made.binaryMB} MB`}`,
    `${made.cores} × ${made.processor}, ${made.memoryGB} GB, ${made.system}, load ${made.load.join(' to ')}, ${made.at}`,
    baseline === null
      ? 'no last release is kept: --save-baseline keeps this run as one'
      : `"was 1": divided by ${baseline.what}; ~ says that no peer tells a slower machine from a slower program`,
    '',
    printed(head),
    ...rows.map(printed),
    '',
  ].join('\n');
}

/** Now divided by then: of the ratios to the peer where both runs have one, as these carry over from one machine to another. */
function since({ id, value, peer }: Measurement, baseline: Baseline | null): string {
  const former = baseline?.lines.get(id);
  if (former === undefined) return '';
  if (peer !== undefined && former.ratio !== null) return (peer.ratio / former.ratio).toFixed(2);
  return former.value === 0 ? '' : `${(value / former.value).toFixed(2)}~`;
}

function figure({ value, unit }: Measurement): string {
  return `${number(value)} ${unit}`;
}

function spread({ samples }: Measurement): string {
  return samples.length < 2 ? '' : `${number(Math.min(...samples))}-${number(Math.max(...samples))}`;
}

function number(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** The size stands on our own line already. */
function withoutSize(what: string): string {
  return what.replace(/, (?:p\d\d, )?\d.*$/, '');
}
