import { join } from 'node:path';
import type { HostSettings } from '../../hosts/host-settings.js';
import { loadSshConfig } from '../../hosts/ssh-config.js';
import { type SshTarget, sshTarget } from '../../hosts/ssh-target.js';
import { clusterColumn } from '../../runbooks/inventory.js';
import type { SetupChoice } from '../../state/setup.js';
import type { Seat } from './work.js';

export interface ShellCommandOptions {
  readonly choice: SetupChoice;
  readonly seat: Seat;
  readonly settings: HostSettings;
  readonly homeDir: string;
  readonly sshHomeDir: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Program and arguments of a shell where a column's steps are done, as the program itself gets there. */
export function shellCommand(column: string, { choice, seat, settings, homeDir, sshHomeDir, env }: ShellCommandOptions): readonly string[] {
  const kubeconfig = seat.script.kubeconfig === null ? [] : ['env', `KUBECONFIG=${seat.script.kubeconfig}`];
  if (seat.isLocal) return [...kubeconfig, env['SHELL'] || 'bash'];
  const host = choice.hosts.find(({ name }) => name === (column === clusterColumn ? seat.machine : column));
  if (host === undefined) throw new Error(`the inventory has no host ${column}`);
  const target = sshTarget(host.name, host.address, settings, loadSshConfig(sshHomeDir));
  return ['ssh', ...(sshHomeDir === homeDir ? [] : ['-F', join(sshHomeDir, '.ssh', 'config')]), ...options(target), target.address];
}

function options({ user, port, identityFiles, identityFilesChosen, jump, knownHostsFiles, hostKeyAlias }: SshTarget): readonly string[] {
  return [
    '-l',
    user,
    '-p',
    String(port),
    ...(identityFilesChosen ? identityFiles.flatMap((file) => ['-i', file]) : []),
    ...(jump === null ? [] : ['-J', jumps(jump)]),
    ...(hostKeyAlias === null ? [] : ['-o', `HostKeyAlias=${hostKeyAlias}`]),
    ...(knownHostsFiles.length === 0 ? [] : ['-o', `UserKnownHostsFile=${knownHostsFiles.slice(0, 2).map(quoted).join(' ')}`]),
  ];
}

function jumps({ user, address, port, jump }: SshTarget): string {
  const own = `${user}@${address.includes(':') ? `[${address}]` : address}:${port}`;
  return jump === null ? own : `${jumps(jump)},${own}`;
}

function quoted(path: string): string {
  return /[\s"]/.test(path) ? `"${path.replaceAll('"', '')}"` : path;
}
