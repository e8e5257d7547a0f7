import { HostError } from '../../hosts/host-error.js';
import { commandLine } from '../../hosts/shell-quote.js';
import { eachAtOnce } from '../../kube/each-at-once.js';
import type { DiskUse, NodeDisks, StoreReading, StoreSize } from '../../state/disks.js';
import { clean } from '../../text/clean.js';
import { existing } from './disk-files.js';
import { type Look, Unmeasured } from './disk-look.js';
import { diskStores } from './disk-stores.js';
import { diskUses } from './disk-usage.js';
import type { Found, Store, StoreCommand } from './stores/store.js';

/** A store as it was found, or why it was not. */
export interface MeasuredStore {
  readonly store: Store;
  readonly found: Found | null;
  readonly reading: StoreReading;
}

/** Where things pile up; what of these is on one file system is measured together. */
const roots = [
  '/',
  '/var',
  '/var/log',
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/lib/containers/storage',
  '/var/lib/docker',
  '/opt/local-path-provisioner',
];

/** Measures some of the stores, three at once: they wait for the same disk. Rejects with HostError when the machine is lost. */
export async function measureStores(look: Look, stores: readonly Store[] = diskStores): Promise<readonly MeasuredStore[]> {
  return eachAtOnce(stores, 3, (store) => measured(store, look));
}

/** The file systems of a machine on which something could pile up, each once. Rejects with HostError, and with Unmeasured. */
export async function pileDisks(look: Look): Promise<readonly DiskUse[]> {
  const uses = await diskUses(look.machine.host, await existing(look, roots));
  return [...new Map(uses.map((use) => [use.mount, use])).values()];
}

/** All that a machine tells of its disks. Rejects with HostError when it is lost. */
export async function measureMachine(look: Look): Promise<NodeDisks> {
  const startedAt = Date.now();
  const filesystems = await pileDisks(look);
  const stores = await measureStores(look);
  const { machine, node } = look;
  return { node, at: Date.now(), tookMs: Date.now() - startedAt, from: { road: machine.host.road }, filesystems, stores: stores.map(({ reading }) => reading) };
}

/** The reading of a store that nobody could look at. */
export function unreadStore(store: Store, why: string): StoreReading {
  return readingOf(store, { status: 'unknown', why });
}

export function readingOf({ id, title, harm, risk, ticked }: Store, reading: StoreSize): StoreReading {
  return { id, title, harm, risk, ticked, reading };
}

/** All that may go of a store unless somebody chooses otherwise. */
export function defaultParts({ parts }: Found): ReadonlySet<string> {
  return new Set(parts.filter(({ ticked }) => ticked).map(({ id }) => id));
}

export function pasted({ argv, env }: StoreCommand): string {
  return clean(commandLine(argv, env));
}

async function measured(store: Store, look: Look): Promise<MeasuredStore> {
  try {
    const found = await store.measure(look);
    const mount = await mountOf(look, found.path);
    const { bytes, exact, how, note, parts } = found;
    const commands = found.commands(new Set(parts.map(({ id }) => id))).map(pasted);
    return { store, found, reading: readingOf(store, { status: 'measured', bytes, exact, how, commands, mount, parts, note: note ?? null }) };
  } catch (error) {
    if (error instanceof HostError || !(error instanceof Error)) throw error;
    // A store that is not understood is one of many.
    const why = error instanceof Unmeasured ? error.message : `not understood: ${clean(error.message, 200)}`;
    return { store, found: null, reading: unreadStore(store, why) };
  }
}

async function mountOf({ machine }: Look, path: string): Promise<string | null> {
  try {
    return (await diskUses(machine.host, [path]))[0]?.mount ?? null;
  } catch (error) {
    if (error instanceof HostError) throw error;
    return null;
  }
}
