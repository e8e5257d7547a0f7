import { amountOf } from '../../../src/text/amount.js';
import { line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import type { Column } from '../../widgets/list-layout.js';
import { gpuCell, type NodeRow } from './node-rows.js';

/** The node list's columns; the further right, the wider the terminal must be. */
export const nodeColumns: readonly Column<NodeRow>[] = [
  { id: 'name', title: 'NAME', most: 32, least: 14, sortKey: 'N', cell: ({ node }) => line(node.name), sortValue: ({ node }) => node.name },
  {
    id: 'roles',
    title: 'ROLES',
    most: 16,
    from: 100,
    sortKey: 'R',
    cell: ({ node }) => line(node.roles.length === 0 ? ['dim', 'worker'] : node.roles.join(',')),
    sortValue: ({ node }) => node.roles.join(','),
  },
  {
    id: 'status',
    title: 'STATUS',
    most: 40,
    least: 12,
    sortKey: 'S',
    cell: ({ status }) => line([status.tone === 'good' ? 'plain' : status.tone, status.text]),
    // Worst first.
    sortValue: ({ status }) => ({ bad: 0, warn: 1, good: 2 })[status.tone],
  },
  {
    id: 'since',
    title: 'SINCE',
    align: 'right',
    sortKey: 'I',
    cell: ({ status }, now) => line(ageOf(status.since, now)),
    sortValue: ({ status }) => status.since,
    descendingFirst: true,
  },
  { id: 'gpus', title: 'GPUS', align: 'right', sortKey: 'U', cell: ({ gpus }) => gpuCell(gpus), sortValue: ({ gpus }) => gpus?.total.allocatable ?? null },
  {
    id: 'req',
    title: 'REQ',
    align: 'right',
    sortKey: 'Q',
    cell: ({ gpus }) => gpuCount(gpus?.total.requested, gpus),
    sortValue: ({ gpus }) => gpus?.total.requested ?? null,
    descendingFirst: true,
  },
  {
    id: 'free',
    title: 'FREE',
    align: 'right',
    sortKey: 'E',
    cell: ({ gpus }) => gpuCount(gpus?.total.free, gpus),
    sortValue: ({ gpus }) => gpus?.total.free ?? null,
  },
  {
    id: 'pods',
    title: 'PODS',
    align: 'right',
    sortKey: 'P',
    cell: ({ pods }) => line(pods === null ? ['dim', '–'] : String(pods)),
    sortValue: ({ pods }) => pods,
    descendingFirst: true,
  },
  {
    id: 'version',
    title: 'VERSION',
    most: 16,
    from: 90,
    sortKey: 'V',
    cell: ({ node }) => known(node.info.kubeletVersion),
    sortValue: ({ node }) => node.info.kubeletVersion,
  },
  {
    id: 'age',
    title: 'AGE',
    align: 'right',
    from: 96,
    sortKey: 'A',
    cell: ({ node }, now) => line(ageOf(node.createdAt, now)),
    sortValue: ({ node }) => node.createdAt,
    descendingFirst: true,
  },
  { id: 'ip', title: 'IP', from: 120, most: 39, cell: ({ node }) => known(internalIp(node.addresses)), sortValue: ({ node }) => internalIp(node.addresses) },
  { id: 'runtime', title: 'RUNTIME', from: 140, most: 24, cell: ({ node }) => known(node.info.containerRuntimeVersion?.replace('://', ' ') ?? null) },
  {
    id: 'cpu',
    title: 'CPU',
    from: 140,
    align: 'right',
    sortKey: 'C',
    cell: ({ node }) => capacity(node.capacity, 'cpu'),
    sortValue: ({ node }) => node.capacity.get('cpu') ?? null,
    descendingFirst: true,
  },
  {
    id: 'memory',
    title: 'MEMORY',
    from: 140,
    align: 'right',
    sortKey: 'M',
    cell: ({ node }) => capacity(node.capacity, 'memory'),
    sortValue: ({ node }) => node.capacity.get('memory') ?? null,
    descendingFirst: true,
  },
  { id: 'product', title: 'GPU', from: 170, most: 28, cell: ({ gpus }) => known(gpus?.product ?? null) },
  {
    id: 'kernel',
    title: 'KERNEL',
    from: 170,
    most: 28,
    sortKey: 'K',
    cell: ({ node }) => known(node.info.kernelVersion),
    sortValue: ({ node }) => node.info.kernelVersion,
  },
  { id: 'os', title: 'OS', from: 190, most: 28, sortKey: 'O', cell: ({ node }) => known(node.info.osImage), sortValue: ({ node }) => node.info.osImage },
];

function gpuCount(amount: number | undefined, gpus: NodeRow['gpus']) {
  if (amount === undefined || gpus === null || gpus.resources.length === 0) return line(['dim', '–']);
  return line(amount < 0 ? ['bad', String(amount)] : String(amount));
}

function known(text: string | null) {
  return line(text === null ? ['dim', '–'] : text);
}

function capacity(amounts: ReadonlyMap<string, number>, resource: string) {
  const amount = amounts.get(resource);
  return known(amount === undefined ? null : amountOf(resource, amount));
}

function internalIp(addresses: NodeRow['node']['addresses']): string | null {
  return addresses.find(({ type }) => type === 'InternalIP')?.address ?? null;
}
