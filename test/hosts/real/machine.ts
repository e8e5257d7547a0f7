import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeControlGroup, removeControlGroup } from './control-group.js';

/** A Debian machine with systemd and sshd, in a container that boots, fails and reboots like one of metal. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Reached by the other machines only. */
  readonly innerAddress: string;
  /** Its file system as seen from here. */
  readonly root: string;
  /** Runs a command in it as root, past SSH; what it printed. Throws when it fails or takes longer than 20 s. */
  run(...argv: readonly string[]): string;
  /** How often it has booted. */
  boots(): number;
  /** Keeps it from booting again until the function that it returns is called: machines of metal take minutes, this one a second. */
  holdReboot(): () => void;
  /** Resolves when sshd answers; rejects with the console's last lines when it does not in time. */
  up(ms?: number): Promise<void>;
  /** The public part of its host key, as known_hosts has it: `ssh-ed25519 AAAA…`. */
  hostKey(): string;
  /** Pulls the plug and clears everything away. */
  stop(): Promise<void>;
  /** The same without waiting for its end, for when this process ends. */
  drop(): void;
}

export interface MachinePlan {
  readonly name: string;
  readonly base: string;
  /** Folder of its own. */
  readonly folder: string;
  readonly bridge: string;
  readonly address: string;
  readonly innerAddress: string;
  /** A line for authorized_keys of every user. */
  readonly publicKey: string;
  /** Counts its time from its own boot; a container else shows its computer's. Where the kernel has no time namespaces it stays so. */
  readonly ownTime: boolean;
}

/** Lays the machine's own files over the shared tree and switches it on. */
export function startMachine(plan: MachinePlan): Machine {
  const { name, folder, address, innerAddress } = plan;
  const root = layTree(plan);
  furnish(root, plan);
  const console = join(folder, 'console.log');
  const id = `${plan.bridge}-${name}`;
  let stopped = false;
  let boots = 0;
  let held: Promise<void> = Promise.resolve();
  let nspawn: ChildProcess | null = null;

  function boot(): void {
    boots += 1;
    const groups = makeControlGroup(`${id}-${boots}`);
    const log = openSync(console, 'a');
    const child = spawn('sh', ['-c', intoGroups, 'sh', ...groups, '--', ...bootCommand(id, root, plan)], {
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'] ?? '', SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' },
    });
    closeSync(log);
    nspawn = child;
    child.once('error', () => undefined);
    child.once('exit', (code) => {
      removeControlGroup(groups);
      nspawn = null;
      if (code !== rebooted) return;
      void held.then(() => {
        if (!stopped) boot();
      });
    });
  }

  /** The machine's first process; null while there is none. */
  function leader(): number | null {
    if (nspawn?.pid === undefined) return null;
    try {
      const [first] = readFileSync(`/proc/${nspawn.pid}/task/${nspawn.pid}/children`, 'utf8').trim().split(' ');
      return first === undefined || first === '' ? null : Number(first);
    } catch {
      return null;
    }
  }

  /** nspawn takes its leave when its machine is gone. */
  function pullPlug(): void {
    stopped = true;
    const pid = leader();
    if (pid === null) nspawn?.kill('SIGKILL');
    else process.kill(pid, 'SIGKILL');
  }

  function clearAway(): void {
    clearTree(folder);
    removeQuietly(`/run/systemd/nspawn/propagate/${id}`);
  }

  boot();
  return {
    name,
    address,
    innerAddress,
    root,
    run(...argv) {
      const pid = leader();
      if (pid === null) throw new Error(`${name} is not running`);
      return execFileSync('nsenter', ['-t', String(pid), '-m', '-u', '-i', '-n', '-p', '-C', '--', ...argv], {
        encoding: 'utf8',
        timeout: 20_000,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      }).trim();
    },
    boots: () => boots,
    holdReboot() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    async up(ms = 90_000) {
      const deadline = Date.now() + ms;
      while (!(await answers(address))) {
        const end = nspawn === null ? 'does not boot' : Date.now() > deadline ? `has no sshd after ${ms / 1000} s` : null;
        if (end !== null) throw new Error(`${name} ${end}: ${readFileSync(console, 'utf8').slice(-1500)}`);
        await pause(100);
      }
    },
    hostKey: () => readFileSync(join(root, hostKeyFile), 'utf8').split(' ').slice(0, 2).join(' ').trim(),
    async stop() {
      const child = nspawn;
      pullPlug();
      if (child !== null && child.exitCode === null && child.signalCode === null) await exit(child, 5_000);
      clearAway();
    },
    drop() {
      pullPlug();
      clearAway();
    },
  };
}

