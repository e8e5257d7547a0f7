import { homedir } from 'node:os';
import { silentAsker } from '../hosts/asker.js';
import { journalFolder, openJournal } from '../journal/journal.js';
import type { Session, SessionOptions } from '../session.js';
import type {
  CheckOptions,
  CleanDiskOptions,
  ConnectionOptions,
  ExportCommandOptions,
  GpusCommandOptions,
  JournalCommandOptions,
  LatencyCommandOptions,
  ScaleCommandOptions,
} from './actions.js';
import { runCheck } from './check.js';
import { runCleanDisk } from './clean-disk.js';
import { runExport } from './export.js';
import { openPrometheus } from './export-source.js';
import { runGpus, runGpusFromFile } from './gpus.js';
import { runJournal } from './journal.js';
import { runLatency } from './latency.js';
import { runNodes } from './nodes.js';
import { open } from './open.js';
import { type Output, terminalOutput } from './output.js';
import { runScale } from './scale.js';
import { runTargets } from './targets.js';

/** The commands that print and end, each on a session of its own. They resolve to the exit code. */
export async function check(options: ConnectionOptions & CheckOptions): Promise<number> {
  const { output, outputFile = null, only = null, wait = null, failOn, fix, yes = false, machines = true } = options;
  if (yes && fix === undefined) throw new Error('--yes says yes to nothing: add --fix safe or --fix disruptive');
  const ending = new AbortController();
  // What is being changed is not left half done and unsaid.
  if (yes) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  const fixes = fix === undefined ? null : { upTo: fix, yes, signal: ending.signal };
  const command = { output, outputFile, only, waitMs: wait, failOn, machines, fix: fixes };
  return withSession(options, (session, out) => runCheck(session, command, out), machines ? silentAsker(false) : 'none');
}

/** Reads the journal's files alone; no cluster is asked. */
export function journal(options: JournalCommandOptions): Promise<number> {
  const { output, since = null, context = null } = options;
  return runJournal(openJournal({ dir: journalFolder(process.env, homedir()) }), { output, sinceMs: since, context }, terminalOutput());
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

export function scale(objects: readonly string[], options: ConnectionOptions & ScaleCommandOptions): Promise<number> {
  const { output, replicas, pinAutoscaler = false, dryRun = false, yes = false, namespace = null } = options;
  const ending = new AbortController();
  // What is under way is not left unsaid.
  if (yes) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  const command = { objects, replicas, namespace, pinned: pinAutoscaler, dryRun, yes, output, signal: ending.signal };
  return withSession(options, (session, out) => runScale(session, command, out));
}

export function cleanDisk(node: string, options: ConnectionOptions & CleanDiskOptions): Promise<number> {
  const { output, only = [], item = [], target = null, keepJournal = null, dryRun = false, yes = false, confirm = null } = options;
  const ending = new AbortController();
  // What is under way is not left unsaid.
  if (yes) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  const command = { node, only, items: item, target, keepJournal, dryRun, yes, confirm, output, signal: ending.signal };
  return withSession(options, (session, out) => runCleanDisk(session, command, out), silentAsker(false));
}

export function latency(options: ConnectionOptions & LatencyCommandOptions): Promise<number> {
  const { output, watch } = options;
  const watchMs = watch === undefined ? null : (watch === true ? 5 : watch) * 1000;
  return withSession(options, (session, out) => runLatency(session, { output, watchMs }, out));
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
