import { createServer, type Server, type Socket } from 'node:net';

/** One machine's SSH port on 127.0.0.1. */
export interface SshPort {
  readonly port: number;
  /** true: connections are taken; false: those there are break off and new ones are refused, as while a machine reboots. */
  setOpen(open: boolean): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and hands each connection on. Rejects where it cannot listen. */
export async function openSshPort(connected: (socket: Socket) => void): Promise<SshPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    connected(socket);
  });
  await listen(server, 0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  let open = true;
  let changing: Promise<void> = Promise.resolve();
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  const setOpen = (wanted: boolean): void => {
    if (wanted === open) return;
    open = wanted;
    // Where somebody else took the port meanwhile, the machine stays away: nothing better can be done.
    changing = changing.then(() => (wanted ? listen(server, port) : stop())).catch(() => {});
  };
  return {
    port,
    setOpen,
    close() {
      setOpen(false);
      return changing;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed);
      done();
    });
  });
}
