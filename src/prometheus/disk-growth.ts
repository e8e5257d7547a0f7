import type { DiskGrowth } from '../state/disks.js';
import { clean } from '../text/clean.js';
import { withNode } from './common-labels.js';
import type { Queries } from './queries.js';

/** File systems on disks, not in memory, and none that only shows another's. */
const selector = '{fstype!~"tmpfs|devtmpfs|ramfs|overlay|squashfs|vfat|iso9660|nfs.*|fuse.*"}';
const free = `max by (node, mountpoint) (${withNode(`node_filesystem_avail_bytes${selector}`)})`;
/** Six hours even out what comes and goes, and notice what a day-long slope would hide. */
const slope = `max by (node, mountpoint) (${withNode(`deriv(node_filesystem_avail_bytes${selector}[6h])`)})`;

/** How the file systems of all nodes fill, over the last six hours. Rejects with MonitoringError. */
export async function diskGrowth(client: Pick<Queries, 'query'>, signal?: AbortSignal): Promise<readonly DiskGrowth[]> {
  const [slopes, left] = await Promise.all([client.query(slope, { signal }), client.query(free, { signal })]);
  const keyOf = (labels: ReadonlyMap<string, string>) => `${labels.get('node') ?? ''} ${labels.get('mountpoint') ?? ''}`;
  const freeBytes = new Map(left.value.map(({ labels, value }) => [keyOf(labels), value]));
  return slopes.value.flatMap(({ labels, value }) => {
    const available = freeBytes.get(keyOf(labels)) ?? null;
    if (value === null) return [];
    const fills = value < 0 && available !== null;
    return [
      {
        node: clean(labels.get('node') ?? '', 253),
        mount: clean(labels.get('mountpoint') ?? '', 1024),
        bytesPerHour: -value * 3600,
        fullInMs: fills ? (available / -value) * 1000 : null,
        at: Date.now(),
      },
    ];
  });
}
