/** What the frame around a script tells besides the script's own words. */
export interface Told {
  readonly word: string;
  readonly rest: readonly string[];
}

export interface FrameReader {
  /** Takes a piece of output as it comes. */
  take(chunk: string): void;
  /** What came last may have no end of line. */
  end(): void;
}

/** Tells the lines of a script's output from those of its frame. A line that grows without end is told in parts. */
export function frameReader(onLine: (line: string) => void, onTold: (told: Told) => void): FrameReader {
  let rest = '';
  const take = (line: string) => {
    if (!line.startsWith(sign)) {
      // Progress bars write over their own line: what stands last is what a person would see.
      const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
      if (shown.trim() !== '') onLine(shown);
      return;
    }
    const [word = '', ...words] = line.slice(sign.length).trim().split(' ');
    onTold({ word, rest: words });
  };
  return {
    take(chunk) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      if (rest.length > longest && !rest.startsWith(sign)) {
        take(rest);
        rest = '';
      }
    },
    end() {
      if (rest !== '') take(rest);
      rest = '';
    },
  };
}

const sign = '##gpuk8s ';
const longest = 16_384;

/** Words that came as base64, so that they could be anything. */
export function decoded(word: string | undefined): string {
  return Buffer.from(word ?? '', 'base64').toString('utf8');
}
