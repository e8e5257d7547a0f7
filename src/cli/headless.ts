import { silentAsker } from '../hosts/asker.js';
import type { Session, SessionOptions } from '../session.js';
import { runCheck } from './check.js';
import { runExport } from './export.js';
import { openPrometheus } from './export-source.js';
import { runGpus, runGpusFromFile } from './gpus.js';
import { runNodes } from './nodes.js';
import { open } from './open.js';
import type { Output } from './output.js';
import type { CheckOptions, ConnectionOptions, ExportCommandOptions, GpusCommandOptions } from './program.js';
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

export function gpus(options: ConnectionOptions & GpusCommandOptions): Promise<number> {
  const { output, nvidiaSmi, watch, acceptNewHostKeys = false } = options;
  const how = { output, watchMs: watch === undefined ? null : (watch === true ? 5 : watch) * 1000 };
  if (nvidiaSmi !== undefined) return runGpusFromFile(nvidiaSmi, how, terminalOutput());
  return withSession(options, (session, out) => runGpus(session, how, out), silentAsker(acceptNewHostKeys));
}

/** Asks Prometheus alone: the cluster around it need not be watched for it. */
export async function exportTable(options: ConnectionOptions & ExportCommandOptions): Promise<number> {
  const { from, to, step, format, service = [], file = null, resume = false } = options;
  if (resume && file === null) throw new Error('--resume needs the file to go on with: --file FILE');
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort());
  const prometheus = await openPrometheus(options, ending.signal);
  const progress = process.stderr.isTTY === true ? (text: string) => void process.stderr.write(`\r\x1b[K${text}`) : null;
  try {
    const how = { from, to, stepMs: step, format, services: service, file, resume };
    return await runExport(prometheus.client, how, terminalOutput(), ending.signal, progress);
  } finally {
    await prometheus.close();
  }
}

async function withSession(
  options: ConnectionOptions,
  run: (session: Session, out: Output) => Promise<number>,
  machines: SessionOptions['machines'] = 'none',
): Promise<number> {
  const session = open(options, machines);
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
