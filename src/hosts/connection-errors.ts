import { clean } from '../text/clean.js';
import { HostError } from './host-error.js';
import type { SshTarget } from './ssh-target.js';

/** `gpu-1 (10.0.0.12)`, for sentences. */
export function machine({ name, address }: SshTarget): string {
  return name === address ? name : `${name} (${address})`;
}

/** Why no TCP connection came about. */
export function socketTrouble(target: SshTarget, error: unknown): HostError {
  const who = machine(target);
  const code = codeOf(error);
  const details = (fix: string) => ({ fix, cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return new HostError(
        'unreachable',
        `${who} refuses connections on port ${target.port}`,
        details('start sshd there (systemctl enable --now ssh), or correct the port'),
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new HostError(
        'unreachable',
        `the name ${clean(target.address, 255)} cannot be resolved`,
        details('correct the address, or set HostName in ~/.ssh/config'),
      );
    case 'ETIMEDOUT':
      return silence(target, 'does not answer', error);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return new HostError('unreachable', `there is no route to ${who}`, details('check that the machine is up and the network between'));
    default:
      return new HostError('unreachable', `${who} cannot be reached: ${clean(messageOf(error), 300)}`, { cause: error });
  }
}

/** No sign of life for as long as we wait. */
export function silence(target: SshTarget, what: string, cause?: unknown): HostError {
  return new HostError('unreachable', `${machine(target)} ${what} on port ${target.port} within ${Math.round(target.connectTimeoutMs / 1000)} s`, {
    fix: 'check that the machine is up, and that no firewall is between',
    cause,
  });
}

/** Why an established TCP connection did not become a usable SSH connection. `heard` is the first that came from the other side. */
export function handshakeTrouble(target: SshTarget, error: unknown, heard = ''): HostError {
  const who = machine(target);
  const message = messageOf(error);
  const foreign = heard !== '' && !/^SSH-/m.test(heard) && !/MaxStartups|Not allowed at this time/.test(heard);
  if (!foreign && /before handshake|ECONNRESET|EPIPE/.test(`${message} ${codeOf(error)}`)) {
    return new HostError('unreachable', `${who} closes connections on port ${target.port} at once`, {
      fix: 'see journalctl -u ssh there: too many connections at once (MaxStartups), or this machine is blocked',
      cause: error,
    });
  }
  if (foreign || /identification string|header|greeting/i.test(message)) {
    return new HostError('unreachable', `what answers on port ${target.port} of ${who} is no SSH server`, { fix: 'correct the port', cause: error });
  }
  if (/no matching/i.test(message)) {
    return new HostError('unreachable', `${who} and this program share no way to encrypt: ${clean(message, 300)}`, {
      fix: 'update the SSH server there, or allow current algorithms in its sshd_config',
      cause: error,
    });
  }
  return new HostError('unreachable', `no SSH connection to ${who}: ${clean(message, 300)}`, { cause: error });
}

/** Nothing that we have lets us in. `takes` is what the server would take, `problems` what we know about our side. */
export function notLetIn(target: SshTarget, takes: readonly string[], offered: number, problems: readonly string[]): HostError {
  const keys = offered === 0 ? 'there was no key to offer' : `it refused ${offered === 1 ? 'the key' : `all ${offered} keys`} offered`;
  const said = [...(takes.includes('publickey') || takes.length === 0 ? [keys] : []), ...new Set(problems)];
  const ways = takes.length === 0 ? '' : ` (it takes ${takes.join(', ')})`;
  return new HostError('auth', `${machine(target)} does not let ${target.user} in${ways}: ${said.join('; ')}`, {
    fix: `ssh-copy-id ${target.port === 22 ? '' : `-p ${target.port} `}${target.user}@${target.address}, or set the user and key for this host`,
  });
}

/** It knows us, and says why it lets us in no further at the moment. `said` is foreign. */
export function notNow(target: SshTarget, said: string): HostError {
  const words = clean(said.trim().replace(/\s+/g, ' '), 300);
  return new HostError('unreachable', `${machine(target)} does not let ${target.user} in now${words === '' ? '' : `: "${words}"`}`, {
    fix: 'it may be booting or going down; it is tried again',
  });
}

/** The connection ended while something was under way. */
export function dropped(target: SshTarget, what: string): HostError {
  return new HostError('dropped', `the connection to ${machine(target)} was lost ${what}`, { fix: 'it may be rebooting; it is tried again' });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || codeOf(error) : String(error);
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
