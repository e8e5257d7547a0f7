import { accessSync, constants, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes free for this user where the folder lies or will lie; rejects with a sentence where it cannot be made or written. */
export async function roomFor(folder: string): Promise<number> {
  try {
    const nearest = existing(folder);
    accessSync(nearest, constants.W_OK);
    const { bavail, bsize } = await statfs(nearest);
    return bavail * bsize;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw new Error(
      code === 'EACCES' || code === 'EROFS' ? `no permission to write in ${folder}` : `${folder}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}
