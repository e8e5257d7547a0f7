import { type Instance, render } from 'ink';
import type { Session } from '../src/session.js';
import { createStore } from '../src/state/store.js';
import { clean } from '../src/text/clean.js';
import { App } from './App.js';
import { Guard } from './Guard.js';
import { glyphLevel, type Locale } from './glyphs.js';
import { SuspendControl, type Suspender } from './SuspendControl.js';
import { isScreenId } from './screens/screen-ids.js';
import type { Theme } from './theme.js';

export interface StartOptions {
  /** ASCII only, whatever the locale says. */
  readonly ascii?: boolean;
  /** Name of the first screen; unknown names open the Overview. */
  readonly screen?: string;
  /** Print stack traces with errors. */
  readonly debug?: boolean;
  /** Where NO_COLOR, TERM and the locale are read from. */
  readonly env: Locale & { readonly NO_COLOR?: string | undefined };
  readonly stdin?: NodeJS.ReadableStream;
  readonly stdout?: NodeJS.WritableStream;
  readonly stderr?: NodeJS.WritableStream;
  readonly clock?: () => number;
}

/**
 * Opens the app on the terminal and owns it until the end: the screen, raw mode, signals, and how it all ends. Paints the frame before
 * `connect` has given a session. Resolves with the exit code once the terminal is as it was and the session is closed: 0 after q or ctrl-c, 143 and
 * 129 after SIGTERM and SIGHUP, 1 after an error, which is printed as one line.
 */
export async function startApp(connect: () => Promise<Session>, options: StartOptions): Promise<number> {
  const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr, clock = Date.now } = options;
  const theme: Theme = {
    glyphs: options.ascii === true ? 'ascii' : glyphLevel(options.env),
    colors: options.env.NO_COLOR === undefined || options.env.NO_COLOR === '',
  };
  const skeletonStore = createStore({ now: clock });
  const skeleton = skeletonStore.snapshot();
  skeletonStore.close();
  const ending = Promise.withResolvers<Ending>();
  const suspender: { current: Suspender | null } = { current: null };
  let session: Session | null = null;

  const onTerminal = (request: 'quit' | 'suspend' | 'redraw') => {
    if (request === 'quit') ending.resolve({ code: 0 });
    else void suspender.current?.(request === 'suspend' ? stopGroup : nothing);
  };
  const frame = () => (
    <Guard onError={(error) => ending.resolve({ code: 1, error })}>
      <SuspendControl control={suspender} />
      <App
        session={session}
        skeleton={skeleton}
        theme={theme}
        screen={options.screen !== undefined && isScreenId(options.screen) ? options.screen : 'overview'}
        clock={clock}
        onTerminal={onTerminal}
      />
    </Guard>
  );

  const stopListening = listen(
    stdin,
    stdout,
    ending.resolve,
    () => void suspender.current?.(nothing),
    () => onTerminal('suspend'),
  );
  const ink = render(frame(), {
    stdin,
    stdout,
    stderr,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 30,
    exitOnCtrlC: false,
    patchConsole: true,
    // Ink takes a machine with CI in its environment for one without a terminal.
    interactive: true,
  });
  ink.waitUntilExit().then(
    () => ending.resolve({ code: 0 }),
    (error: unknown) => ending.resolve({ code: 1, error }),
  );
  connect().then(
    (opened) => {
      session = opened;
      ink.rerender(frame());
    },
    (error: unknown) => ending.resolve({ code: 1, error }),
  );

  const { code, error } = await ending.promise;
  await leave(ink, stdout);
  stopListening();
  if (error !== undefined) report(error, options.debug === true, stderr);
  await closed(session);
  return code;
}

interface Ending {
  readonly code: number;
  readonly error?: unknown;
}

/** Hears everything that can end or stop the program from outside. Returns the way to stop listening. */
function listen(
  stdin: NodeJS.ReadableStream,
  stdout: NodeJS.WritableStream,
  end: (ending: Ending) => void,
  repaint: () => void,
  suspend: () => void,
): () => void {
  const onTerm = () => end({ code: 143 });
  const onHangUp = () => end({ code: 129 });
  const onInterrupt = () => end({ code: 0 });
  const onError = (error: unknown) => end({ code: 1, error });
  // Node prints warnings straight to the terminal, into the middle of the picture.
  const warnings = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', nothing);
  process.on('SIGTERM', onTerm).on('SIGHUP', onHangUp).on('SIGINT', onInterrupt).on('SIGCONT', repaint).on('SIGTSTP', suspend);
  process.on('uncaughtException', onError).on('unhandledRejection', onError);
  // A terminal that went away without a SIGHUP shows as input that ends or output that fails.
  stdin.on('end', onHangUp).on('error', onHangUp);
  stdout.on('error', onHangUp);
  return () => {
    process.off('warning', nothing);
    for (const warning of warnings) process.on('warning', warning);
    process.off('SIGTERM', onTerm).off('SIGHUP', onHangUp).off('SIGINT', onInterrupt).off('SIGCONT', repaint).off('SIGTSTP', suspend);
    process.off('uncaughtException', onError).off('unhandledRejection', onError);
    stdin.off('end', onHangUp).off('error', onHangUp);
  };
}

/** Gives the terminal back as it was. tmux keeps a row of an alternate screen that was not emptied before it was left. */
async function leave(ink: Instance, stdout: NodeJS.WritableStream): Promise<void> {
  ink.clear();
  if (stdout.writable) stdout.write('\x1b[2J\x1b[H');
  ink.unmount();
  await ink.waitUntilExit().catch(nothing);
}

function report(error: unknown, debug: boolean, stderr: NodeJS.WritableStream): void {
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`gpuk8s-tui: ${clean(message)}\n`);
  if (debug && error instanceof Error) stderr.write(`${error.stack}\n`);
}

/** Closes the session, but does not wait for a server that never answers. */
async function closed(session: Session | null): Promise<void> {
  if (session === null) return;
  const patience = new Promise((resolve) => setTimeout(resolve, 1000).unref());
  await Promise.race([session.close().catch(nothing), patience]);
}

/**
 * Stops the whole process group, as the terminal itself would on ctrl-z: npm in front of us must stop too, or the shell never gets its prompt.
 * In a group without a shell above it the signal does nothing, and we go on at once.
 */
async function stopGroup(): Promise<void> {
  const handlers = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  process.kill(0, 'SIGTSTP');
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const handler of handlers) process.on('SIGTSTP', handler);
}

function nothing(): void {}
