/** One sample of Prometheus' text format. The value stays text: `NaN` and `+Inf` are no amounts. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: string;
}

/** The samples of a page in Prometheus' text format; lines that are none are left out, as is a last line without its end. */
export function parseExposition(text: string): readonly Sample[] {
  const lines = text.slice(0, longestPage).split('\n');
  const whole = text.endsWith('\n') ? lines : lines.slice(0, -1);
  return whole.flatMap((line) => sampleOf(line) ?? []);
}

const longestPage = 32 * 2 ** 20;

function sampleOf(line: string): Sample | null {
  if (line.length > 16_384) return null;
  const [, name, given = '', value] = form.exec(line.trim()) ?? [];
  if (name === undefined || value === undefined) return null;
  const labels = new Map<string, string>();
  for (const [, key = '', text = ''] of given.matchAll(labelForm))
    labels.set(
      key,
      text.replace(/\\(["\\n])/g, (_, mark: string) => (mark === 'n' ? ' ' : mark)),
    );
  return { name, labels, value };
}

const form = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s+([^\s]+)(?:\s+-?\d+)?$/;
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;
