import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { silence } from './connection-errors.js';
import { HostError } from './host-error.js';
import type { SshTarget } from './ssh-target.js';

/** The stream that SSH is spoken over. */
export interface Road {
  readonly stream: Duplex;
  close(): void;
}

/** A TCP connection to the machine; rejects with HostError where we gave up, else with the socket's error. */
export function directRoad(target: SshTarget, signal: AbortSignal): Promise<Road> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: target.address, port: target.port });
    const timer = setTimeout(() => fail(silence(target, 'does not answer')), target.connectTimeoutMs);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      reject(error);
    };
    const giveUp = () => fail(new HostError('aborted', `the connection to ${target.name} was given up`));
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      socket.off('error', fail);
      // Whoever speaks SSH over it listens for errors from now on; late ones after that are of no interest.
      socket.on('error', () => undefined);
      socket.setNoDelay(true);
      resolve({ stream: socket, close: () => socket.destroy() });
    });
  });
}
