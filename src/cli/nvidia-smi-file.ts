import { createReadStream } from 'node:fs';

/**
 * The text of a saved answer of nvidia-smi; `-` reads stdin. UTF-16, as PowerShell saves what a command prints, is read as well as UTF-8. Rejects with one sentence where it
 * cannot be read or is too large.
 */
export async function readNvidiaSmiFile(path: string, stdin: AsyncIterable<Uint8Array | string> = process.stdin): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of path === '-' ? stdin : createReadStream(path)) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > most) break;
      chunks.push(bytes);
    }
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reason(error)}`);
  }
  if (size > most) throw new Error(`cannot read ${named(path)}: it is larger than ${most / 2 ** 20} MiB, no answer of nvidia-smi`);
  return decode(Buffer.concat(chunks));
}

/** How messages call it. */
export function named(path: string): string {
  return path === '-' ? 'standard input' : path;
}

const most = 32 * 2 ** 20;

function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}

function reason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}
