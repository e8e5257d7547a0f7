import { connect, type Socket } from 'node:net';
import type { Shell } from '../shell/shell.js';
import { makeSshKeyPair } from './openssh-key.js';
import type { DemoSsh } from './ssh-access.js';
import { openSshPort } from './ssh-port.js';

/** A machine to be reached. */
export interface Reachable {
  readonly name: string;
  readonly shell: Shell;
  /** Takes connections and never says a word. */
  readonly hangs: boolean;
}

export interface SshFleet {
  readonly ssh: DemoSsh;
  /** Whether a machine's SSH port takes connections. */
  setOpen(name: string, open: boolean): void;
  close(): Promise<void>;
}

/** Who logs in on the demo's machines. */
export const sshUser = 'ops';

/**
 * Starts an SSH server for each machine. Only the ports are opened: ssh2 is loaded with the first connection, so that a demo that nobody
 * logs in to pays a few milliseconds.
 */
export async function startSshFleet(machines: readonly Reachable[]): Promise<SshFleet> {
  const client = makeSshKeyPair(`${sshUser}@demo`);
  const known = new Set<number>();
  const open = machines.map(async ({ name, shell, hangs }) => {
    const hostKey = makeSshKeyPair(`root@${name}`);
    const server = once(async () => {
      const { createSshServer } = await import('./ssh-server.js');
      const dial = (port: number): Socket => connect(port, '127.0.0.1');
      return createSshServer({
        hostKey: hostKey.privateKey,
        user: sshUser,
        authorizedKey: client.publicKey,
        shell,
        mayForward: (port) => known.has(port),
        dial,
      });
    });
    const port = await openSshPort((socket) => {
      if (hangs) socket.resume();
      else
        server().then(
          (ready) => ready.take(socket),
          () => socket.destroy(),
        );
    });
    known.add(port.port);
    return { name, port, publicKey: hostKey.publicKey };
  });
  const opened = await Promise.all(open);
  return {
    ssh: {
      user: sshUser,
      privateKey: client.privateKey,
      knownHosts: opened.map(({ port, publicKey }) => `[127.0.0.1]:${port.port} ${publicKey}\n`).join(''),
      hosts: opened.map(({ name, port }) => ({ name, address: '127.0.0.1', port: port.port })),
    },
    setOpen: (name, wanted) => opened.find((each) => each.name === name)?.port.setOpen(wanted),
    async close() {
      await Promise.all(opened.map(({ port }) => port.close()));
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
