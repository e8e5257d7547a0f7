import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const prometheusProgram = '/usr/bin/prometheus';
/** Debian's package is installed here. */
export const hasPrometheus = existsSync(prometheusProgram);

/** A real Prometheus on loopback with a folder of its own, scraping itself every second and a port where nobody listens. */
export interface RealPrometheus extends AsyncDisposable {
  /** Where its pages begin, path prefix included. */
  readonly url: string;
  readonly port: number;
}

export async function realPrometheus({ routePrefix = '' }: { routePrefix?: string } = {}): Promise<RealPrometheus> {
  const [port, dead] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'prometheus',
        metrics_path: `${routePrefix}/metrics`,
        static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { node: 'controlplane' } }],
      },
      { job_name: 'dead', static_configs: [{ targets: [`127.0.0.1:${dead}`] }] },
    ],
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const prefix = routePrefix === '' ? [] : [`--web.route-prefix=${routePrefix}`];
  const program = spawn(
    prometheusProgram,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
      ...prefix,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}${routePrefix}`;
  await answers(`${url}/-/ready`, program);
  return {
    url,
    port,
    async [Symbol.asyncDispose]() {
      await ended(program);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string, program: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (program.exitCode !== null || Date.now() > deadline) throw new Error(`Prometheus does not start (exit code ${program.exitCode})`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ended(program: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (program.exitCode !== null) return resolve();
    program.once('exit', () => resolve());
    program.kill('SIGKILL');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address === null || typeof address === 'string' ? 0 : address.port));
    });
  });
}
