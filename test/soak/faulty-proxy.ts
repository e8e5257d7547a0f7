import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/**
 * What the way to a server is like. `refusing`: all connections are dropped and new ones refused. `slow`: bytes trickle. `silent`: what is
 * open stays open and nothing comes any more, not even later; new connections are taken and never answered.
 */
export type Road = 'open' | 'refusing' | 'slow' | 'silent';

/** A TCP proxy on a port of 127.0.0.1 that stays the same whatever happens on the way. */
export interface FaultyProxy {
  readonly port: number;
  readonly road: Road;
  set(road: Road): Promise<void>;
  /** Breaks all connections off; new ones are taken. */
  drop(): void;
  /** Connections that fell silent and that neither side has given up. */
  silenced(): number;
  close(): Promise<void>;
}

/** Starts a proxy to a port of 127.0.0.1, asked for with each connection. */
export async function startFaultyProxy(target: () => number): Promise<FaultyProxy> {
  const pairs = new Set<Pair>();
  let road: Road = 'open';
  const server = createServer({ noDelay: true }, (client) => {
    const pair: Pair = { client, upstream: null, silent: road === 'silent' };
    pairs.add(pair);
    carry(
      pair,
      target,
      () => road,
      () => pairs.delete(pair),
    );
  });
  await listen(server, 0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  let changing: Promise<void> = Promise.resolve();

  const drop = () => {
    for (const { client, upstream } of pairs) {
      client.resetAndDestroy();
      upstream?.destroy();
    }
  };
  const change = async (wanted: Road) => {
    if (wanted === road) return;
    const before = road;
    road = wanted;
    if (wanted === 'silent') for (const pair of pairs) pair.silent = true;
    if (wanted === 'refusing') {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      drop();
      await stopped;
    } else if (before === 'refusing') await listen(server, port);
  };
  return {
    port,
    get road() {
      return road;
    },
    set(wanted) {
      changing = changing.then(() => change(wanted));
      return changing;
    },
    drop,
    silenced: () => [...pairs].filter(({ silent }) => silent).length,
    async close() {
      await changing;
      drop();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Pair {
  readonly client: Socket;
  upstream: Socket | null;
  /** Fell silent once: it never speaks again. */
  silent: boolean;
}

function carry(pair: Pair, target: () => number, road: () => Road, gone: () => void): void {
  const { client } = pair;
  const end = () => {
    gone();
    client.destroy();
    pair.upstream?.destroy();
  };
  client.on('error', end).once('close', end);
  if (pair.silent) return;
  const upstream = connect({ port: target(), host: '127.0.0.1', noDelay: true });
  pair.upstream = upstream;
  upstream.on('error', end).once('close', () => {
    // A server that goes away behind a silent road is not noticed by anybody.
    if (!pair.silent) end();
  });
  client.pipe(trickling(pair, road)).pipe(upstream);
  upstream.pipe(trickling(pair, road)).pipe(client);
}

/** Hands bytes on as the road allows. */
function trickling(pair: Pair, road: () => Road): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const go = (rest: Buffer) => {
        if (pair.silent) return;
        if (road() !== 'slow') {
          this.push(rest);
          done();
        } else if (rest.length === 0) done();
        else {
          this.push(rest.subarray(0, slowBytes));
          setTimeout(go, slowEveryMs, rest.subarray(slowBytes));
        }
      };
      go(chunk);
    },
  });
}

/** About 20 KB a second. */
const slowBytes = 1024;
const slowEveryMs = 50;

/** The port was ours a moment ago; somebody else may have it for a moment. */
async function listen(server: Server, port: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const error = await new Promise<Error | null>((resolve) => {
      server.once('error', resolve);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', resolve);
        resolve(null);
      });
    });
    if (error === null) return;
    if (tries > 100) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
