import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bench } from './bench.js';

/** A demo cluster in a process of its own, and a home folder from which its machines are reached over SSH. */
export interface DemoProcess {
  readonly kubeconfig: string;
  readonly server: string;
  /** What programs that talk to it have in their environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts one; `args` are those of `gpuk8s-tui demo`. */
export async function startDemo({ program, folder, cache }: Bench, args: readonly string[]): Promise<DemoProcess> {
  const home = mkdtempSync(join(folder, 'demo-'));
  const kubeconfig = join(home, 'kubeconfig');
  const ssh = join(home, '.ssh', 'config');
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  const [command, ...words] = program;
  const child = spawn(command, [...words, 'demo', ...args, '--kubeconfig-out', kubeconfig, '--ssh-config-out', ssh], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  const ended = once(child, 'exit');
  const line = await firstLine(child);
  const server = /"server":"([^"]+)"/.exec(line)?.[1];
  if (server === undefined) throw new Error(`the demo cluster does not start: ${args.join(' ')}`);
  return {
    kubeconfig,
    server,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, XDG_CACHE_HOME: cache, LANG: 'C.UTF-8', KUBECONFIG: kubeconfig },
    async close() {
      child.kill();
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) return '';
  for await (const line of createInterface({ input: stdout })) return line;
  return '';
}

/** Uses a demo cluster and ends it, whatever becomes of it. */
export async function withDemo<T>(bench: Bench, args: readonly string[], use: (demo: DemoProcess) => Promise<T>): Promise<T> {
  const demo = await startDemo(bench, args);
  try {
    return await use(demo);
  } finally {
    await demo.close();
  }
}
