import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** An HTTP server on loopback that answers what a test wants. */
export interface WebServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Paths with their queries, oldest first. */
  readonly asked: readonly string[];
}

export async function webServer(answer: (path: string, response: ServerResponse, request: IncomingMessage) => void): Promise<WebServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(new URL(request.url ?? '/', 'http://x').pathname, response, request);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers as a Prometheus below `prefix`; anything else is 404, `/` redirects as Prometheus does. */
export function prometheusAnswers(
  path: string,
  response: ServerResponse,
  { prefix = '', targets = [aRawTarget()] }: { prefix?: string; targets?: readonly unknown[] } = {},
): void {
  if (path === '/') response.writeHead(302, { location: prefix === '' ? '/graph' : prefix }).end();
  else if (path === `${prefix}/-/ready`) response.end('Prometheus Server is Ready.\n');
  else if (path === `${prefix}/api/v1/status/buildinfo`) sendJson(response, { status: 'success', data: { version: '3.14.0' } });
  else if (path === `${prefix}/api/v1/targets`) sendJson(response, { status: 'success', data: { activeTargets: targets, droppedTargets: [] } });
  else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
}

/** A target as Prometheus 3 lists it. */
export function aRawTarget(overrides: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    discoveredLabels: { __address__: '10.0.0.11:9100', __scheme__: 'http', job: 'node' },
    labels: { instance: '10.0.0.11:9100', job: 'node-exporter', node: 'gpu-1' },
    scrapePool: 'serviceMonitor/monitoring/node-exporter/0',
    scrapeUrl: 'http://10.0.0.11:9100/metrics',
    globalUrl: 'http://10.0.0.11:9100/metrics',
    lastError: '',
    lastScrape: '2026-11-02T14:02:06.512Z',
    lastScrapeDuration: 0.012,
    health: 'up',
    scrapeInterval: '1m30s',
    scrapeTimeout: '10s',
    ...overrides,
  };
}
