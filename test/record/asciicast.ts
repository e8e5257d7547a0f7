/** A recorded terminal session, as asciicast v2 keeps it (docs.asciinema.org/manual/asciicast/v2). */
export interface Cast {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  readonly events: readonly CastEvent[];
}

export interface CastEvent {
  /** Seconds from the start. */
  readonly at: number;
  /** What the terminal got, what was typed, or what is told about the moment. */
  readonly kind: 'output' | 'input' | 'marker';
  readonly text: string;
}

/** The file: a header and one line for each event. */
export function writeCast({ columns, rows, title, events }: Cast): string {
  const header = { version: 2, width: columns, height: rows, title, env: { TERM: 'xterm-256color' } };
  const lines = events.map(({ at, kind, text }) => JSON.stringify([Number(at.toFixed(3)), codes[kind], text]));
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`;
}

/** What `writeCast` wrote. */
export function readCast(text: string): Cast {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const { width, height, title } = JSON.parse(header);
  return { columns: Number(width), rows: Number(height), title: String(title), events: lines.map(readEvent) };
}

/** How long it plays. */
export function castSeconds({ events }: Cast): number {
  return events.at(-1)?.at ?? 0;
}

const codes = { output: 'o', input: 'i', marker: 'm' } as const;

function readEvent(line: string): CastEvent {
  const [at, code, text] = JSON.parse(line);
  return { at: Number(at), kind: code === 'o' ? 'output' : code === 'i' ? 'input' : 'marker', text: String(text) };
}
