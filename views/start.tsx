import { type Instance, render } from 'ink';
import type { Session } from '../src/session.js';
import type { ClusterSnapshot } from '../src/state/snapshot.js';
import { createStore } from '../src/state/store.js';
import { clean } from '../src/text/clean.js';
import { App } from './App.js';
import { Guard } from './Guard.js';
import { glyphLevel, type Locale } from './glyphs.js';
import { SuspendControl, type Suspender } from './SuspendControl.js';
import { isScreenId, type ScreenId } from './screens/screen-ids.js';
import { type Ending, listenToTerminal, stopProcessGroup } from './terminal-events.js';
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
  /** Runs a command that has the terminal to itself until it ends; a sentence where that fails. */
  readonly runCommand?: (command: readonly string[]) => Promise<string | null>;
}

/**
 * Opens the app on the terminal and owns it until the end: the screen, raw mode, signals, and how it all ends. Paints the frame before
 * `connect` has given a session. Resolves with the exit code once the terminal is as it was and the session is closed: 0 after q or ctrl-c, 143 and
 * 129 after SIGTERM and SIGHUP, 1 after an error, which is printed as one line.
 */
export async function startApp(connect: () => Promise<Session>, options: StartOptions): Promise<number> {
  const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr, clock = Date.now, runCommand = refuseCommand } = options;
  const ending = Promise.withResolvers<Ending>();
  const suspender: { current: Suspender | null } = { current: null };
  const theme = themeFor(options);
  const skeleton = emptySnapshot(clock);
  let session: Session | null = null;
  let ink: Instance | null = null;

  const onTerminal = (request: 'quit' | 'suspend' | 'redraw') => {
    if (request === 'quit') ending.resolve({ code: 0 });
    else if (request === 'redraw') repaint();
    else void suspender.current?.(stopProcessGroup);
  };
  // Without letting go of the terminal: it would show what is typed meanwhile on its other screen.
  const repaint = () => {
    ink?.clear();
    stdout.write('\x1b[2J\x1b[H');
    ink?.rerender(frame());
  };
  // OSC 52: the terminal's own clipboard, so that it works over SSH; terminals that do not know it ignore it.
  const onCopy = (text: string) => void stdout.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`);
  let handedOver = false;
  const onRun = async (command: readonly string[]) => {
    let why: string | null = null;
    handedOver = true;
    try {
      await suspender.current?.(async () => {
        why = await runCommand(command);
      });
    } finally {
      handedOver = false;
    }
    return why;
  };
  const frame = () => (
    <Guard onError={(error) => ending.resolve({ code: 1, error })}>
      <SuspendControl control={suspender} />
      <App
        session={session}
        skeleton={skeleton}
        theme={theme}
        screen={screenFor(options)}
        clock={clock}
        onTerminal={onTerminal}
        onCopy={onCopy}
        onRun={onRun}
      />
    </Guard>
  );

  const stopListening = listenToTerminal(stdin, stdout, {
    // What is typed to a program that has the terminal, ctrl-c too, is not for us.
    end: (how) => {
      if (!handedOver || how.code !== 0) ending.resolve(how);
    },
    resumed: () => void suspender.current?.(ignore),
    suspend: () => onTerminal('suspend'),
  });
  try {
    ink = render(frame(), { ...inkOptions, stdin, stdout, stderr });
    ink.waitUntilExit().then(
      () => ending.resolve({ code: 0 }),
      (error: unknown) => ending.resolve({ code: 1, error }),
    );
    session = await Promise.race([connect(), ending.promise.then(() => null)]);
    if (session !== null) ink.rerender(frame());
  } catch (error) {
    ending.resolve({ code: 1, error });
  }

  const { code, error } = await ending.promise;
  await leave(ink, stdout);
  stopListening();
  if (error !== undefined) report(error, options.debug === true, stderr);
  if (session !== null) await closed(session);
  return code;
}

const inkOptions = {
  alternateScreen: true,
  incrementalRendering: true,
  // The store paces what the cluster says; a key must not wait for the end of a frame before it.
  maxFps: 120,
  exitOnCtrlC: false,
  patchConsole: true,
  // Ink takes a machine with CI in its environment for one without a terminal.
  interactive: true,
} as const;

function themeFor({ ascii, env }: StartOptions): Theme {
  return { glyphs: ascii === true ? 'ascii' : glyphLevel(env), colors: env.NO_COLOR === undefined || env.NO_COLOR === '' };
}

function screenFor({ screen }: StartOptions): ScreenId {
  return screen !== undefined && isScreenId(screen) ? screen : 'overview';
}

/** What the first frame shows: everything still loading. */
function emptySnapshot(clock: () => number): ClusterSnapshot {
  const store = createStore({ now: clock });
  const snapshot = store.snapshot();
  store.close();
  return snapshot;
}

/** Gives the terminal back as it was. tmux keeps a row of an alternate screen that was not emptied before it was left. */
async function leave(ink: Instance | null, stdout: NodeJS.WritableStream): Promise<void> {
  ink?.clear();
  if (stdout.writable) stdout.write('\x1b[2J\x1b[H');
  // Where Ink could not even start, it has left the alternate screen open.
  if (ink === null) stdout.write('\x1b[?1049l\x1b[?25h');
  ink?.unmount();
  await ink?.waitUntilExit().catch(ignore);
}

function report(error: unknown, debug: boolean, stderr: NodeJS.WritableStream): void {
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`gpuk8s-tui: ${clean(message)}\n`);
  if (debug && error instanceof Error) stderr.write(`${error.stack}\n`);
}

const refuseCommand = async () => 'no program can be started from here';

/** Closes the session, but does not wait for a server that never answers. */
async function closed(session: Session): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, 1000).unref());
  await Promise.race([session.close().catch(ignore), patience]);
}

function ignore(): void {}
