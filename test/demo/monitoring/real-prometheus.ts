import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether Debian's prometheus package is installed here. */
export const prometheusInstalled = existsSync('/usr/bin/prometheus') && existsSync('/usr/bin/promtool');

export interface RealPrometheus {
  readonly url: string;
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Runs a real Prometheus with a configuration, and with the samples of an OpenMetrics text if there are any. */
export async function startRealPrometheus(configuration: string, openMetrics: string | null = null): Promise<RealPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(directory, 'prometheus.yml'), configuration);
  if (openMetrics !== null) {
    writeFileSync(join(directory, 'samples.txt'), openMetrics);
    execFileSync('/usr/bin/promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(directory, 'samples.txt'), join(directory, 'data')]);
  }
  const port = await freePort();
  const process = spawn(
    '/usr/bin/prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--storage.tsdb.retention.time=100y',
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/-/ready`)).ok, 'Prometheus to be ready');
  return {
    url,
    get: async (path) => (await fetch(url + path)).json(),
    close: async () => {
      await ended(process);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Polls until a condition holds; fails after ten seconds. */
export async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ended(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    process.once('exit', () => resolve());
    process.kill('SIGTERM');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
