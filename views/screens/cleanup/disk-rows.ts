import { watchedDisks } from '../../../src/state/disk-limits.js';
import type { DiskGrowth, NodeDisks } from '../../../src/state/disks.js';
import { whyMissing } from '../../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { diskTone } from './disk-columns.js';

/** One file system of a node. */
export interface DiskRow {
  readonly id: string;
  readonly node: string;
  /** What lies on it: `/`, or what the kubelet calls it where nobody could ask for its mount. */
  readonly name: string;
  /** null: nobody could look; `why` says so. */
  readonly room: { readonly sizeBytes: number; readonly availableBytes: number } | null;
  readonly why: string | null;
  /** Below it the kubelet evicts; null where it does not watch this one. */
  readonly evictsBelowBytes: number | null;
  readonly growth: DiskGrowth | null;
  /** Of the node, on the first of its rows: what can be won back without harm; null while it is not measured. */
  readonly winBytes: number | null;
  readonly first: boolean;
  readonly pressed: boolean;
}

/** The file systems of all nodes, those in need first: what the kubelets watch, and what else df tells of the machines. */
export function diskRows({ nodes, nodeStats, disks, diskGrowth }: Pick<ClusterSnapshot, 'nodes' | 'nodeStats' | 'disks' | 'diskGrowth'>): readonly DiskRow[] {
  const groups = [...(nodes.value?.values() ?? [])].map(({ name: node, conditions }) => {
    const stats = nodeStats.value?.get(node);
    const measured = disks.value?.get(node) ?? null;
    const pressed = conditions.some(({ type, status }) => type === 'DiskPressure' && status === 'True');
    const watched = stats?.status === 'seen' ? watchedDisks(stats) : [];
    const isIts = (size: number) => watched.some((disk) => Math.abs(disk.sizeBytes - size) < 0.001 * size);
    const mountOf = (size: number) => measured?.filesystems.find(({ sizeBytes }) => Math.abs(sizeBytes - size) < 0.001 * size)?.mount ?? null;
    const growthOf = (mount: string) => diskGrowth.value?.get(`${node} ${mount}`) ?? null;
    const rows = [
      ...watched.map(({ signals, sizeBytes, availableBytes, evictsBelowBytes }) => {
        const mount = mountOf(sizeBytes);
        const name = mount ?? (signals.includes('nodefs') ? 'kubelet' : 'images');
        return { name, room: { sizeBytes, availableBytes }, why: null, evictsBelowBytes, growth: growthOf(mount ?? (signals.includes('nodefs') ? '/' : '')) };
      }),
      ...(measured?.filesystems ?? [])
        .filter(({ sizeBytes }) => !isIts(sizeBytes))
        .map(({ mount, sizeBytes, availableBytes }) => ({
          name: mount,
          room: { sizeBytes, availableBytes },
          why: null,
          evictsBelowBytes: null,
          growth: growthOf(mount),
        })),
    ];
    const why = stats?.status === 'unseen' ? stats.why : (whyMissing(nodeStats) ?? 'not asked yet');
    const all = rows.length > 0 ? rows : [{ name: '', room: null, why, evictsBelowBytes: null, growth: null }];
    return all.map((row, index) => ({
      id: `${node} ${index}`,
      node,
      ...row,
      first: index === 0,
      pressed,
      winBytes: measured === null ? null : winnable(measured),
    }));
  });
  return groups.sort((a, b) => need(b) - need(a)).flat();
}

/** 2 below a limit, 1 near one or under pressure, 0 well. */
function need(rows: readonly DiskRow[]): number {
  const tones = rows.map(diskTone);
  return tones.includes('bad') ? 2 : tones.includes('warn') ? 1 : 0;
}

/** What goes unless somebody says otherwise. */
function winnable({ stores }: NodeDisks): number {
  return stores.reduce((sum, { ticked, reading }) => {
    if (!ticked || reading.status !== 'measured') return sum;
    return sum + (reading.parts.length === 0 ? reading.bytes : reading.parts.reduce((own, part) => own + (part.ticked ? part.bytes : 0), 0));
  }, 0);
}
