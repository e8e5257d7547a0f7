import { StringDecoder } from 'node:string_decoder';

/** What a command prints on one stream, kept up to a limit. */
export interface CapturedOutput {
  write(chunk: Uint8Array): void;
  /** All that was kept, with a note at its end where it was cut. */
  text(): string;
}

/** Hands each piece on as text as it comes; characters that are split between two pieces come whole with the second. */
export function captureOutput(maxBytes: number, onText: (text: string) => void = () => undefined): CapturedOutput {
  const live = new StringDecoder('utf8');
  const kept: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  return {
    write(chunk) {
      const text = live.write(chunk);
      if (text !== '') onText(text);
      if (cut) return;
      const room = maxBytes - size;
      cut = chunk.length > room;
      // Copied where only a part is kept, so that the whole piece can be freed.
      kept.push(cut ? Uint8Array.from(chunk.subarray(0, room)) : chunk);
      size += Math.min(chunk.length, room);
    },
    text() {
      const content = Buffer.concat(kept);
      if (!cut) return content.toString('utf8');
      return `${new StringDecoder('utf8').write(content)}\n[cut after ${maxBytes} bytes]\n`;
    },
  };
}
