import { count } from '../../../src/text/amount.js';
import { line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import type { Column } from '../../widgets/list-layout.js';
import type { WorkloadRow } from './workload-rows.js';

/** As kubectl shortens them. */
const shortKinds = { Deployment: 'deploy', StatefulSet: 'sts', DaemonSet: 'ds' } as const;

export const workloadColumns: readonly Column<WorkloadRow>[] = [
  {
    id: 'namespace',
    title: 'NAMESPACE',
    least: 6,
    most: 24,
    cell: ({ workload }) => line(['dim', workload.namespace]),
    sortKey: 'N',
    sortValue: ({ workload }) => workload.namespace,
  },
  { id: 'kind', title: 'KIND', cell: ({ workload }) => line(['dim', shortKinds[workload.kind]]), sortKey: 'K', sortValue: ({ workload }) => workload.kind },
  {
    id: 'name',
    title: 'WORKLOAD',
    least: 24,
    most: 48,
    cell: ({ workload }) => line(workload.name),
    sortKey: 'W',
    sortValue: ({ workload }) => workload.name,
  },
  {
    id: 'ready',
    title: 'READY',
    align: 'right',
    cell: ({ workload: { ready, desired }, state }) =>
      line([ready < desired ? (state.tone === 'accent' ? 'accent' : 'bad') : 'plain', `${count(ready)}/${count(desired)}`]),
    sortKey: 'R',
    sortValue: ({ workload: { ready, desired } }) => desired - ready,
    descendingFirst: true,
  },
  {
    id: 'gpus',
    title: 'GPUS',
    align: 'right',
    cell: ({ gpus }) => (gpus === 0 ? line(['dim', '–']) : line(count(gpus))),
    sortKey: 'G',
    sortValue: ({ gpus }) => gpus,
    descendingFirst: true,
  },
  {
    id: 'state',
    title: 'STATE',
    grow: true,
    least: 10,
    cell: ({ state }) => line([state.tone === 'good' ? 'plain' : state.tone, state.text]),
    sortKey: 'S',
    sortValue: ({ state }) => state.text,
  },
  {
    id: 'restarts',
    title: 'RESTARTS',
    align: 'right',
    from: 90,
    cell: ({ restarts }) => line(restarts === null ? ['dim', '?'] : restarts === 0 ? ['dim', '0'] : restarts > 5 ? ['warn', count(restarts)] : count(restarts)),
    sortKey: 'T',
    sortValue: ({ restarts }) => restarts,
    descendingFirst: true,
  },
  {
    id: 'age',
    title: 'AGE',
    align: 'right',
    cell: ({ workload }, now) => line(ageOf(workload.createdAt, now)),
    sortKey: 'A',
    sortValue: ({ workload }) => workload.createdAt,
  },
  { id: 'image', title: 'IMAGE', from: 140, grow: true, most: 60, cell: ({ workload }) => line(['dim', workload.images[0] ?? '']) },
];
