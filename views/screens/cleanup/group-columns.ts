import type { EndedPodGroup } from '../../../src/state/ended-pods.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import type { Column } from '../../widgets/list-layout.js';

export const groupColumns: readonly Column<EndedPodGroup>[] = [
  {
    id: 'namespace',
    title: 'NAMESPACE',
    least: 8,
    most: 30,
    cell: ({ namespace }) => line(namespace),
    sortKey: 'N',
    sortValue: ({ namespace }) => namespace,
  },
  { id: 'owner', title: 'OWNER', least: 14, most: 50, cell: ({ owner }) => line(shortOwner(owner)), sortKey: 'O', sortValue: ({ owner }) => owner },
  {
    id: 'reason',
    title: 'REASON',
    least: 7,
    most: 26,
    cell: ({ reason }) => (reason === '' ? line(['dim', '–']) : line(reason)),
    sortKey: 'R',
    sortValue: ({ reason }) => reason,
  },
  {
    id: 'node',
    title: 'NODE',
    least: 5,
    most: 24,
    cell: ({ node }) => (node === null ? line(['dim', '–']) : line(node)),
    sortKey: 'D',
    sortValue: ({ node }) => node,
  },
  {
    id: 'pods',
    title: 'PODS',
    align: 'right',
    cell: ({ endedAt, terminating }) => line(count(endedAt.length + terminating)),
    sortKey: 'P',
    sortValue: ({ endedAt, terminating }) => endedAt.length + terminating,
    descendingFirst: true,
  },
  {
    id: 'oldest',
    title: 'OLDEST',
    align: 'right',
    cell: ({ endedAt }, now) => line(ageOf(endedAt[0] ?? null, now)),
    sortKey: 'L',
    sortValue: ({ endedAt }) => endedAt[0] ?? null,
  },
  { id: 'newest', title: 'NEWEST', from: 110, align: 'right', cell: ({ endedAt }, now) => line(ageOf(endedAt.at(-1) ?? null, now)) },
  { id: 'replaced', title: 'NOW', grow: true, least: 9, cell: fateOf, sortKey: 'W', sortValue: ({ running }) => running, descendingFirst: true },
];

/** `deploy/whisper` of `deployment whisper`. */
function shortOwner(owner: string): string {
  const [kind = '', name] = owner.split(' ');
  return name === undefined || kind === 'no' ? owner : `${shortKinds[kind] ?? kind}/${name}`;
}

/** As kubectl lets them be written. */
const shortKinds: Readonly<Record<string, string>> = { deployment: 'deploy', statefulset: 'sts', daemonset: 'ds', replicaset: 'rs' };

/** What a filter searches. */
export function groupText({ namespace, owner, reason, node, fate, words }: EndedPodGroup): string {
  return [namespace, owner, reason, node ?? '', fate, words].join(' ');
}

function fateOf({ fate, running }: EndedPodGroup): Line {
  switch (fate) {
    case 'replaced':
      return line(['good', `${count(running)} running`]);
    case 'unreplaced':
      return line(['warn', 'none runs']);
    case 'history':
      return line(['dim', "a Job's record"]);
    case 'bare':
      return line(['warn', 'not made anew']);
  }
}
