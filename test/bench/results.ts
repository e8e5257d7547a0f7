import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at, list, number, text } from '../../src/kube/json.js';
import type { Surroundings } from './machine.js';
import type { Measurement } from './measurement.js';

/** A line of the last release's run. */
export interface Former {
  readonly value: number;
  readonly ratio: number | null;
}

export interface Baseline {
  /** The release and where it ran, in words. */
  readonly what: string;
  readonly lines: ReadonlyMap<string, Former>;
}

export const resultsFile = join('build', 'bench.json');
const baselineFile = join('test', 'bench', 'baseline.json');

/** Writes a run with all of its samples, for other programs. */
export function saveResults(made: Surroundings, measurements: readonly Measurement[], asBaseline: boolean): void {
  const document = {
    schemaVersion: 1,
    ...made,
    measurements: measurements.map(({ samples, value, ...line }) => ({ ...line, value: short(value), samples: samples.map(short) })),
  };
  mkdirSync(dirname(resultsFile), { recursive: true });
  writeFileSync(resultsFile, `${JSON.stringify(document, null, 1)}\n`);
  if (!asBaseline) return;
  const lines = measurements.map(({ id, value, peer }) => ({ id, value: short(value), ...(peer === undefined ? {} : { ratio: short(peer.ratio) }) }));
  writeFileSync(baselineFile, `${JSON.stringify({ schemaVersion: 1, ...made, lines }, null, 2)}\n`);
}

/** The last release's run; null where none was kept. */
export function readBaseline(): Baseline | null {
  if (!existsSync(baselineFile)) return null;
  const document: unknown = JSON.parse(readFileSync(baselineFile, 'utf8'));
  const lines = list(at(document, 'lines')).flatMap((line): readonly (readonly [string, Former])[] => {
    const [id, value] = [text(at(line, 'id')), number(at(line, 'value'))];
    return id === null || value === null ? [] : [[id, { value, ratio: number(at(line, 'ratio')) }]];
  });
  const words = ['version', 'at', 'processor'].map((name) => text(at(document, name)) ?? 'unknown');
  return { what: `${words[0]} of ${words[1]?.slice(0, 10)} on ${number(at(document, 'cores')) ?? 0} × ${words[2]}`, lines: new Map(lines) };
}

/** Four figures say all that a measurement can. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}
