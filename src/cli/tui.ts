import { startApp } from '../../views/start.js';
import { isTrue } from '../config/config.js';
import type { TuiOptions } from './actions.js';
import type * as Headless from './headless.js';
import { runInTerminal } from './run-in-terminal.js';

/**
 * Opens the app; exit code as the app left. Without a terminal on both ends nobody could read the screen or press a key, so the checklist
 * is printed instead and its exit code counts.
 */
export async function tui(options: TuiOptions, headless: (run: (commands: typeof Headless) => Promise<number>) => Promise<number>): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    return headless((commands) => commands.check({ ...options, output: 'text', failOn: 'critical' }));
  }
  // A library that writes files sends a signal to the process once more after it has seen it, to let it end; the app ends by itself, with its own
  // exit code, and must not die of the second one on the way.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined);
  return startApp(() => import('./open.js').then(({ open }) => open(options, 'ask-on-screen', true)), {
    ascii: options.ascii ?? isTrue(process.env['GPUK8S_TUI_ASCII']),
    screen: options.screen ?? 'overview',
    debug: options.debug ?? false,
    env: process.env,
    runCommand: runInTerminal,
  });
}
