import { createHash } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, ownProcess, type WritingProcess } from '../../journal/writing-process.js';
import { at, number, text } from '../../kube/json.js';

/** Who carries out an experiment on a context. */
export interface LockHolder {
  readonly experiment: string;
  readonly process: WritingProcess;
}

/** The right to carry out experiments on one context: two at once would scale under each other's measurements. */
export interface ExperimentLock {
  release(): Promise<void>;
}

/** Takes the lock, also from a program that is gone; rejects with a sentence that names the holder where one lives. */
export async function takeLock(folder: string, context: string, experiment: string): Promise<ExperimentLock> {
  const file = lockFile(folder, context);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}`;
  await writeFile(own, JSON.stringify({ experiment, process: ownProcess() }), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        // A link is made whole or not at all: nobody sees a lock without its holder's name.
        await link(own, file);
        return { release: () => releaseOwn(file) };
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = await holderIn(file);
      if (holder !== null && isRunning(holder.process) !== false && !isOwn(holder)) throw new Error(heldBy(holder, context));
      await putAside(file, `${own}.stale`);
    }
    throw new Error(`cannot take ${file}: other programs take it again and again`);
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes the lock of a program that is gone, and no other: somebody else may have taken it over since it was looked at. */
async function putAside(file: string, aside: string): Promise<void> {
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const moved = await holderIn(aside);
  if (moved !== null && isRunning(moved.process) !== false && !isOwn(moved)) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Who holds the lock and lives (or may live, on another machine that shares the folder); null where nobody does. */
export async function lockHolder(folder: string, context: string): Promise<LockHolder | null> {
  const holder = await holderIn(lockFile(folder, context));
  return holder === null || isRunning(holder.process) === false ? null : holder;
}

export function heldBy({ experiment, process: { host, pid } }: LockHolder, context: string): string {
  return `experiment ${experiment} runs on context ${context} (process ${pid} on ${host}): wait for its end, or gpuk8s-tui experiment stop it`;
}

function lockFile(folder: string, context: string): string {
  const readable = context.replaceAll(/[^\w.-]/g, '_').slice(0, 80);
  return join(folder, `${readable}-${createHash('sha256').update(context).digest('hex').slice(0, 8)}.lock`);
}

async function holderIn(file: string): Promise<LockHolder | null> {
  const json: unknown = await readFile(file, 'utf8')
    .then((content) => JSON.parse(content))
    .catch(() => null);
  const pid = number(at(json, 'process', 'pid'));
  if (pid === null) return null;
  const process = { host: text(at(json, 'process', 'host')) ?? '', pid, started: text(at(json, 'process', 'started')) };
  return { experiment: text(at(json, 'experiment')) ?? '', process };
}

function isOwn({ process: { host, pid, started } }: LockHolder): boolean {
  const own = ownProcess();
  return host === own.host && pid === own.pid && started === own.started;
}

async function releaseOwn(file: string): Promise<void> {
  const holder = await holderIn(file);
  if (holder === null || isOwn(holder)) await rm(file, { force: true });
}
