import type { Diagnosis } from '../state/diagnoses.js';
import type { Fix, Severity } from '../state/report.js';
import { clean } from '../text/clean.js';
import { matchLine } from './match.js';
import type { Place, Signature, Variable } from './signature.js';

/** What a line is about: the object that said it, and what is known around it. */
export interface Subject {
  /** `pod/ns/name`, `node/name`, `unit/node/name`, `target/job/instance`. */
  readonly object: string;
  /** Tags besides the object's own that the line always explains, e.g. its owner's. */
  readonly tags: readonly string[];
  readonly node: string | null;
  /** For commands and operations; what is null or left out fills no variable. */
  readonly values: Readonly<Partial<Record<Variable, string | null>>>;
}

/** A text and where it was found. */
export interface Said {
  readonly subject: Subject;
  readonly where: Place;
  /** "log of container nvidia-device-plugin-ctr", "event FailedScheduling". */
  readonly source: string;
  /** As it came; may have several lines. */
  readonly text: string;
  /** ms since the epoch; null where nothing says. */
  readonly at: number | null;
}

/** A diagnosis with what decides its place among others. */
export interface Found extends Diagnosis {
  readonly severity: Severity;
}

/** What is known to stand behind a text. */
export function diagnose(signatures: readonly Signature[], said: Said): readonly Found[] {
  return said.text.split('\n').flatMap((raw) => {
    const line = clean(raw, 16_384).trim();
    if (line === '') return [];
    return matchLine(signatures, line, said.where).map(({ signature, index, text }) => found(signature, said, excerpt(line, index), text));
  });
}

function found(signature: Signature, { subject, source, at }: Said, line: string, matched: string): Found {
  const { node } = subject;
  const further = node === null ? [] : signature.explains.map((consequence) => `${consequence}/${node}`);
  return {
    signature: signature.id,
    object: subject.object,
    tags: [...new Set([subject.object, ...subject.tags, ...further])],
    source,
    line,
    ...(matched.length > 60 ? {} : { said: matched.replace(/[.:\s]+$/, '') }),
    cause: signature.cause,
    fix: filled(signature, subject),
    at,
    severity: signature.severity,
  };
}

/** Around the place that matched, where the line is long. */
function excerpt(line: string, index: number): string {
  if (line.length <= 600) return line;
  const start = index < 300 ? 0 : index - 100;
  return `${start === 0 ? '' : '…'}${line.slice(start, start + 500)}${start + 500 < line.length ? '…' : ''}`;
}

/** The fix for this object; a command or an operation with a variable that nothing fills is left out, so that nothing half is ever pasted or run. */
function filled({ fix }: Signature, { values }: Subject): Fix {
  const summary = fill(fix.summary, values, () => true) ?? fix.summary.replace(/\{[a-z]+\}/g, 'it');
  const command = fix.command === null ? null : fill(fix.command, values, isPlainWord);
  if (fix.operation === null) return { summary, command };
  const input = new Map(Object.entries(fix.operation.input).map(([key, template]) => [key, fill(template, values, () => true)] as const));
  // A pod on its own, or one of a Job, has no template to change.
  const kind = input.get('kind') ?? 'deployment';
  if ([...input.values()].includes(null) || !/^(?:deployment|daemonset|statefulset)$/.test(kind)) return { summary, command };
  return { summary, command, operation: { id: fix.operation.id, input: Object.fromEntries([...input].map(([key, value]) => [key, value ?? ''])) } };
}

/** A shell reads it as it stands. The program's own words for kubectl are quoted already. */
function isPlainWord(value: string, variable: string): boolean {
  return variable === 'kubectl' || /^[\w@%+:,./-]+$/.test(value);
}

function fill(template: string, values: Subject['values'], allowed: (value: string, variable: string) => boolean): string | null {
  const byName = new Map(Object.entries(values));
  let whole = true;
  const text = template.replace(/\{([a-z]+)\}/g, (_, variable: string) => {
    const value = byName.get(variable) ?? null;
    if (value === null || !allowed(value, variable)) whole = false;
    return value ?? '';
  });
  return whole ? text : null;
}

/** Ten thousand pods that wait for the same thing are one story. */
const mostOfOne = 100;

/** The newest of each signature and object, gravest first: what a finding should quote stands before what is only worth knowing. */
export function gathered(all: readonly Found[]): readonly Diagnosis[] {
  const newest = new Map<string, Found>();
  for (const one of all) {
    const key = `${one.signature} ${one.object}`;
    const known = newest.get(key);
    if (known === undefined || (one.at ?? 0) >= (known.at ?? 0)) newest.set(key, one);
  }
  const rank: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };
  const perSignature = new Map<string, number>();
  return [...newest.values()]
    .sort((a, b) => rank[a.severity] - rank[b.severity] || (b.at ?? 0) - (a.at ?? 0) || a.object.localeCompare(b.object))
    .filter(({ signature }) => {
      const before = perSignature.get(signature) ?? 0;
      perSignature.set(signature, before + 1);
      return before < mostOfOne;
    })
    .map(({ severity: _, ...diagnosis }) => diagnosis);
}
