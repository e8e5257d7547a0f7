import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { JournalEntry, JournalView } from '../state/journal.js';
import { type JournalLine, parseJournalLine } from './journal-line.js';
import { isRunning, type WritingProcess } from './writing-process.js';

export interface JournalReader {
  read(now: number): Promise<JournalView>;
}

/** Reads the journal's files, newest first. What was read before is kept: the next time only what has been added is read. */
export function createJournalReader(files: readonly string[]): JournalReader {
  let known: ReadonlyMap<string, ReadFile> = new Map();
  const readAll = async (now: number): Promise<JournalView> => {
    const read: { readonly name: string; readonly file: ReadFile }[] = [];
    // From the newest on: a file put aside meanwhile is then met twice, which does no harm, and never missed.
    for (const path of files) {
      const file = await readOne(path, known);
      if (file !== null && !read.some((other) => other.file.identity === file.identity)) read.push({ name: basename(path), file });
    }
    known = new Map(read.map(({ file }) => [file.identity, file]));
    return { file: files[0] ?? '', entries: joined(read.map(({ file }) => file).reverse(), now), unreadable: read.flatMap(unreadableIn) };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    read(now) {
      const mine = last.then(() => readAll(now));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

interface ReadFile {
  /** Inode and birth: an inode is given to another file as soon as it is free. */
  readonly identity: string;
  /** Bytes of whole lines that have been read, and how many lines that were. */
  readonly bytes: number;
  readonly lineCount: number;
  readonly lines: readonly JournalLine[];
  readonly unreadable: readonly { readonly number: number; readonly why: string }[];
  /** Whether text without a line end follows. */
  readonly isTorn: boolean;
}

async function readOne(path: string, known: ReadonlyMap<string, ReadFile>): Promise<ReadFile | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Error(`cannot read the journal ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  try {
    const { ino, birthtimeMs, size } = await handle.stat();
    const identity = `${ino} ${birthtimeMs}`;
    const before = known.get(identity);
    const start = before !== undefined && before.bytes <= size ? before : { identity, bytes: 0, lineCount: 0, lines: [], unreadable: [], isTorn: false };
    return start.bytes === size ? { ...start, isTorn: false } : await readFrom(handle, start, size);
  } finally {
    await handle.close();
  }
}

/** Reads the lines added since, and lets others have their turn on the way through a large file. */
async function readFrom(handle: FileHandle, start: ReadFile, size: number): Promise<ReadFile> {
  const lines = [...start.lines];
  const unreadable = [...start.unreadable];
  let { bytes, lineCount } = start;
  let rest: Buffer = Buffer.alloc(0);
  let offset = bytes;
  while (offset < size) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(chunkBytes, size - offset)), 0, null, offset);
    if (bytesRead === 0) break;
    offset += bytesRead;
    const piece = buffer.subarray(0, bytesRead);
    const chunk: Buffer = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = chunk.lastIndexOf(lineFeed) + 1;
    for (const text of end === 0 ? [] : chunk.toString('utf8', 0, end - 1).split('\n')) {
      lineCount += 1;
      if (text.trim() === '') continue;
      const line = parseJournalLine(text);
      if (typeof line === 'string') unreadable.push({ number: lineCount, why: line });
      else lines.push(line);
    }
    bytes += end;
    rest = chunk.subarray(end);
  }
  return { identity: start.identity, bytes, lineCount, lines, unreadable, isTorn: rest.length > 0 };
}

/** Half a MiB is parsed in a few ms, which no key press notices. */
const chunkBytes = 512 * 1024;
const lineFeed = 10;

function unreadableIn({ name, file }: { readonly name: string; readonly file: ReadFile }): readonly string[] {
  const torn = file.isTorn ? [{ number: file.lineCount + 1, why: 'cut off before its end' }] : [];
  return [...file.unreadable, ...torn].map(({ number, why }) => `${name} line ${number}: ${why}`);
}

function joined(files: readonly ReadFile[], now: number): readonly JournalEntry[] {
  const entries = new Map<string, { entry: JournalEntry; process: WritingProcess }>();
  for (const { lines } of files) {
    for (const line of lines) {
      if (line.line === 'begun') {
        const { total, ...entry } = line.entry;
        entries.set(entry.id, {
          entry: { ...entry, result: 'running', said: null, items: { done: 0, failed: 0, total }, tookMs: null },
          process: line.process,
        });
        continue;
      }
      const begun = entries.get(line.id);
      // The beginning of what ended was in a file that is gone by now.
      if (begun !== undefined) entries.set(line.id, { ...begun, entry: { ...begun.entry, ...line.ended } });
    }
  }
  return [...entries.values()].map(({ entry, process }) => (entry.result === 'running' ? openEntry(entry, process, now) : entry)).sort((a, b) => b.at - a.at);
}

/** Begun and never ended: it runs, or the program that began it is gone. One on another machine that shares the folder is believed for a day. */
function openEntry(entry: JournalEntry, process: WritingProcess, now: number): JournalEntry {
  const runs = isRunning(process);
  if (runs === 'unknown' ? now - entry.at < 24 * 3_600_000 : runs) return entry;
  return { ...entry, result: 'interrupted', said: 'the program ended in the middle of it; what was done by then is not known' };
}
