import { KubeError } from './kube-error.js';

/** Longer than any object the API server stores (etcd's limit is 1.5 MB). */
const longestLine = 16 * 2 ** 20;

/** Calls `line` for each whole line of a text that comes in pieces. A half line at the end was cut off by somebody and counts for nothing. */
export function splitLines(line: (text: string) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    let start = 0;
    for (let newline = chunk.indexOf(10); newline !== -1; newline = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, newline));
      start = newline + 1;
      const [only] = parts;
      const text = (parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)).toString('utf8');
      parts = [];
      length = 0;
      if (text.trim() !== '') line(text);
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      length += chunk.length - start;
      if (length > longestLine) throw new KubeError('not-kubernetes', 'the watch sent a line without end');
    }
  };
}
