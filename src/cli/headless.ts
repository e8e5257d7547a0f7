import type { Session } from '../session.js';
import { runCheck } from './check.js';
import { runNodes } from './nodes.js';
import { open } from './open.js';
import type { Output } from './output.js';
import type { CheckOptions, ConnectionOptions } from './program.js';
import { runTargets } from './targets.js';

/** The commands that print and end, each on a session of its own. They resolve to the exit code. */
export function check(options: ConnectionOptions & CheckOptions): Promise<number> {
  const { output, only = null, wait, failOn } = options;
  return withSession(options, (session, out) => runCheck(session, { output, only, waitMs: wait ?? null, failOn }, out));
}

export function nodes(options: ConnectionOptions & { readonly output: 'text' | 'json' }): Promise<number> {
  return withSession(options, (session, out) => runNodes(session, { output: options.output }, out));
}

export function targets(options: ConnectionOptions & { readonly output: 'text' | 'json' }): Promise<number> {
  return withSession(options, (session, out) => runTargets(session, { output: options.output }, out));
}

async function withSession(options: ConnectionOptions, run: (session: Session, out: Output) => Promise<number>): Promise<number> {
  const session = open(options);
  try {
    return await run(session, terminalOutput());
  } finally {
    await session.close();
  }
}

function terminalOutput(): Output {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    isTty: process.stdout.isTTY === true && !process.env['NO_COLOR'],
  };
}
