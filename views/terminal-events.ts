/** How the app ends: its exit code, and the error that ended it if one did. */
export interface Ending {
  readonly code: number;
  readonly error?: unknown;
}

/** What can come from outside while the app owns the terminal. */
export interface TerminalEvents {
  readonly end: (ending: Ending) => void;
  /** We were stopped and go on: the screen and the terminal's modes are no longer ours. */
  readonly resumed: () => void;
  readonly suspend: () => void;
}

/** Hears everything that can end or stop the program from outside, until the function it returns is called. */
export function listenToTerminal(stdin: NodeJS.ReadableStream, stdout: NodeJS.WritableStream, { end, resumed, suspend }: TerminalEvents): () => void {
  const terminated = () => end({ code: 143 });
  const hungUp = () => end({ code: 129 });
  const interrupted = () => end({ code: 0 });
  const failed = (error: unknown) => end({ code: 1, error });
  // Node prints warnings straight to the terminal, into the middle of the picture.
  const warnings = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', ignore);
  process.on('SIGTERM', terminated).on('SIGHUP', hungUp).on('SIGINT', interrupted).on('SIGCONT', resumed).on('SIGTSTP', suspend);
  process.on('uncaughtException', failed).on('unhandledRejection', failed);
  // A terminal that went away without a SIGHUP shows as input that ends or output that fails.
  stdin.on('end', hungUp).on('error', hungUp);
  stdout.on('error', hungUp);
  return () => {
    process.off('warning', ignore);
    for (const warning of warnings) process.on('warning', warning);
    process.off('SIGTERM', terminated).off('SIGHUP', hungUp).off('SIGINT', interrupted).off('SIGCONT', resumed).off('SIGTSTP', suspend);
    process.off('uncaughtException', failed).off('unhandledRejection', failed);
    stdin.off('end', hungUp).off('error', hungUp);
    stdout.off('error', hungUp);
  };
}

/**
 * Stops the whole process group, as the terminal itself would on ctrl-z: npm in front of us must stop too, or the shell never gets its prompt.
 * In a group without a shell above it the signal does nothing, and we go on at once.
 */
export async function stopProcessGroup(): Promise<void> {
  const handlers = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  process.kill(0, 'SIGTSTP');
  // The signal comes while this waits, and so does the time until we go on.
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const handler of handlers) process.on('SIGTSTP', handler);
}

function ignore(): void {}
