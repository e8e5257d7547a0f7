import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

/** An HTTP proxy on loopback that tunnels (CONNECT) or refuses, and remembers what it was asked. */
export async function connectProxy(
  options: { refuse?: number } = {},
): Promise<{ readonly port: number; readonly connects: { target: string; authorization: string | undefined }[] } & AsyncDisposable> {
  const connects: { target: string; authorization: string | undefined }[] = [];
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request, client) => {
    const target = request.url ?? '';
    connects.push({ target, authorization: request.headers['proxy-authorization'] });
    if (options.refuse !== undefined) {
      client.end(`HTTP/1.1 ${options.refuse} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = target.split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    connects,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
