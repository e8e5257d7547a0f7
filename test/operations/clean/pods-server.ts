import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { json, status } from '../../kube/api-server.js';
import type { failed } from './failed-pods.js';

type ApiPod = ReturnType<typeof failed>;

/** What a delete of one pod is answered with instead of being done; null: it is done. `cut` closes the connection after it was done. */
export type Trouble = { readonly code: number; readonly message: string; readonly headers?: Record<string, string> } | 'cut' | 'silent' | null;

/** An API server that keeps ended pods and deletes them as asked, on loopback. */
export interface PodsServer extends AsyncDisposable {
  readonly url: string;
  readonly pods: Map<string, ApiPod>;
  /** Deletes that were asked for so far, and how many were under way at once at most. */
  readonly seen: { deletes: number; atOnce: number; connections: number };
  /** Asked before each delete. */
  trouble: (name: string, times: number) => Trouble;
  /** As a machine whose API server is not up. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function podsServer(pods: readonly ApiPod[], { delayMs = 0 } = {}): Promise<PodsServer> {
  const sockets = new Set<Socket>();
  const times = new Map<string, number>();
  let underWay = 0;
  const held: PodsServer = {
    url: '',
    pods: new Map(pods.map((pod) => [pod.metadata.name, pod])),
    seen: { deletes: 0, atOnce: 0, connections: 0 },
    trouble: () => null,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    start: () => listen(port).then(() => undefined),
    [Symbol.asyncDispose]: () => held.stop(),
  };
  const remove = (name: string, uid: unknown, response: ServerResponse) => {
    const count = (times.get(name) ?? 0) + 1;
    times.set(name, count);
    const trouble = held.trouble(name, count);
    if (trouble === 'silent') return;
    if (trouble !== null && trouble !== 'cut') return status(response, trouble.code, trouble.message, trouble.headers);
    const pod = held.pods.get(name);
    if (pod === undefined) return status(response, 404, `pods "${name}" not found`);
    if (pod.metadata.uid !== uid) return status(response, 409, `Operation cannot be fulfilled on pods "${name}": the UID in the precondition does not match`);
    if (!('finalizers' in pod.metadata)) held.pods.delete(name);
    if (trouble === 'cut') return void response.destroy();
    json(response, { kind: 'PartialObjectMetadata', metadata: { ...pod.metadata, deletionTimestamp: '2026-11-02T14:00:00Z' } });
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    if (request.method !== 'DELETE') return json(response, pathname.endsWith('/pods') ? { metadata: {}, items: [...held.pods.values()] } : {});
    held.seen.deletes += 1;
    underWay += 1;
    held.seen.atOnce = Math.max(held.seen.atOnce, underWay);
    response.once('close', () => {
      underWay -= 1;
    });
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.once('end', () => void setTimeout(() => remove(pathname.split('/').at(-1) ?? '', JSON.parse(body).preconditions.uid, response), delayMs));
  };
  const server = createServer(answer);
  server.on('connection', (socket: Socket) => {
    held.seen.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = (wanted: number) =>
    new Promise<number>((resolve) => {
      server.listen(wanted, '127.0.0.1', () => resolve(portOf(server.address())));
    });
  const port = await listen(0);
  return Object.assign(held, { url: `http://127.0.0.1:${port}` });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
