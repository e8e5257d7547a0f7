import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const sshdPath = '/usr/sbin/sshd';

/** Whether this machine has an OpenSSH server to test against. */
export const hasSshd = existsSync(sshdPath);

/** Debian's OpenSSH server on loopback, which lets in this user with the keys of the laboratory. */
export interface Sshd {
  readonly port: number;
  /** Everything it logged so far. */
  log(): string;
  /** Ends every connection as a reboot does, without a word. */
  killConnections(): void;
  stop(): Promise<void>;
}

/** A home folder with keys, and servers that know them. */
export interface SshLab {
  readonly home: string;
  readonly user: string;
  /** Path of a file under ~/.ssh. */
  ssh(name: string): string;
  /** Makes a key pair with ssh-keygen; every server that is started lets it in unless told otherwise. */
  key(name: string, options?: { readonly type?: string; readonly passphrase?: string; readonly format?: 'PEM' | 'PKCS8'; readonly allowed?: boolean }): string;
  /** A server's host key, made where there is none of that name. */
  hostKey(name: string, type?: string): string;
  start(options?: { readonly port?: number; readonly hostKeys?: readonly string[]; readonly lines?: readonly string[] }): Promise<Sshd>;
  /** Puts a host key into known_hosts. */
  trust(port: number, hostKey: string, options?: { readonly hashed?: boolean }): void;
  close(): Promise<void>;
}

export function sshLab(): SshLab {
  const home = mkdtempSync(join(tmpdir(), 'ssh-lab-'));
  const ssh = (name: string) => join(home, '.ssh', name);
  mkdirSync(ssh('.'), { recursive: true, mode: 0o700 });
  const running: Sshd[] = [];
  const authorized = join(home, 'authorized_keys');
  writeFileSync(authorized, '');
  const lab: SshLab = {
    home,
    user: userInfo().username,
    ssh,
    key(name, { type = 'ed25519', passphrase = '', format, allowed = true } = {}) {
      const file = ssh(name);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file, ...(format === undefined ? [] : ['-m', format])]);
      if (allowed) writeFileSync(authorized, readFileSync(`${file}.pub`), { flag: 'a' });
      return file;
    },
    hostKey(name, type = 'ed25519') {
      const file = join(home, `host-${name}`);
      if (!existsSync(file)) execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file]);
      return file;
    },
    async start({ port, hostKeys = [lab.hostKey('usual')], lines = [] } = {}) {
      const server = await startSshd({ home, authorized, port: port ?? (await freePort()), hostKeys, lines });
      running.push(server);
      return server;
    },
    trust(port, hostKey, { hashed = false } = {}) {
      writeFileSync(ssh('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`, { flag: 'a' });
      if (hashed) execFileSync('ssh-keygen', ['-q', '-H', '-f', ssh('known_hosts')], { stdio: 'ignore' });
    },
    async close() {
      await Promise.all(running.map((server) => server.stop()));
      rmSync(home, { recursive: true, force: true });
    },
  };
  return lab;
}

interface SshdOptions {
  readonly home: string;
  readonly authorized: string;
  readonly port: number;
  readonly hostKeys: readonly string[];
  readonly lines: readonly string[];
}

async function startSshd({ home, authorized, port, hostKeys, lines }: SshdOptions): Promise<Sshd> {
  // Started by root, sshd insists on this folder, which Debian's service would have made.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const config = join(home, `sshd-${port}.conf`);
  const usual = [
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'PermitRootLogin yes',
    'LogLevel VERBOSE',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
  ];
  const listen = [`ListenAddress 127.0.0.1:${port}`, ...hostKeys.map((file) => `HostKey ${file}`), `AuthorizedKeysFile ${authorized}`];
  // The first line wins, so those of the test come first.
  writeFileSync(config, `${[...lines, ...listen, ...usual].join('\n')}\n`);
  const child = spawn(sshdPath, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } });
  let log = '';
  const listening = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log += `${line}\n`;
      if (line.startsWith('Server listening')) resolve();
    });
    child.once('exit', () => reject(new Error(`sshd did not start: ${log}`)));
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await listening;
  return {
    port,
    log: () => log,
    killConnections: () => killChildren(child),
    async stop() {
      killChildren(child);
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** sshd serves each connection in a process of its own; those are its children. */
function killChildren({ pid, exitCode, signalCode }: ChildProcess): void {
  if (exitCode !== null || signalCode !== null) return;
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  for (const child of listed.split(/\s+/).filter((word) => word !== '')) {
    try {
      process.kill(Number(child), 'SIGKILL');
    } catch {
      // Ended by itself.
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
