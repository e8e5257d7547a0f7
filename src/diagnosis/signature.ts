import type { Severity } from '../state/report.js';

/** A known way to fail: the line by which it is recognised, why it happens and what mends it. Data of assets/signatures. */
export interface Signature {
  /** In words, e.g. `driver-library-mismatch`. */
  readonly id: string;
  /** Searched in single lines; null for what no line says and what is only described. */
  readonly pattern: RegExp | null;
  /** One of these stands in every line that the pattern matches; null where the pattern promises no such text. In lower case where the pattern ignores case. */
  readonly needs: readonly string[] | null;
  /** Kinds of text in which the line means this. */
  readonly where: ReadonlySet<Place>;
  readonly title: string;
  readonly cause: string;
  readonly fix: FixTemplate;
  /** Id of the set-up step that puts it right for good; null where there is none. */
  readonly step: string | null;
  readonly severity: Severity;
  /** Where the wording comes from. */
  readonly source: string;
  /** What fails with the object that said it: its node, the GPUs of that node, the pod network there. */
  readonly explains: readonly Consequence[];
}

/** Texts with variables in braces; what a diagnosis cannot fill it leaves out. */
export interface FixTemplate {
  readonly summary: string;
  readonly command: string | null;
  readonly operation: { readonly id: string; readonly input: Readonly<Record<string, string>> } | null;
}

export const places = [
  'pod-log',
  'event',
  'pod-status',
  'node-status',
  'workload-status',
  'unit-log',
  'kernel-log',
  'target-error',
  /** What a command printed that was run from here, e.g. nvidia-smi. */
  'command-output',
] as const;
export type Place = (typeof places)[number];

export const consequences = ['node', 'gpus', 'network'] as const;
export type Consequence = (typeof consequences)[number];

/**
 * node and host: the machine's name. unit: with its suffix. namespace, kind and name: those of the workload, or of the pod where it has none; kind in lower case. pod: the pod's own name.
 * kubectl: the program with the context in use.
 */
export const variables = ['node', 'host', 'unit', 'namespace', 'kind', 'name', 'pod', 'kubectl'] as const;
export type Variable = (typeof variables)[number];
