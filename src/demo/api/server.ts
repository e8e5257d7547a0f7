import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sendError } from './answer.js';
import type { ApiUser } from './authorization.js';
import { Catalog } from './catalog.js';
import { makeServingCertificate, type ServingCertificate } from './certificate.js';
import type { ApiGates } from './gates.js';
import type { ApiHooks } from './hooks.js';
import type { ObjectStore } from './object-store.js';
import { Router } from './router.js';

export interface ApiServerOptions {
  readonly store: ObjectStore;
  readonly users: readonly ApiUser[];
  /** As in `v1.36.2`. */
  readonly version: string;
  readonly gates?: ApiGates;
  readonly hooks?: ApiHooks;
  readonly certificate?: { readonly notBefore?: Date; readonly notAfter?: Date };
  /** Default: whatever is free. */
  readonly port?: number;
}

export interface ApiServer {
  /** https://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  readonly caPem: string;
  readonly certificate: ServingCertificate;
  /** New connections are shown a certificate of the same authority that ends then. */
  renewCertificate(notAfter: Date): void;
  readonly accepting: boolean;
  /** false: drops all connections and refuses new ones, as a machine whose API server is not up; true: the same port again. */
  setAccepting(accepting: boolean): Promise<void>;
  /** Forgets the history of changes and the lists under way, as etcd's compaction does. */
  compact(): void;
  close(): Promise<void>;
}

/** The Kubernetes API over a store, on 127.0.0.1 with a certificate of its own. Rejects where it cannot listen. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const certificate = makeServingCertificate(options.certificate);
  const catalog = new Catalog(options.store);
  const router = new Router({ ...options, gates: options.gates ?? {}, hooks: options.hooks ?? {}, catalog });
  const server = createServer({ key: certificate.keyPem, cert: certificate.certPem, keepAliveTimeout: 180_000, requestTimeout: 0 }, (request, response) =>
    answer(router, request, response),
  );
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    if (socket instanceof Socket) socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.on('upgrade', (request, socket, head) => router.upgrade(request, socket, head));

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });

  await listen(options.port ?? 0);
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  let accepting = true;
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    caPem: certificate.caPem,
    certificate,
    get accepting() {
      return accepting;
    },
    renewCertificate(notAfter) {
      const { keyPem, certPem } = certificate.renewed(notAfter);
      server.setSecureContext({ key: keyPem, cert: certPem });
    },
    async setAccepting(wanted) {
      if (wanted === accepting) return;
      accepting = wanted;
      await (wanted ? listen(port) : stop());
    },
    compact() {
      options.store.compact();
      router.forgetLists();
    },
    async close() {
      catalog.close();
      if (accepting) await stop();
      accepting = false;
    },
  };
}

function answer(router: Router, request: IncomingMessage, response: ServerResponse): void {
  router.answer(request, response).catch((error: unknown) => sendError(request, response, error));
}
