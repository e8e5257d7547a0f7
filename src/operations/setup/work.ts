import type { Host } from '../../hosts/host.js';
import type { StepSpec } from '../../runbooks/playbook.js';
import type { RenderedFile, ScriptSeat } from '../../runbooks/step-script.js';

/** One step in one column. */
export interface CellRef {
  readonly step: string;
  readonly column: string;
}

export function cellKey({ step, column }: CellRef): string {
  return `${step} ${column}`;
}

/** What is to be done where, worked out. */
export interface Work {
  /** In an order in which they can be done. */
  readonly steps: readonly StepSpec[];
  columns(step: string): readonly string[];
  /** What must be done before it. */
  needsOf(step: string, column: string): readonly CellRef[];
  /** All that its scripts see, but for what other steps give. */
  values(step: string, column: string): Readonly<Record<string, string>>;
  readonly secretNames: ReadonlySet<string>;
  /** Its rendered files; throws an Error with a sentence where they cannot be rendered. */
  files(step: StepSpec, values: Readonly<Record<string, string>>): readonly RenderedFile[];
  /** Of the cluster, as it is typed to confirm what is destructive. */
  readonly clusterName: string;
}

/** Where the scripts of a column run. */
export interface Seat {
  /** The machine: two columns of one machine are not worked on at once. */
  readonly machine: string;
  /** Rejects with HostError. */
  host(): Promise<Host>;
  readonly sudo: boolean;
  /** It is the machine that this program runs on. */
  readonly isLocal: boolean;
  readonly script: ScriptSeat;
}

/** Throws an Error with a sentence where there is no place for that column. */
export type Seats = (column: string) => Seat;
