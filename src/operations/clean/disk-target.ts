import { type DiskSignal, defaultLimits, limitsOf, thresholdAmount } from '../../state/disk-limits.js';
import type { DiskUse } from '../../state/disks.js';
import type { NodeStats } from '../../state/node-stats.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { bytes } from '../../text/amount.js';

/** How much of a file system is to be free, in bytes. */
export type Target = (use: DiskUse) => number;

/**
 * Twice what the kubelet evicts below: less would be gone again in no time. For file systems that it does not watch, as if it did. `share` (0.3 for 30 %) instead, where somebody
 * wants that.
 */
export function targetFor(snapshot: ClusterSnapshot, node: string, share: number | null): Target {
  if (share !== null) return ({ sizeBytes }) => share * sizeBytes;
  const stats = snapshot.nodeStats.value?.get(node);
  return (use) => 2 * Math.max(...signalsOf(use, stats).map((signal) => limitOf(signal, use, stats)));
}

/** A share of a file system in words: `9 % of 447 GiB free`. */
export function freeWords({ availableBytes, sizeBytes }: DiskUse): string {
  return `${percentWords(availableBytes, sizeBytes)} of ${bytes(sizeBytes)} free`;
}

export function percentWords(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  return `${percent >= 10 ? Math.floor(percent) : Number(percent.toFixed(1))} %`;
}

/** By its size, which the kubelet measures as df does; both signals where it cannot be told. */
function signalsOf(use: DiskUse, stats: NodeStats | undefined): readonly DiskSignal[] {
  if (stats?.status !== 'seen') return ['nodefs', 'imagefs'];
  const isIts = (disk: { readonly sizeBytes: number } | null) => disk !== null && Math.abs(disk.sizeBytes - use.sizeBytes) < 0.001 * use.sizeBytes;
  const found = (
    [
      ['nodefs', stats.nodeFs],
      ['imagefs', stats.imageFs],
    ] as const
  ).flatMap(([signal, disk]) => (isIts(disk) ? [signal] : []));
  return found.length > 0 ? found : ['nodefs'];
}

function limitOf(signal: DiskSignal, { sizeBytes }: DiskUse, stats: NodeStats | undefined): number {
  const limits = stats?.status === 'seen' ? limitsOf(signal, stats.evictionHard) : defaultLimits[signal];
  const limit = thresholdAmount(limits.available, sizeBytes);
  // Where it is switched off, the usual one is still a sensible amount to have.
  return limit > 0 ? limit : thresholdAmount(defaultLimits[signal].available, sizeBytes);
}
