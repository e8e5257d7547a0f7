/** One section of the probe's answer: its body, and how it ended in the words of the frame. */
export interface Section {
  readonly name: string;
  readonly lines: readonly string[];
  readonly status: string;
  readonly errors?: readonly string[];
}

export function ok(name: string, lines: readonly string[]): Section {
  return { name, lines, status: 'ok' };
}

/** What only root could have read. */
export function needsRoot(name: string): Section {
  return { name, lines: [], status: 'root' };
}

export function missing(name: string, what: string): Section {
  return { name, lines: [], status: `missing ${what}` };
}
