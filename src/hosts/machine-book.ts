import { absent, live, loading } from '../state/freshness.js';
import type { MachineGpus } from '../state/gpu-devices.js';
import type { HostState } from '../state/hosts.js';
import type { Store } from '../state/store.js';

/** What is known of all machines, and the two slices made of it. Fifty answers in one moment become one write. */
export interface MachineBook {
  host(state: HostState): void;
  gpus(gpus: MachineGpus): void;
  gpusOf(name: string): MachineGpus | undefined;
  /** The pods of the nodes have been asked once: who has no GPUs now has told of none. */
  askedPods(): void;
  forget(name: string): void;
  /** There are no machines at all. */
  none(why: string): void;
  close(): void;
}

export function createMachineBook(store: Store, { podsCanTell }: { readonly podsCanTell: boolean }): MachineBook {
  const startedAt = Date.now();
  const hosts = new Map<string, HostState>();
  const gpus = new Map<string, MachineGpus>();
  let podsAsked = !podsCanTell;
  let nobody: string | null = null;
  let due = false;
  let closed = false;

  function changed(): void {
    if (due || closed) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      if (!closed) publish();
    });
  }

  function publish(): void {
    const now = Date.now();
    if (hosts.size > 0) store.write('hosts', live(new Map(hosts), now));
    else if (nobody !== null) store.write('hosts', absent(nobody));
    if (gpus.size > 0) store.write('machineGpus', live(new Map(gpus), now));
    else if (hosts.size === 0 && nobody !== null) store.write('machineGpus', absent(nobody));
    else if (podsAsked && settled()) store.write('machineGpus', absent(whyNoGpus([...hosts.values()])));
    else store.write('machineGpus', loading(startedAt));
  }

  function settled(): boolean {
    return [...hosts.values()].every(({ contact }) => contact.status !== 'connecting' && contact.status !== 'asking');
  }

  return {
    host(state) {
      hosts.set(state.name, state);
      changed();
    },
    gpus(entry) {
      gpus.set(entry.node, entry);
      changed();
    },
    gpusOf: (name) => gpus.get(name),
    askedPods() {
      podsAsked = true;
      changed();
    },
    forget(name) {
      hosts.delete(name);
      gpus.delete(name);
      changed();
    },
    none(why) {
      nobody = why;
      changed();
    },
    close() {
      closed = true;
    },
  };
}

function whyNoGpus(hosts: readonly HostState[]): string {
  const seen = hosts.filter(({ contact }) => contact.status === 'connected').length;
  if (seen === 0) return 'no machine could be looked at, and no pod on the nodes tells of GPUs';
  const unseen = hosts.length - seen;
  return `no NVIDIA GPU on ${seen} ${seen === 1 ? 'machine' : 'machines'}${unseen === 0 ? '' : `; ${unseen} could not be looked at`}`;
}
