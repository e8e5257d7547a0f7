import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface JournalWriter {
  /** Resolves when the line is on disk. */
  append(line: string): Promise<void>;
}

/** Appends whole lines to the first of `files`; when it has grown beyond `maxBytes` it becomes the second, that the third, and the last one goes. */
export function createJournalWriter({ files, maxBytes }: { readonly files: readonly string[]; readonly maxBytes: number }): JournalWriter {
  const [file = ''] = files;
  let last: Promise<void> = Promise.resolve();
  const append = async (line: string) => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    if ((await sizeOf(file)) > maxBytes) await rotate(files, maxBytes);
    // Opened anew for each line: another program may have put the file aside meanwhile.
    const handle = await open(file, 'a+', 0o600);
    try {
      await writeLine(handle, line);
    } finally {
      await handle.close();
    }
  };
  return {
    append(line) {
      const mine = last.then(() =>
        append(line).catch((error: unknown) => {
          throw new Error(`cannot write the journal ${file}: ${reasonOf(error)}`, { cause: error });
        }),
      );
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** One write to a file opened for appending: the system puts it at the end as a whole, also when another program writes at the same moment. */
async function writeLine(handle: FileHandle, line: string): Promise<void> {
  const { mode } = await handle.stat();
  if ((mode & 0o077) !== 0) await handle.chmod(0o600);
  // A line that was cut off by a kill or a full disk stays alone.
  const bytes = Buffer.from(`${(await endsTorn(handle)) ? '\n' : ''}${line}\n`);
  const { bytesWritten } = await handle.write(bytes);
  if (bytesWritten < bytes.length) throw new Error('the disk is full');
  await handle.sync();
}

/** A write of another program can be seen half done, for a moment. */
async function endsTorn(handle: FileHandle): Promise<boolean> {
  for (let look = 0; look < 3; look += 1) {
    const { size } = await handle.stat();
    if (size === 0) return false;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer.toString('latin1') === '\n') return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}

/** Only one program puts files aside; the others go on appending, which is safe at any moment. */
async function rotate(files: readonly string[], maxBytes: number): Promise<void> {
  const [file = ''] = files;
  const lockFile = `${file}.lock`;
  const lock = await takeLock(lockFile);
  if (lock === null) return;
  try {
    // The one before us may have done it.
    if ((await sizeOf(file)) <= maxBytes) return;
    for (let index = files.length - 1; index > 0; index -= 1) {
      const from = files[index - 1];
      const to = files[index];
      if (from !== undefined && to !== undefined) await rename(from, to).catch(ignoreMissing);
    }
  } finally {
    await lock.close();
    await rm(lockFile, { force: true });
  }
}

async function takeLock(lockFile: string): Promise<FileHandle | null> {
  try {
    return await open(lockFile, 'wx', 0o600);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  // Whoever held it so long has been killed: putting files aside takes a moment. The next line tries again.
  const heldSince = (await stat(lockFile).catch(() => null))?.mtimeMs ?? Date.now();
  if (Date.now() - heldSince > 10_000) await rm(lockFile, { force: true });
  return null;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

function ignoreMissing(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function reasonOf(error: unknown): string {
  if (isCode(error, 'EACCES') || isCode(error, 'EPERM')) return 'permission denied; it belongs to another user perhaps';
  if (isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT')) return 'the disk is full';
  if (isCode(error, 'EROFS')) return 'the file system is read-only';
  return error instanceof Error ? error.message : String(error);
}
