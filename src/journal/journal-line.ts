import type { JournalEntry } from '../state/journal.js';
import type { Risk } from '../state/operations.js';
import { clean } from '../text/clean.js';
import { isSecretName, mask, masked } from '../text/masked.js';
import type { BegunEntry, EndedEntry } from './journal.js';
import type { WritingProcess } from './writing-process.js';

/** One line of the journal, as it was read. */
export type JournalLine =
  | { readonly line: 'begun'; readonly entry: BegunEntry; readonly process: WritingProcess }
  | { readonly line: 'ended'; readonly id: string; readonly ended: EndedEntry };

/** The line of something that begins, without secrets. */
export function begunLine({ id, at, who, context, operation, title, risk, plan, undo, total }: BegunEntry, process: WritingProcess): string {
  const input = Object.fromEntries(Object.entries(operation.input).map(([name, value]) => [name, isSecretName(name) ? mask : masked(value)]));
  return JSON.stringify({
    v: version,
    line: 'begun',
    id,
    at: new Date(at).toISOString(),
    who,
    process,
    context,
    operation: { id: operation.id, input },
    title: masked(title),
    risk,
    total,
    plan: plan.map(masked),
    undo: undo === null ? null : masked(undo),
  });
}

export function endedLine(id: string, { result, said, items, tookMs }: EndedEntry, at: number): string {
  return JSON.stringify({ v: version, line: 'ended', id, at: new Date(at).toISOString(), result, said: said === null ? null : masked(said), items, tookMs });
}

/** Reads one line; a text says what is wrong with it. The file is foreign: anybody may have written in it. */
export function parseJournalLine(text: string): JournalLine | string {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return 'not JSON, cut off perhaps';
  }
  if (!isObject(line)) return 'not an entry';
  if (typeof line['v'] === 'number' && line['v'] > version) return 'written by a newer version';
  if (line['line'] === 'begun') return parseBegun(line) ?? 'a begun line with fields missing';
  if (line['line'] === 'ended') return parseEnded(line) ?? 'an ended line with fields missing';
  return 'neither the beginning nor the end of something';
}

/** Raised when a field changes its meaning. */
const version = 1;

type Json = Readonly<Record<string, unknown>>;

function parseBegun(line: Json): JournalLine | null {
  const { id, at, who, context, operation, title, risk, plan, undo, total, process } = line;
  const begunAt = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (typeof id !== 'string' || Number.isNaN(begunAt) || !isObject(operation) || typeof operation['id'] !== 'string' || !isRisk(risk)) return null;
  const input = isObject(operation['input']) ? Object.entries(operation['input']) : [];
  const lines = Array.isArray(plan) ? plan.map(text) : [];
  return {
    line: 'begun',
    entry: {
      id: clean(id),
      at: begunAt,
      who: text(who),
      context: text(context),
      operation: { id: clean(operation['id']), input: Object.fromEntries(input.map(([name, value]) => [clean(name), text(value)])) },
      title: text(title),
      risk,
      plan: lines,
      undo: typeof undo === 'string' ? clean(undo) : null,
      total: typeof total === 'number' ? total : lines.length,
    },
    process: processOf(process),
  };
}

function processOf(process: unknown): WritingProcess {
  if (!isObject(process)) return { host: '', pid: 0, started: null };
  const { host, pid, started } = process;
  return { host: text(host), pid: typeof pid === 'number' ? pid : 0, started: typeof started === 'string' ? clean(started) : null };
}

function parseEnded(line: Json): JournalLine | null {
  const { id, result, said, items, tookMs } = line;
  if (typeof id !== 'string' || (result !== 'done' && result !== 'failed' && result !== 'cancelled') || !isObject(items)) return null;
  const { done, failed, total } = items;
  if (typeof done !== 'number' || typeof failed !== 'number' || typeof total !== 'number') return null;
  return {
    line: 'ended',
    id: clean(id),
    ended: {
      result,
      said: typeof said === 'string' ? clean(said) : null,
      items: { done, failed, total },
      tookMs: typeof tookMs === 'number' ? tookMs : null,
    } satisfies Pick<JournalEntry, 'result' | 'said' | 'items' | 'tookMs'>,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? clean(value) : '';
}

function isRisk(value: unknown): value is Risk {
  return value === 'safe' || value === 'disruptive' || value === 'destructive' || value === 'needs-reboot';
}
