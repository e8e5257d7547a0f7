import type { Readable } from 'node:stream';
import { KubeError } from './kube-error.js';

/** Longer than any object the API server stores (etcd's limit is 1.5 MB). */
const longestLine = 16 * 2 ** 20;

/**
 * Calls `line` for each whole line of a watch. Resolves at the stream's regular end; a half line before it was cut off by somebody and counts for nothing.
 * Rejects with KubeError when the connection breaks or nothing at all comes for `idleMs`.
 */
export function readLines(stream: Readable, line: (text: string) => void, idleMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const end = (error: Error | null) => {
      clearTimeout(idle);
      stream.destroy();
      if (error === null) resolve();
      else reject(error);
    };
    const idle = setTimeout(() => end(new SilentWatch(idleMs)), idleMs);
    stream.on('data', (chunk: Buffer) => {
      if (stream.destroyed) return;
      idle.refresh();
      try {
        let start = 0;
        for (let newline = chunk.indexOf(10); newline !== -1; newline = chunk.indexOf(10, start)) {
          parts.push(chunk.subarray(start, newline));
          start = newline + 1;
          const text = (parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)).toString('utf8');
          parts.length = 0;
          length = 0;
          if (text.trim() !== '') line(text);
        }
        if (start < chunk.length) {
          parts.push(chunk.subarray(start));
          length += chunk.length - start;
          if (length > longestLine) throw new KubeError('not-kubernetes', 'the watch sent a line without end');
        }
      } catch (error) {
        end(KubeError.from(error));
      }
    });
    stream.once('end', () => end(null));
    stream.once('error', (error) =>
      end(error instanceof KubeError ? error : new KubeError('unreachable', 'the connection of the watch broke', { cause: error })),
    );
    stream.once('close', () => end(null));
  });
}

/** Nothing was heard for too long: the connection may be dead without either end having noticed. */
export class SilentWatch extends Error {
  constructor(idleMs: number) {
    super(`nothing heard for ${Math.round(idleMs / 1000)} s`);
    this.name = 'SilentWatch';
  }
}
