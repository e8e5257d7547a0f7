import { type FileHandle, open } from 'node:fs/promises';
import type { TableFormat } from './export-format.js';

/** Where a table goes. */
export interface TableSink {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** What a broken export left behind: its columns, and the last moment that it has whole; null where not even a row is whole. */
export interface Remains {
  readonly headings: readonly string[];
  readonly lastAt: number | null;
  /** The moment before the last, to know its step by. */
  readonly beforeAt: number | null;
}

/** Opens a new file for the table, readable by its owner alone. Rejects with a sentence where one lies there already, unless an `empty` one may. */
export async function newFile(path: string, emptyIsFine: boolean): Promise<TableSink> {
  try {
    return sinkAt(await open(path, emptyIsFine ? 'w' : 'wx', 0o600), 0);
  } catch (error) {
    throw new Error(
      codeOf(error) === 'EEXIST' ? `${path} is there already: give --resume to go on with it, or another name` : `cannot write ${path}: ${codeOf(error)}`,
    );
  }
}

/** Opens what a broken export left, drops what is not whole at its end, and goes on after it. Null where there is no such file, or nothing in it. */
export async function resumedFile(path: string, format: TableFormat): Promise<{ readonly sink: TableSink; readonly remains: Remains } | null> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw new Error(`cannot go on with ${path}: ${codeOf(error)}`);
  });
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const headings = format.headings(await textAt(file, 0, Math.min(size, headLimit)));
    if (headings === null) {
      // Broken off within its first line, it holds nothing to go on with.
      if (size < headLimit && isBeginning(await textAt(file, 0, size), format)) {
        await file.truncate(0);
        await file.close();
        return null;
      }
      throw new Error(`${path} does not begin as such a table does: it was written in another format, or by another program`);
    }
    const { end, moments } = await wholeRows(file, size, format);
    await file.truncate(end);
    return { sink: sinkAt(file, end), remains: { headings, lastAt: moments.at(-1) ?? null, beforeAt: moments.at(-2) ?? null } };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/** Whether this is a part of such a table's first line, and nothing else. */
function isBeginning(text: string, { signature }: TableFormat): boolean {
  return !text.includes('\n') && (text.startsWith(signature) || signature.startsWith(text));
}

/** Where the last whole row ends (or the first line, where there is none), with the moments of the last rows. Only the file's end is read. */
async function wholeRows(file: FileHandle, size: number, format: TableFormat): Promise<{ readonly end: number; readonly moments: readonly number[] }> {
  const from = Math.max(0, size - tailLimit);
  const bytes = Buffer.alloc(size - from);
  await file.read(bytes, 0, bytes.length, from);
  const moments: number[] = [];
  const firstLine = from === 0 ? bytes.indexOf(0x0a) + 1 : 0;
  let end = from === 0 ? firstLine : size;
  // In the middle of a file the first piece is the end of some line.
  let begin = from === 0 ? firstLine : bytes.indexOf(0x0a) + 1;
  for (let next = bytes.indexOf(0x0a, begin); next !== -1; next = bytes.indexOf(0x0a, begin)) {
    const at = format.momentOf(bytes.toString('utf8', begin, next));
    begin = next + 1;
    if (at === null) continue;
    moments.push(at);
    end = from + begin;
  }
  return { end, moments: moments.slice(-2) };
}

function sinkAt(file: FileHandle, start: number): TableSink {
  let position = start;
  return {
    async write(text) {
      const bytes = Buffer.from(text, 'utf8');
      await file.write(bytes, 0, bytes.length, position);
      position += bytes.length;
    },
    close: () => file.close(),
  };
}

async function textAt(file: FileHandle, start: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, start);
  return bytes.toString('utf8');
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}

const headLimit = 256 * 1024;
const tailLimit = 64 * 1024;
