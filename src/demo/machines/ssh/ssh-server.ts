import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import type { Shell } from '../shell/shell.js';

export interface SshServerOptions {
  /** OpenSSH private key text. */
  readonly hostKey: string;
  readonly user: string;
  /** The one public key that gets in, `ssh-ed25519 AAAA…`. */
  readonly authorizedKey: string;
  readonly shell: Shell;
  /** Whether a forwarded connection may go to that port of 127.0.0.1: only to other machines of the demo. */
  mayForward(port: number): boolean;
  dial(port: number): Socket;
}

/** Speaks SSH on connections that were accepted elsewhere. */
export function createSshServer(options: SshServerOptions): { take(socket: Socket): void } {
  // The name that Ubuntu 24.04's server gives.
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'OpenSSH_9.6p1 Ubuntu-3ubuntu13.14' }, (client) => serve(client, options));
  server.on('error', () => {});
  return { take: (socket) => server.injectSocket(socket) };
}

function serve(client: Connection, options: SshServerOptions): void {
  const allowed = ssh2.utils.parseKey(options.authorizedKey);
  client.on('error', () => {});
  client.on('authentication', (context) => {
    if (!(allowed instanceof Error) && isAllowed(context, options.user, allowed)) context.accept();
    else context.reject(['publickey']);
  });
  client.on('session', (accept) => session(accept(), options));
  client.on('tcpip', (accept, reject, { destIP, destPort }) => {
    if (!['127.0.0.1', 'localhost'].includes(destIP) || !options.mayForward(destPort)) {
      reject();
      return;
    }
    const channel = accept();
    const socket = options.dial(destPort);
    socket.on('error', () => channel.end());
    channel.on('error', () => socket.destroy());
    socket.pipe(channel).pipe(socket);
  });
}

type ParsedKey = Exclude<ReturnType<typeof ssh2.utils.parseKey>, Error>;

function isAllowed(context: AuthContext, user: string, allowed: ParsedKey): boolean {
  if (context.method !== 'publickey' || context.username !== user) return false;
  const offered = context.key.data;
  const wanted = allowed.getPublicSSH();
  if (context.key.algo !== allowed.type || offered.length !== wanted.length || !timingSafeEqual(offered, wanted)) return false;
  // Without a signature the client only asks whether this key would do.
  return context.signature === undefined || (context.blob !== undefined && allowed.verify(context.blob, context.signature, context.hashAlgo) === true);
}

function session(opened: Session, { shell }: SshServerOptions): void {
  const env: Record<string, string> = {};
  let terminal = false;
  opened.on('env', (accept, _, { key, val }) => {
    env[key] = String(val);
    accept?.();
  });
  opened.on('pty', (accept) => {
    terminal = true;
    accept?.();
  });
  opened.on('window-change', (accept) => accept?.());
  opened.on('exec', (accept, _, { command }) => execute(accept(), command, shell, env, terminal));
  opened.on('shell', (accept) => interact(accept(), shell, env));
}

/** Runs one command. A command that reads its standard input gets all of it, however late it comes; any other answers at once. */
function execute(channel: ServerChannel, command: string, shell: Shell, env: Readonly<Record<string, string>>, terminal: boolean): void {
  channel.on('error', () => {});
  const run = (stdin: string) => {
    const say = (text: string) => void channel.write(text);
    void shell.run(command, { stdin, env, say }).then(({ stdout, stderr, exitCode }) => {
      const line = (text: string) => (terminal ? text.replace(/\r?\n/g, '\r\n') : text);
      if (terminal) channel.write(line(stdout + stderr));
      else {
        channel.write(stdout);
        if (stderr !== '') channel.stderr.write(stderr);
      }
      channel.exit(exitCode);
      channel.end();
    });
  };
  if (!shell.readsInput(command)) {
    channel.resume();
    run('');
    return;
  }
  const parts: Buffer[] = [];
  channel.on('data', (part: Buffer) => parts.push(part));
  channel.once('end', () => run(Buffer.concat(parts).toString()));
}

/** A terminal on the machine: a prompt, lines, `exit`. What is typed is echoed as a real terminal's line discipline does. */
function interact(channel: ServerChannel, shell: Shell, env: Readonly<Record<string, string>>): void {
  let line = '';
  let busy: Promise<void> = Promise.resolve();
  const say = (text: string) => channel.write(text.replace(/\r?\n/g, '\r\n'));
  const leave = (exitCode: number) => {
    channel.exit(exitCode);
    channel.end();
  };
  const enter = async (typed: string): Promise<void> => {
    if (/^\s*(?:exit|logout)\s*$/.test(typed)) {
      leave(0);
      return;
    }
    const { stdout, stderr } = await shell.run(typed, { stdin: '', env });
    say(`${stdout}${stderr}${shell.prompt}`);
  };
  say(`${shell.welcome}${shell.prompt}`);
  channel.on('error', () => {});
  channel.on('data', (part: Buffer) => {
    for (const character of part.toString()) {
      if (character === '\r' || character === '\n') {
        const typed = line;
        line = '';
        say('\n');
        busy = busy.then(() => enter(typed));
      } else if (character === '\u007f' || character === '\b') {
        if (line !== '') channel.write('\b \b');
        line = line.slice(0, -1);
      } else if (character === '\u0003') {
        line = '';
        say(`^C\n${shell.prompt}`);
      } else if (character === '\u0004' && line === '') leave(0);
      else if (character >= ' ') {
        line += character;
        channel.write(character);
      }
    }
  });
}
