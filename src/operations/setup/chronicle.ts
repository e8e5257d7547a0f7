import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../../journal/journal.js';
import type { StepSpec } from '../../runbooks/playbook.js';
import { clean } from '../../text/clean.js';
import type { CellRef } from './work.js';

/** Writes down what is done: a line in the journal when a step begins and one when it ended, and all that it said in a file of its own. */
export interface SetupChronicle {
  /** Rejects with a sentence where it cannot be written down: then nothing is to be changed. */
  begin(cell: CellRef, entry: ChronicleEntry): Promise<StepRecord>;
}

export interface ChronicleEntry {
  readonly step: StepSpec;
  readonly phase: 'apply' | 'undo';
  /** Its commands, secrets masked. */
  readonly commands: readonly string[];
}

export interface StepRecord {
  /** A line that it said, safe to keep. */
  line(text: string): void;
  end(result: 'done' | 'failed' | 'cancelled', said: string | null): Promise<void>;
}

export interface ChronicleOptions {
  readonly journal: Journal;
  /** The folder in which the journal lies. */
  readonly folder: string;
  readonly who: string;
  /** The cluster's name. */
  readonly context: string;
  /** The journal has changed, or could not be told. */
  readonly onWritten: (trouble: string | null) => void;
  readonly now: () => number;
}

export function setupChronicle({ journal, folder, who, context, onWritten, now }: ChronicleOptions): SetupChronicle {
  return {
    async begin({ step: id, column }, { step, phase, commands }) {
      const at = now();
      const entry = { id: randomUUID(), at };
      const input = { step: id, column, phase };
      const title = `${phase === 'undo' ? 'Take back' : 'Set up'}: ${step.title} (${column})`;
      const undo = phase === 'undo' || step.undo === null ? null : `gpuk8s-tui setup undo ${id} --host ${column}`;
      const plan = commands.length > mostLines ? [...commands.slice(0, mostLines - 1), `and ${commands.length - mostLines + 1} more lines`] : commands;
      try {
        await journal.begin({ ...entry, who, context, operation: { id: 'setup-step', input }, title, risk: step.risk, plan, undo, total: 1 });
      } catch (error) {
        throw new Error(`nothing was changed: ${wordsOf(error)}`, { cause: error });
      }
      onWritten(null);
      const log = logFile(folder, at, `${column}-${id}`);
      return {
        line(text) {
          const trouble = log(text);
          if (trouble !== null) onWritten(trouble);
        },
        async end(result, said) {
          const items = { done: result === 'done' ? 1 : 0, failed: result === 'failed' ? 1 : 0, total: 1 };
          try {
            await journal.end(entry.id, { result, said, items, tookMs: now() - at });
            onWritten(null);
          } catch (error) {
            onWritten(wordsOf(error));
          }
        },
      };
    },
  };
}

const mostLines = 20;

/** A file that only its owner can read; says once why it cannot be written. */
function logFile(folder: string, at: number, name: string): (line: string) => string | null {
  const time = new Date(at).toISOString().replaceAll(':', '-').replace(/\..*/, '');
  const file = join(folder, 'setup', time, `${name}.log`);
  let isUsable: boolean | null = null;
  return (line) => {
    if (isUsable === false) return null;
    try {
      if (isUsable === null) mkdirSync(join(folder, 'setup', time), { recursive: true, mode: 0o700 });
      isUsable = true;
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
      return null;
    } catch (error) {
      isUsable = false;
      return wordsOf(error);
    }
  };
}

function wordsOf(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error), 500);
}