/** Ends it by force when it takes too long. */
function exit(child: ChildProcess, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Whether a machine can have a time since boot of its own. */
export function hasTimeNamespaces(): boolean {
  const [program = '', ...argv] = timeFromNow();
  return spawnSync(program, [...argv, 'true'], { stdio: 'ignore' }).status === 0;
}

function timeFromNow(): readonly string[] {
  const up = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0]));
  return ['unshare', '--time', '--monotonic', `-${up}`, '--boottime', `-${up}`];
}

/** A folder in every machine that lies on the computer's disk: what an overlay cannot hold (swap) has its place there. */
export const ownDisk = '/srv/disk';

/** systemd-nspawn's exit status when its machine wants to boot again. */
const rebooted = 133;

const hostKeyFile = 'etc/ssh/ssh_host_ed25519_key.pub';

const intoGroups = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"';

function bootCommand(id: string, root: string, { name, bridge, folder, ownTime }: MachinePlan): readonly string[] {
  // The machine goes down when the test run dies without a word.
  const leash = ['setpriv', '--pdeathsig', 'TERM', ...(ownTime && hasTimeNamespaces() ? timeFromNow() : [])];
  const disk = join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  const nspawn = ['systemd-nspawn', '--quiet', '--boot', '--register=no', '--keep-unit', '--console=read-only', '--system-call-filter=@swap @module'];
  return [...leash, ...nspawn, `--directory=${root}`, `--bind=${disk}:${ownDisk}`, `--machine=${id}`, `--hostname=${name}`, `--network-bridge=${bridge}`];
}

function layTree({ base, folder }: MachinePlan): string {
  const root = join(folder, 'root');
  const [upper, work] = [join(folder, 'upper'), join(folder, 'work')];
  for (const path of [root, upper, work]) mkdirSync(path, { recursive: true });
  const overlay = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${base},upperdir=${upper},workdir=${work}`, root], { stdio: 'ignore' });
  // Where there is no overlay (the folder may be on one itself), every machine gets a copy.
  if (overlay.status !== 0) cpSync(base, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return root;
}

/** What makes it a machine of its own: name, addresses, host keys, machine id, and the test's key for each user. */
function furnish(root: string, { name, address, innerAddress, publicKey }: MachinePlan): void {
  const file = (path: string, text: string, mode = 0o644) => writeFileSync(join(root, path), text, { mode });
  file('etc/hostname', `${name}\n`);
  file('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${name}\n`);
  file('etc/machine-id', `${randomUUID().replaceAll('-', '')}\n`);
  const addresses = [address, innerAddress].map((own) => `Address=${own}/24\n`).join('');
  file('etc/systemd/network/10-host0.network', `[Match]\nName=host0\n[Network]\n${addresses}LinkLocalAddressing=no\nIPv6AcceptRA=no\n`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(root, hostKeyFile.replace('.pub', ''))]);
  for (const [home, owner] of [
    ['root', '0'],
    ['home/ops', '2001'],
    ['home/pat', '2002'],
    ['home/guest', '2003'],
  ] as const) {
    mkdirSync(join(root, home, '.ssh'), { mode: 0o700, recursive: true });
    file(join(home, '.ssh/authorized_keys'), publicKey, 0o600);
    execFileSync('chown', ['-R', `${owner}:${owner}`, join(root, home, '.ssh')]);
  }
}

/** Whether an SSH server says its name there. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const done = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(false), 1_000);
    socket.once('data', (chunk) => done(chunk.toString().startsWith('SSH-')));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}

/** Undoes what `layTree` did; also for a machine of a run that died. */
export function clearTree(folder: string): void {
  const root = join(folder, 'root');
  if (isMounted(root)) spawnSync('umount', ['--lazy', root], { stdio: 'ignore' });
  if (!isMounted(root)) rmSync(folder, { recursive: true, force: true });
}

function isMounted(path: string): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(` ${path} `);
}

function removeQuietly(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not there.
  }
}
