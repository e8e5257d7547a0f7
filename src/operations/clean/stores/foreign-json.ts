import { Unmeasured } from '../disk-look.js';

/** A program's answer as JSON. Throws Unmeasured where it is none. */
export function parsedJson(answer: string, program: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    throw new Unmeasured(`${program} does not answer as expected`);
  }
}

/** One JSON document a line, as Docker's `{{json .}}` prints; lines that are none are left out. */
export function jsonLines(answer: string): readonly unknown[] {
  return answer.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}
