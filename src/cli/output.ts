/** Where a command writes; the command line's own streams, or a test's strings. */
export interface Output {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Colours and live lines are fine on stdout. */
  readonly isTty: boolean;
  /** A terminal on stdout, with colours or without: nothing goes there as it came. */
  readonly isTerminal?: boolean;
  /** A terminal on stderr, where lines can be drawn over; left out where it is a file or a pipe. */
  readonly live?: { readonly columns: number; readonly rows: number; readonly colours: boolean };
}

/** The command line's own streams. */
export function terminalOutput(): Output {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    isTty: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    isTerminal: process.stdout.isTTY === true,
    ...(process.stderr.isTTY === true ? { live: { columns: process.stderr.columns, rows: process.stderr.rows, colours: !process.env['NO_COLOR'] } } : {}),
  };
}
