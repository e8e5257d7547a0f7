import { type AuthContext, type Connection, Server, type ServerChannel, utils } from 'ssh2';
import { makeSshKeyPair } from '../../src/demo/machines/ssh/openssh-key.js';

/** A small SSH server on loopback, for what an OpenSSH server cannot be made to do. */
export interface SshServer {
  readonly port: number;
  /** Public host key in SSH's encoding. */
  readonly hostKey: Buffer;
  /** The command lines that were asked for. */
  readonly commands: readonly string[];
  /** How many connections came in. */
  connections(): number;
  /** Ends all connections. */
  hangUp(): void;
  close(): void;
}

export interface SshServerOptions {
  /** Default: lets everyone in. */
  readonly authenticate?: (context: AuthContext) => void;
  /** Default: exit code 0. */
  readonly exec?: (command: string, channel: ServerChannel) => void;
  readonly banner?: string;
}

export async function startSshServer({ authenticate = (context) => context.accept(), exec = succeed, banner }: SshServerOptions = {}): Promise<SshServer> {
  // Not ssh2's own maker of keys: now and then it makes one that ssh2 cannot read.
  const pair = makeSshKeyPair('test');
  const parsed = utils.parseKey(pair.publicKey);
  if (parsed instanceof Error) throw parsed;
  const commands: string[] = [];
  const open = new Set<Connection>();
  let count = 0;
  const server = new Server({ hostKeys: [pair.privateKey], ...(banner === undefined ? {} : { banner }) }, (client) => {
    count += 1;
    open.add(client);
    client.on('error', () => undefined);
    client.on('close', () => open.delete(client));
    client.on('authentication', authenticate);
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        commands.push(command);
        exec(command, acceptExec());
      });
    });
  });
  const hangUp = () => {
    for (const client of open) client.end();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    hostKey: parsed.getPublicSSH(),
    commands,
    connections: () => count,
    hangUp,
    close() {
      hangUp();
      server.close();
    },
  };
}

function succeed(_command: string, channel: ServerChannel): void {
  channel.exit(0);
  channel.end();
}
