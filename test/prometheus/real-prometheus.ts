import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const prometheusProgram = '/usr/bin/prometheus';
/** Debian's package is installed here. */
export const hasPrometheus = existsSync(prometheusProgram);

export const nodeExporterProgram = '/usr/bin/prometheus-node-exporter';
export const hasNodeExporter = existsSync(nodeExporterProgram);
export const promtoolProgram = '/usr/bin/promtool';
export const hasPromtool = existsSync(promtoolProgram);

/** A real Prometheus on loopback with a folder of its own, scraping itself every second and a port where nobody listens. */
export interface RealPrometheus extends AsyncDisposable {
  /** Where its pages begin, path prefix included. */
  readonly url: string;
  readonly port: number;
  /** Ends it without a word, as when its machine goes down. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data; resolves when it is ready. */
  start(): Promise<void>;
}

export interface RealPrometheusOptions {
  readonly routePrefix?: string;
  /** Scraped besides, each as a job of that name. */
  readonly jobs?: readonly ScrapeJob[];
  /** Rule files in Prometheus' own form, as objects. */
  readonly rules?: readonly object[];
  /** Instead of scraping itself and a dead port, only `jobs`. */
  readonly onlyJobs?: boolean;
  /** Seconds. */
  readonly interval?: number;
  /** Put into its storage before it starts, in the OpenMetrics text format with timestamps. */
  readonly history?: string;
}

export interface ScrapeJob {
  readonly job: string;
  readonly targets: readonly { readonly address: string; readonly labels?: Readonly<Record<string, string>> }[];
  readonly honorLabels?: boolean;
}

export async function realPrometheus(options: RealPrometheusOptions = {}): Promise<RealPrometheus> {
  const { routePrefix = '', jobs = [], rules = [], onlyJobs = false, interval = 1 } = options;
  const [port, dead] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-prometheus-'));
  const own = [
    {
      job_name: 'prometheus',
      metrics_path: `${routePrefix}/metrics`,
      static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { node: 'controlplane' } }],
    },
    { job_name: 'dead', static_configs: [{ targets: [`127.0.0.1:${dead}`] }] },
  ];
  const config = {
    global: { scrape_interval: `${interval}s`, scrape_timeout: `${interval}s`, evaluation_interval: '1s' },
    rule_files: rules.map((_, index) => join(folder, `rules-${index}.yml`)),
    scrape_configs: [
      ...(onlyJobs ? [] : own),
      ...jobs.map(({ job, targets, honorLabels = false }) => ({
        job_name: job,
        honor_labels: honorLabels,
        static_configs: targets.map(({ address, labels = {} }) => ({ targets: [address], labels })),
      })),
    ],
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  rules.forEach((file, index) => {
    writeFileSync(join(folder, `rules-${index}.yml`), JSON.stringify(file));
  });
  if (options.history !== undefined) putHistory(options.history, folder);
  const prefix = routePrefix === '' ? [] : [`--web.route-prefix=${routePrefix}`];
  const url = `http://127.0.0.1:${port}${routePrefix}`;
  const start = async () => {
    const started = spawn(
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
    await answers(`${url}/-/ready`, started);
    return started;
  };
  let program = await start();
  return {
    url,
    port,
    kill: () => ended(program),
    async start() {
      program = await start();
    },
    async [Symbol.asyncDispose]() {
      await ended(program);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Debian's node exporter on loopback. */
export async function realNodeExporter(): Promise<AsyncDisposable & { readonly address: string }> {
  const port = await freePort();
  const program = spawn(nodeExporterProgram, [`--web.listen-address=127.0.0.1:${port}`, '--log.level=error', '--no-collector.hwmon'], { stdio: 'ignore' });
  await answers(`http://127.0.0.1:${port}/`, program);
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => ended(program) };
}

function putHistory(text: string, folder: string): void {
  const file = join(folder, 'history.om');
  writeFileSync(file, text);
  execFileSync(promtoolProgram, ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')], { stdio: 'ignore' });
}

async function answers(url: string, program: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (program.exitCode !== null || Date.now() > deadline) throw new Error(`${program.spawnfile} does not start (exit code ${program.exitCode})`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ended(program: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (program.exitCode !== null || program.signalCode !== null) return resolve();
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
