import { once } from 'node:events';
import { connect as connectTls, createServer, type TLSSocket } from 'node:tls';
import { makeServingCertificate } from '../../src/demo/api/certificate.js';

/** Stands between a program and an API server, and counts what is asked. */
export interface RequestCounter {
  /** The cluster's kubeconfig, with this in the server's place. */
  kubeconfig(original: string): string;
  /** What was asked so far, as `GET /api/v1/pods`, without the query but for `?watch`, each with how often. */
  asked(): ReadonlyMap<string, number>;
  close(): void;
}

/** Starts one on the loopback address in front of that server, which speaks HTTP/1.1 over TLS as this does. */
export async function startRequestCounter(server: string): Promise<RequestCounter> {
  const { hostname, port } = new URL(server);
  const { caPem, certPem, keyPem } = makeServingCertificate();
  const asked = new Map<string, number>();
  const open = new Set<TLSSocket>();
  const listener = createServer({ cert: certPem, key: keyPem }, (socket) => {
    const upstream = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    // Nobody sends a request before the last one is answered, so each begins a piece of its own.
    socket.on('data', (data: Buffer) => {
      const [, method, path = '', query = ''] = /^(GET|POST|PUT|PATCH|DELETE) ([^ ?]+)(\?\S*)? HTTP\/1\.1\r\n/.exec(data.toString('latin1')) ?? [];
      if (method === undefined) return;
      const name = `${method} ${path}${/[?&]watch=/.test(query) ? '?watch' : ''}`;
      asked.set(name, (asked.get(name) ?? 0) + 1);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    kubeconfig: (original) =>
      original
        .replaceAll(/server: .*/g, `server: https://127.0.0.1:${own}`)
        .replaceAll(/certificate-authority-data: .*/g, `certificate-authority-data: ${Buffer.from(caPem).toString('base64')}`),
    asked: () => new Map(asked),
    close() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}
