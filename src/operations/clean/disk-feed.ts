import { eachAtOnce } from '../../kube/each-at-once.js';
import { diskGrowth } from '../../prometheus/disk-growth.js';
import type { Queries } from '../../prometheus/queries.js';
import type { NodeDisks } from '../../state/disks.js';
import { absent, live } from '../../state/freshness.js';
import type { Store } from '../../state/store.js';
import { clean } from '../../text/clean.js';
import { reachMachine } from '../machine-reading.js';
import type { World } from '../operation.js';
import { estimateFromApi } from './disk-estimate.js';
import { measureMachine } from './disk-inventory.js';
import { startLook } from './disk-look.js';

/** Measures what could be won back on the nodes' disks while somebody looks, and owns the slices `disks` and `diskGrowth`. */
export interface DiskFeed {
  /** Whether the screen that shows it is looked at; nothing is measured while it is not. */
  setAttention(looking: boolean): void;
  /** Measures anew at once, where somebody looks. */
  refresh(): void;
  close(): void;
}

export interface DiskFeedOptions {
  readonly world: World;
  readonly store: Pick<Store, 'snapshot' | 'subscribe' | 'write'>;
  /** Rejects with a sentence while no Prometheus answers. */
  readonly prometheus: (signal: AbortSignal) => Promise<Pick<Queries, 'query'>>;
  readonly now?: () => number;
}

/** Adding up folders is work for a disk: once in a while is enough. */
const everyMs = 5 * 60_000;
const growthEveryMs = 60_000;
const machinesAtOnce = 4;

export function startDiskFeed({ world, store, prometheus, now = Date.now }: DiskFeedOptions): DiskFeed {
  const known = new Map<string, NodeDisks>();
  const underWay = new Set<string>();
  const seenRuns = new Set<string>();
  const closing = new AbortController();
  let looking = false;
  let growthAt = 0;

  const measure = async (node: string): Promise<void> => {
    if (underWay.has(node) || closing.signal.aborted) return;
    underWay.add(node);
    const disks = await measureNode(world, node);
    underWay.delete(node);
    if (closing.signal.aborted) return;
    known.set(node, disks);
    for (const gone of [...known.keys()].filter((name) => store.snapshot().nodes.value?.has(name) === false)) known.delete(gone);
    store.write('disks', live(new Map([...known].sort(([a], [b]) => (a < b ? -1 : 1))), now()));
  };

  const askGrowth = async (): Promise<void> => {
    growthAt = now();
    try {
      const found = await diskGrowth(await prometheus(closing.signal), closing.signal);
      if (!closing.signal.aborted) store.write('diskGrowth', live(new Map(found.map((one) => [`${one.node} ${one.mount}`, one])), now()));
    } catch (error) {
      // Perhaps it has only not been found yet.
      growthAt = 0;
      if (!closing.signal.aborted) store.write('diskGrowth', absent(clean(error instanceof Error ? error.message : String(error), 300)));
    }
  };

  const look = (anew: boolean) => {
    if (!looking || closing.signal.aborted) return;
    if (anew || Math.abs(now() - growthAt) > growthEveryMs) void askGrowth();
    const nodes = [...(store.snapshot().nodes.value?.keys() ?? [])];
    const due = nodes.filter((node) => anew || Math.abs(now() - (known.get(node)?.at ?? 0)) > everyMs);
    void eachAtOnce(due, machinesAtOnce, measure);
  };

  // What has just been cleaned is measured again.
  const afterRuns = () => {
    for (const { id, plan, endedAt } of store.snapshot().operations.value ?? []) {
      if (plan.ref.id !== 'clean-disk' || endedAt === null || seenRuns.has(id)) continue;
      seenRuns.add(id);
      const node = plan.ref.input['node'];
      known.delete(node ?? '');
      if (looking && node !== undefined) void measure(node);
    }
    if (looking && known.size === 0 && underWay.size === 0) look(false);
  };

  const timer = setInterval(() => look(false), 15_000);
  const unsubscribe = store.subscribe(afterRuns);
  return {
    setAttention(next) {
      const begins = next && !looking;
      looking = next;
      if (begins) look(false);
    },
    refresh: () => look(true),
    close() {
      closing.abort();
      clearInterval(timer);
      unsubscribe();
    },
  };
}

/** Over a shell on the machine, else what the API tells. Never rejects. */
async function measureNode(world: World, node: string): Promise<NodeDisks> {
  try {
    const machine = await reachMachine(world, node);
    return await measureMachine(await startLook(machine, node, world));
  } catch (error) {
    return estimateFromApi(world, node, clean(error instanceof Error ? error.message : String(error), 300));
  }
}
