import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Fields, fieldsAt, isFields, listAt } from '../../src/demo/fields.js';
import { hostileText } from './hostile-text.js';

/** A relay in front of a Prometheus. */
export interface HostileRelay {
  readonly port: number;
  close(): Promise<void>;
}

/** Hands requests on to a Prometheus; while `isHostile`, its answers hold one more target, alert and series, which say what no screen may show as it is. */
export async function startHostileRelay(upstream: () => URL, isHostile: () => boolean): Promise<HostileRelay> {
  const server = createServer((incoming, outgoing) => {
    ask(upstream(), incoming)
      .then(({ status, headers, body }) => {
        const changed = isHostile() && String(headers['content-type']).includes('json') ? withHostile(body) : body;
        outgoing.writeHead(status, { ...headers, 'content-length': changed.length });
        outgoing.end(changed);
      })
      .catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function ask(upstream: URL, incoming: IncomingMessage): Promise<Answer> {
  const sent = await buffer(incoming);
  const { 'accept-encoding': _packed, ...headers } = incoming.headers;
  return new Promise((resolve, reject) => {
    const asking = request({ host: upstream.hostname, port: upstream.port, path: incoming.url, method: incoming.method, headers }, (response) => {
      buffer(response).then((body) => {
        const { 'transfer-encoding': _chunked, ...kept } = response.headers;
        resolve({ status: response.statusCode ?? 502, headers: kept, body });
      }, reject);
    });
    asking.on('error', reject);
    asking.end(sent);
  });
}

function withHostile(body: Buffer): Buffer {
  const answer: unknown = JSON.parse(body.toString());
  if (!isFields(answer)) return body;
  const data = fieldsAt(answer, 'data');
  const lists = ['activeTargets', 'alerts', 'result'].filter((name) => listAt(data, name).length > 0);
  if (lists.length === 0) return body;
  const changed = Object.fromEntries(lists.map((name) => [name, [...listAt(data, name), ...listAt(data, name).slice(0, 1).filter(isFields).map(hostileCopy)]]));
  return Buffer.from(JSON.stringify({ ...answer, data: { ...data, ...changed } }));
}

/** The same target, alert or series, with foreign text where text is free. */
function hostileCopy(original: Fields): Fields {
  const copy: Record<string, unknown> = { ...original };
  for (const name of ['labels', 'annotations', 'metric', 'discoveredLabels'])
    if (isFields(original[name]))
      copy[name] = Object.fromEntries(Object.entries(fieldsAt(original, name)).map(([label, value]) => [label, kept.has(label) ? value : hostileText]));
  for (const name of ['lastError', 'scrapePool', 'scrapeUrl']) if (name in original) copy[name] = hostileText;
  if ('health' in original) copy['health'] = 'down';
  return copy;
}

/** What a reader needs to take the copy for one of its kind. */
const kept = new Set(['__name__', 'alertname', 'severity', 'job', 'le', 'namespace']);
