import type { Readable } from 'node:stream';
import { KubeError } from './kube-error.js';

/**
 * Hands over each chunk of a stream and resolves at its regular end. Rejects with KubeError when the connection breaks or the reader throws, with SilentStream when nothing
 * comes for `idleMs`; the stream is destroyed in any case.
 */
export function readStream(stream: Readable, chunk: (chunk: Buffer) => void, idleMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (error: Error | null) => {
      if (over) return;
      over = true;
      clearTimeout(idle);
      stream.destroy();
      if (error === null) resolve();
      else reject(error);
    };
    const idle = setTimeout(() => end(new SilentStream(idleMs)), idleMs);
    stream.on('data', (data: Buffer) => {
      if (over) return;
      idle.refresh();
      try {
        chunk(data);
      } catch (error) {
        end(KubeError.from(error));
      }
    });
    stream.once('end', () => end(null));
    stream.on('error', (error) => end(error instanceof KubeError ? error : new KubeError('unreachable', 'the connection broke half way', { cause: error })));
    stream.once('close', () =>
      end(stream.readableEnded || stream.destroyed === false ? null : new KubeError('unreachable', 'the connection was closed half way')),
    );
  });
}

/** Nothing was heard for too long: the connection may be dead without either end having noticed. */
export class SilentStream extends KubeError {
  constructor(idleMs: number) {
    super('unreachable', `nothing heard for ${Math.round(idleMs / 1000)} s`);
    this.name = 'SilentStream';
  }
}
