import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A Grafana behind the service proxy of an API server, on loopback: logs in by its form alone, as a real one must be reached there (the API server keeps
 * Authorization headers for itself), and stores dashboards.
 */
export interface GrafanaServer extends AsyncDisposable {
  readonly url: string;
  /** By uid. */
  readonly dashboards: Map<string, { model: Record<string, unknown>; version: number; provisioned?: boolean }>;
  /** Uids that it refuses to store, with what it says. */
  readonly refused: Map<string, string>;
  readonly sources: object[];
  /** Sessions that nobody has ended. */
  readonly sessions: ReadonlySet<string>;
  /** Method and path of everything that was asked. */
  readonly asked: readonly string[];
  /** Everything that was sent, headers and bodies. */
  readonly heard: readonly string[];
}

export async function grafanaServer({ password = 'right', anonymous = false } = {}): Promise<GrafanaServer> {
  const dashboards: GrafanaServer['dashboards'] = new Map();
  const refused = new Map<string, string>();
  const sources: object[] = [{ uid: 'prom-1', name: 'Prometheus', type: 'prometheus', isDefault: true }];
  const sessions = new Set<string>();
  const asked: string[] = [];
  const heard: string[] = [];

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const body = await bodyOf(request);
    heard.push(JSON.stringify(request.headers), body);
    if (path === '/api/v1/services') return reply(response, 200, { kind: 'List', metadata: {}, items: [service] });
    const inside = path.startsWith(proxy) ? path.slice(proxy.length) : null;
    if (inside === null) return reply(response, 404, { kind: 'Status', message: 'not found', code: 404 });
    asked.push(`${request.method} ${inside}`);
    if (inside === '/api/health') return reply(response, 200, { database: 'ok', version: '12.1.0' });
    if (inside === '/login') return logIn(body, response);
    const session = /grafana_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    if (inside === '/logout') {
      sessions.delete(session);
      return response.writeHead(302, { location: '/login' }).end();
    }
    if (!anonymous && !sessions.has(session)) return reply(response, 401, { message: 'Unauthorized' });
    return api(request.method ?? 'GET', inside, body, response);
  });

  function logIn(body: string, response: ServerResponse) {
    const given: unknown = JSON.parse(body);
    if (typeof given !== 'object' || given === null || !('password' in given) || given.password !== password)
      return reply(response, 401, { message: 'Invalid username or password' });
    const session = `s${sessions.size}x${asked.length}`;
    sessions.add(session);
    response.writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': [`grafana_session=${session}; Path=/; HttpOnly`, 'grafana_session_expiry=1; Path=/'],
    });
    response.end('{"message":"Logged in"}');
  }

  function api(method: string, path: string, body: string, response: ServerResponse) {
    if (path === '/api/datasources') return reply(response, 200, sources);
    const uid = path.replace('/api/dashboards/uid/', '');
    const known = dashboards.get(uid);
    if (method === 'GET' && path.startsWith('/api/dashboards/uid/')) {
      if (known === undefined) return reply(response, 404, { message: 'Dashboard not found' });
      return reply(response, 200, {
        meta: { version: known.version, folderUid: '', provisioned: known.provisioned === true },
        dashboard: { ...known.model, version: known.version },
      });
    }
    if (method === 'DELETE') {
      dashboards.delete(uid);
      return reply(response, 200, { message: 'deleted' });
    }
    if (method === 'POST' && path === '/api/dashboards/db') return store(body, response);
    return reply(response, 404, { message: 'Not found' });
  }

  function store(body: string, response: ServerResponse) {
    const { dashboard }: { dashboard: Record<string, unknown> & { uid: string } } = JSON.parse(body);
    const why = refused.get(dashboard.uid);
    if (why !== undefined) return reply(response, 412, { status: 'name-exists', message: why });
    const version = (dashboards.get(dashboard.uid)?.version ?? 0) + 1;
    dashboards.set(dashboard.uid, { model: dashboard, version });
    return reply(response, 200, { status: 'success', uid: dashboard.uid, version });
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  return {
    url: `http://127.0.0.1:${address === null || typeof address === 'string' ? 0 : address.port}`,
    dashboards,
    refused,
    sources,
    sessions,
    asked,
    heard,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const proxy = '/api/v1/namespaces/monitoring/services/grafana:3000/proxy';
const service = { metadata: { name: 'grafana', namespace: 'monitoring' }, spec: { ports: [{ port: 3000 }] } };

function reply(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
