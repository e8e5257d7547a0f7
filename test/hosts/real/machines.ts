import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { baseTree, ownWorkFolder } from './base-tree.js';
import { controlGroupsOf, removeControlGroup } from './control-group.js';
import { clearTree, type Machine, startMachine } from './machine.js';
import { makeNetwork, removeNetwork } from './network.js';

/** Machines that belong to one test file, and a home folder with a key that all of them let in. */
export interface Machines {
  /** By name; throws for a name that was not started. */
  of(name: string): Machine;
  /** A home folder as for ssh: ~/.ssh with the key `id_ops`, and with known_hosts where machines are trusted. */
  readonly home: string;
  readonly key: string;
  /** Puts the machines' host keys into known_hosts, in place of what was there; none empties it. */
  trust(...names: readonly string[]): void;
  close(): Promise<void>;
}

/**
 * Starts machines for the tests of this file and stops them afterwards. Where machines cannot be had (not root, no debootstrap, a container
 * that may not mount) every test is skipped, with the reason on stderr.
 */
export function useMachines(...names: readonly string[]): { readonly machines: Machines } {
  return useRoom(names);
}

/** The same with machines that have just booted, as their own clocks tell. */
export function useFreshMachines(...names: readonly string[]): { readonly machines: Machines } {
  return useRoom(names, { ownTime: true });
}

/** The same on another tree than the usual one. */
export function useMachinesOf(tree: () => Promise<string>, ...names: readonly string[]): { readonly machines: Machines } {
  return useRoom(names, { tree });
}

interface Room {
  readonly ownTime?: boolean;
  readonly tree?: () => Promise<string>;
}

function useRoom(names: readonly string[], kind: Room = {}): { readonly machines: Machines } {
  let started: Machines | null = null;
  let reason: string | null = null;
  beforeAll(async () => {
    reason = whyNoMachines();
    try {
      if (reason === null) started = await startMachines(names, kind);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (reason !== null) process.stderr.write(`Tests on real machines are skipped: ${reason}\n`);
  }, 600_000);
  afterAll(() => started?.close());
  beforeEach((context) => {
    if (reason !== null) context.skip(reason);
  });
  return {
    get machines() {
      if (started === null) throw new Error('the machines are not up');
      return started;
    },
  };
}

/** What stands in the way of machines here, as far as it can be told without trying; null when nothing does. */
function whyNoMachines(): string | null {
  if (process.platform !== 'linux') return 'they need Linux';
  if (process.getuid?.() !== 0) return 'they need root';
  const missing = ['debootstrap', 'systemd-nspawn', 'ip', 'nsenter', 'setpriv', 'flock', 'mount', 'ssh-keygen'].filter(
    (name) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' }).status !== 0,
  );
  return missing.length === 0 ? null : `${missing.join(', ')} not found`;
}

async function startMachines(names: readonly string[], { ownTime = false, tree = baseTree }: Room): Promise<Machines> {
  sweep(ownWorkFolder());
  const base = await tree();
  const network = makeNetwork();
  const folder = join(ownWorkFolder(), `run-${process.pid}-${network.bridge}`);
  const home = join(folder, 'home');
  const key = join(home, '.ssh', 'id_ops');
  const running = new Map<string, Machine>();
  const drop = () => {
    for (const machine of running.values()) machine.drop();
    clearRun(folder, network.bridge);
  };
  const close = async () => {
    await Promise.all([...running.values()].map((machine) => machine.stop()));
    clearRun(folder, network.bridge);
    process.off('exit', drop);
  };
  process.once('exit', drop);
  try {
    mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key]);
    const publicKey = readFileSync(`${key}.pub`, 'utf8');
    for (const [index, name] of names.entries()) {
      const addresses = { address: network.address(index), innerAddress: network.innerAddress(index) };
      running.set(name, startMachine({ name, base, folder: join(folder, name), bridge: network.bridge, publicKey, ownTime, ...addresses }));
    }
    await Promise.all([...running.values()].map((machine) => machine.up()));
  } catch (error) {
    await close();
    throw error;
  }
  const of = (name: string) => {
    const machine = running.get(name);
    if (machine === undefined) throw new Error(`no machine ${name}`);
    return machine;
  };
  const trust = (...trusted: readonly string[]) => {
    const lines = trusted.map(of).flatMap((machine) => [machine.address, machine.innerAddress].map((address) => `${address} ${machine.hostKey()}\n`));
    writeFileSync(join(home, '.ssh', 'known_hosts'), lines.join(''), { mode: 0o600 });
  };
  trust(...names);
  return { of, home, key, trust, close };
}

/** What runs that were killed have left behind. Their machines have gone down with them. */
function sweep(folder: string): void {
  for (const entry of readdirSync(folder)) {
    const [, pid, bridge] = /^run-(\d+)-(\w+)$/.exec(entry) ?? [];
    if (pid === undefined || bridge === undefined || existsSync(`/proc/${pid}`)) continue;
    clearRun(join(folder, entry), bridge);
  }
}

/** A tree that is still mounted stays for the next run's sweep. */
function clearRun(folder: string, bridge: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) clearTree(join(folder, name));
  removeNetwork(bridge);
  removeControlGroup(controlGroupsOf(`${bridge}-`));
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
