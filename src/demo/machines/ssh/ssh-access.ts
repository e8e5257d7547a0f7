import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** How the demo's machines are reached over SSH. */
export interface DemoSsh {
  readonly user: string;
  /** OpenSSH text, without a passphrase; made anew with each demo. */
  readonly privateKey: string;
  /** known_hosts text: one line for each machine, for `[127.0.0.1]:PORT`. */
  readonly knownHosts: string;
  readonly hosts: readonly DemoSshHost[];
}

export interface DemoSshHost {
  /** The node's name. */
  readonly name: string;
  readonly address: '127.0.0.1';
  readonly port: number;
}

/**
 * Writes an ssh_config with an entry for each machine to `file`, and key and known hosts beside it (`FILE.key`, `FILE.known_hosts`), all for their owner alone: `ssh -F FILE gpu-1 nvidia-smi` works then.
 */
export function writeSshFiles(file: string, ssh: DemoSsh): void {
  const config = resolve(file);
  mkdirSync(dirname(config), { recursive: true });
  const secret = { mode: 0o600 };
  writeFileSync(`${config}.key`, ssh.privateKey, secret);
  writeFileSync(`${config}.known_hosts`, ssh.knownHosts, secret);
  writeFileSync(config, sshConfig(ssh, `${config}.key`, `${config}.known_hosts`), secret);
}

/** The ssh_config text; `key` and `knownHosts` are absolute paths. */
export function sshConfig(ssh: DemoSsh, key: string, knownHosts: string): string {
  return ssh.hosts
    .map(({ name, address, port }) =>
      [
        `Host ${name}`,
        `  HostName ${address}`,
        `  Port ${port}`,
        `  User ${ssh.user}`,
        `  IdentityFile ${quoted(key)}`,
        '  IdentitiesOnly yes',
        // Nothing of the caller's own agent and known hosts has any part in it.
        '  IdentityAgent none',
        `  UserKnownHostsFile ${quoted(knownHosts)}`,
        '  GlobalKnownHostsFile /dev/null',
        '  StrictHostKeyChecking yes',
        '',
      ].join('\n'),
    )
    .join('\n');
}

function quoted(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}
