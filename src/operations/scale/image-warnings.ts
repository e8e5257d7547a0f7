import type { PlacementNode } from '../../kube/placement-node.js';
import type { NodeStats } from '../../state/node-stats.js';
import type { ScaleForecast } from '../../state/scaling.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { bytes } from '../../text/amount.js';
import { quantityOrNull } from '../../text/quantity.js';
import type { ScaleBasis, WorkloadBasis } from './scale-basis.js';

/** Images that nodes have to pull before their new pods start, and whether there is room for them. */
export function imageWarnings(
  { nodes }: ScaleBasis,
  { template }: WorkloadBasis,
  { placed }: ScaleForecast,
  { nodeStats }: ClusterSnapshot,
): readonly string[] {
  if (nodes === null || template === null) return [];
  return nodes
    .filter(({ name }) => placed.has(name))
    .flatMap((node) =>
      [...new Set(template.images)].flatMap((image) => {
        if (sizeOn(node, image) !== null) return [];
        const elsewhere = nodes.map((other) => sizeOn(other, image)).find((size) => size !== null) ?? null;
        return [pullWarning(node, image, elsewhere, nodeStats.value?.get(node.name))];
      }),
    );
}

/** The nodes of a forecast that have to pull something first. */
export function pulls(basis: ScaleBasis, { template }: WorkloadBasis, { placed }: ScaleForecast): boolean {
  return (basis.nodes ?? []).some((node) => placed.has(node.name) && (template?.images ?? []).some((image) => sizeOn(node, image) === null));
}

function pullWarning(node: PlacementNode, image: string, size: number | null, stats: NodeStats | undefined): string {
  const isThere = node.allImages ? `is not on ${node.name} yet` : `is not among the 50 images that ${node.name} names`;
  const how = size === null ? 'how large it is nothing says' : `${bytes(size)} where it is`;
  const room = stats?.status === 'seen' ? roomFor(stats) : null;
  if (room === null) return `${image} ${isThere}: it is pulled first (${how})`;
  if (size !== null && size > room)
    return `${image} ${isThere}: it needs ${bytes(size)} and ${bytes(Math.max(0, room))} are free there before the kubelet evicts pods`;
  return `${image} ${isThere}: it is pulled first (${how}; ${bytes(Math.max(0, room))} free before the kubelet evicts pods)`;
}

/** Bytes free on the images' file system above the kubelet's eviction threshold; null where the kubelet does not say. */
function roomFor(stats: Extract<NodeStats, { status: 'seen' }>): number | null {
  const disk = stats.imageFs ?? stats.nodeFs;
  if (disk === null) return null;
  const signal = stats.imageFs === null ? 'nodefs.available' : 'imagefs.available';
  const limit = stats.evictionHard?.get(signal) ?? (signal === 'nodefs.available' ? '10%' : '15%');
  const share = /^(\d+(?:\.\d+)?)%$/.exec(limit)?.[1];
  const kept = share === undefined ? (quantityOrNull(limit) ?? 0) : (disk.sizeBytes * Number(share)) / 100;
  return disk.availableBytes - kept;
}

/** Bytes of an image on a node; null where the node does not name it. */
function sizeOn({ images }: PlacementNode, image: string): number | null {
  for (const name of spellings(image)) {
    const size = images.get(name);
    if (size !== undefined) return size;
  }
  return null;
}

/** `nginx` is `docker.io/library/nginx:latest` to a runtime. */
function spellings(image: string): readonly string[] {
  const tagged = /(?::[\w.-]+|@sha256:[0-9a-f]+)$/.test(image) ? image : `${image}:latest`;
  const [first = ''] = tagged.split('/');
  const hasRegistry = tagged.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return [tagged, ...(hasRegistry ? [] : [`docker.io/${tagged.includes('/') ? '' : 'library/'}${tagged}`])];
}
