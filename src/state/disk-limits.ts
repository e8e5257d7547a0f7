import { quantityOrNull } from '../text/quantity.js';
import type { KubeletDisk, NodeStats } from './node-stats.js';

/** As evictionHard has it: a share of the whole (0.1 for `10%`), or an amount (bytes, inodes). */
export type Threshold = { readonly share: number } | { readonly amount: number };

export interface RoomLimits {
  readonly available: Threshold;
  readonly inodesFree: Threshold;
}

export type DiskSignal = 'nodefs' | 'imagefs';

/** Below these the kubelet evicts pods, unless its configuration says otherwise (kubernetes 1.36, pkg/kubelet/eviction/defaults_linux.go). */
export const defaultLimits: Readonly<Record<DiskSignal, RoomLimits>> = {
  nodefs: { available: { share: 0.1 }, inodesFree: { share: 0.05 } },
  imagefs: { available: { share: 0.15 }, inodesFree: { share: 0.05 } },
};

/** The limits of a kubelet's own configuration: where that names some signals, the others are off (mergeDefaultEvictionSettings aside, which writes them all out). */
export function limitsOf(signal: DiskSignal, evictionHard: ReadonlyMap<string, string> | null): RoomLimits {
  if (evictionHard === null) return defaultLimits[signal];
  const limit = (name: string) => thresholdOf(evictionHard.get(`${signal}.${name}`));
  return { available: limit('available'), inodesFree: limit('inodesFree') };
}

export function thresholdAmount(threshold: Threshold, whole: number): number {
  return 'share' in threshold ? threshold.share * whole : threshold.amount;
}

/** Whether both names stand for one file system. */
export function isSameDisk(one: KubeletDisk | null, other: KubeletDisk | null): boolean {
  return one !== null && other !== null && one.sizeBytes === other.sizeBytes && one.availableBytes === other.availableBytes;
}

/** A file system of a node that its kubelet watches, and the bytes below which it evicts. */
export interface WatchedDisk {
  readonly signals: readonly DiskSignal[];
  readonly sizeBytes: number;
  readonly availableBytes: number;
  readonly evictsBelowBytes: number;
}

/** The kubelet's own disk and that of the images; one where they are the same, with the higher of the two limits. */
export function watchedDisks({ nodeFs, imageFs, evictionHard }: Extract<NodeStats, { status: 'seen' }>): readonly WatchedDisk[] {
  const of = (signal: DiskSignal, disk: KubeletDisk | null): readonly WatchedDisk[] => {
    if (disk === null) return [];
    const { sizeBytes, availableBytes } = disk;
    return [{ signals: [signal], sizeBytes, availableBytes, evictsBelowBytes: thresholdAmount(limitsOf(signal, evictionHard).available, sizeBytes) }];
  };
  const [node, image] = [of('nodefs', nodeFs)[0], of('imagefs', imageFs)[0]];
  if (node !== undefined && image !== undefined && isSameDisk(nodeFs, imageFs))
    return [{ ...node, signals: ['nodefs', 'imagefs'], evictsBelowBytes: Math.max(node.evictsBelowBytes, image.evictsBelowBytes) }];
  return [node, image].filter((disk) => disk !== undefined);
}

function thresholdOf(words: string | undefined): Threshold {
  if (words === undefined) return { amount: 0 };
  const [, percent] = /^([\d.]+)%$/.exec(words) ?? [];
  return percent === undefined ? { amount: quantityOrNull(words) ?? 0 } : { share: Number(percent) / 100 };
}
