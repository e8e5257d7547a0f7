import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small HTTP server with `inference_latency_seconds`, `inference_requests_total` and `inference_queue_depth` on /metrics, as prometheus_client in Python writes them. */
export interface InferenceService extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:PORT`, as a scrape configuration has it. */
  readonly address: string;
  /** What /metrics says at this moment. */
  metrics(): string;
  /** One request that took so many seconds. */
  answer(seconds: number, count?: number): void;
  /** One request that failed. */
  fail(count?: number): void;
  waiting(requests: number): void;
  /** All counters begin anew, as after a restart of the process. */
  restart(): void;
  /** The port is closed from now on. */
  die(): Promise<void>;
  /** Listens again on the same port, with all counters at nothing. */
  revive(): Promise<void>;
  /** From now on answers `perSecond` requests, each taking `seconds`, until told otherwise. */
  load(perSecond: number, seconds: number): void;
}

export interface InferenceServiceOptions {
  /** Upper bounds of the buckets, seconds; without +Inf, which is always there unless `infinity` is false. */
  readonly bounds?: readonly number[];
  readonly infinity?: boolean;
  /** How bounds are written: 1.0 (Python) or 1 (Go). */
  readonly style?: 'python' | 'go';
  /** Labels on every series, besides what the scrape configuration adds. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Name of the histogram. */
  readonly name?: string;
}

/** Default buckets of prometheus_client, and four more for long answers. */
export const usualBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30, 60, 120];

export async function inferenceService(options: InferenceServiceOptions = {}): Promise<InferenceService> {
  const { bounds = usualBounds } = options;
  const started = Date.now();
  let state = nothingYet(bounds);
  let streaming: NodeJS.Timeout | null = null;
  const metrics = () => exposition(state, bounds, options, started);
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] === '/metrics') response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(metrics());
    else response.writeHead(404).end();
  });
  const port = await listen(server, 0);

  function answer(seconds: number, count = 1): void {
    bounds.forEach((bound, index) => {
      if (seconds <= bound) state.buckets[index] = (state.buckets[index] ?? 0) + count;
    });
    state.count += count;
    state.sum += seconds * count;
    state.ok += count;
  }
  const stop = () => {
    if (streaming !== null) clearInterval(streaming);
    streaming = null;
  };
  const close = () =>
    new Promise<void>((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    port,
    address: `127.0.0.1:${port}`,
    metrics,
    answer,
    fail(count = 1) {
      state.failed += count;
    },
    waiting(requests) {
      state.waiting = requests;
    },
    restart() {
      state = nothingYet(bounds);
    },
    async die() {
      stop();
      await close();
    },
    async revive() {
      state = nothingYet(bounds);
      await listen(server, port);
    },
    load(perSecond, seconds) {
      stop();
      let owed = 0;
      let last = performance.now();
      streaming = setInterval(() => {
        const now = performance.now();
        owed += ((now - last) / 1000) * perSecond;
        last = now;
        const whole = Math.floor(owed);
        owed -= whole;
        if (whole > 0) answer(seconds, whole);
      }, 20);
    },
    async [Symbol.asyncDispose]() {
      stop();
      await close();
    },
  };
}

/** A server on loopback with a fixed text on /metrics; `show` exchanges it. */
export interface MetricsPage extends AsyncDisposable {
  readonly address: string;
  show(text: string): void;
}

export async function metricsPage(text: string): Promise<MetricsPage> {
  let shown = text;
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(shown));
  const port = await listen(server, 0);
  return {
    address: `127.0.0.1:${port}`,
    show: (next) => {
      shown = next;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Counters {
  readonly buckets: number[];
  count: number;
  sum: number;
  ok: number;
  failed: number;
  waiting: number;
}

function nothingYet(bounds: readonly number[]): Counters {
  return { buckets: bounds.map(() => 0), count: 0, sum: 0, ok: 0, failed: 0, waiting: 0 };
}

function exposition(state: Counters, bounds: readonly number[], options: InferenceServiceOptions, started: number): string {
  const { infinity = true, style = 'python', labels = {}, name = 'inference_latency_seconds' } = options;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  const series = (metric: string, value: number, ...more: readonly string[]) => {
    const all = [...pairs, ...more];
    return `${metric}${all.length === 0 ? '' : `{${all.join(',')}}`} ${value}`;
  };
  const written = (bound: number) => (style === 'python' && Number.isInteger(bound) ? `${bound}.0` : String(bound));
  return [
    `# HELP ${name} Time to answer a request`,
    `# TYPE ${name} histogram`,
    ...bounds.map((bound, index) => series(`${name}_bucket`, state.buckets[index] ?? 0, `le="${written(bound)}"`)),
    ...(infinity ? [series(`${name}_bucket`, state.count, 'le="+Inf"')] : []),
    series(`${name}_sum`, state.sum),
    series(`${name}_count`, state.count),
    '# TYPE inference_requests_total counter',
    series('inference_requests_total', state.ok, 'status="200"'),
    series('inference_requests_total', state.failed, 'status="500"'),
    '# TYPE inference_queue_depth gauge',
    series('inference_queue_depth', state.waiting),
    '# TYPE process_start_time_seconds gauge',
    series('process_start_time_seconds', started / 1000),
    '',
  ].join('\n');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address: AddressInfo | string | null = server.address();
      resolve(address === null || typeof address === 'string' ? 0 : address.port);
    });
  });
}
