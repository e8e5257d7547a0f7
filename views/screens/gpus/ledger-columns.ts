import { type Line, line } from '../../../src/text/line.js';
import type { Column } from '../../widgets/list-layout.js';
import { type LedgerRow, toneOf } from './ledger-rows.js';
import { sampleAge } from './sight.js';

/** From the board to the pods, left to right. */
export const ledgerColumns: readonly Column<LedgerRow>[] = [
  { id: 'node', title: 'NODE', most: 28, least: 10, sortKey: 'N', cell: ({ name }) => line(name), sortValue: ({ name }) => name },
  { id: 'product', title: 'MODEL', most: 24, from: 104, sortKey: 'M', cell: ({ product }) => orDash(product), sortValue: ({ product }) => product },
  { id: 'physical', title: 'PHYS', align: 'right', sortKey: 'H', cell: physical, sortValue: ({ physical: own }) => own },
  {
    id: 'capacity',
    title: 'CAP',
    align: 'right',
    sortKey: 'C',
    cell: (row) => amount(row, 'capacity'),
    sortValue: ({ offered }) => offered?.total.capacity ?? null,
  },
  { id: 'allocatable', title: 'ALLOC', align: 'right', sortKey: 'A', cell: allocatable, sortValue: ({ offered }) => offered?.total.allocatable ?? null },
  {
    id: 'requested',
    title: 'REQ',
    align: 'right',
    sortKey: 'Q',
    cell: (row) => amount(row, 'requested'),
    sortValue: ({ offered }) => offered?.total.requested ?? null,
    descendingFirst: true,
  },
  { id: 'used', title: 'USED', align: 'right', sortKey: 'U', cell: ({ used }) => unseenOr(used), sortValue: ({ used }) => used, descendingFirst: true },
  { id: 'state', title: 'STATE', grow: true, least: 10, most: 200, sortKey: 'S', cell: state, sortValue: (row) => ({ bad: 0, warn: 1, good: 2 })[toneOf(row)] },
  {
    id: 'seen',
    title: 'SEEN',
    align: 'right',
    least: 11,
    most: 16,
    cell: ({ sight }, now) => (sight.seen ? sampleAge(sight, now) : line([sight.common ? 'dim' : 'warn', 'not seen'])),
  },
];

function physical({ physical: own, offered }: LedgerRow): Line {
  if (own === null) return line(['warn', '?']);
  return line(own === 0 && (offered?.total.capacity ?? 0) > 0 ? ['bad', '0'] : String(own));
}

function allocatable({ offered }: LedgerRow): Line {
  if (offered === null) return line(['dim', '–']);
  const { allocatable: own, capacity } = offered.total;
  const whole = Math.max(capacity, offered.expected ?? 0);
  return line([own >= whole ? 'plain' : own === 0 ? 'bad' : 'warn', String(own)]);
}

function amount({ offered }: LedgerRow, field: 'capacity' | 'requested'): Line {
  return offered === null ? line(['dim', '–']) : line(String(offered.total[field]));
}

function unseenOr(value: number | null): Line {
  return value === null ? line(['warn', '?']) : line(String(value));
}

/** The flags, or why the machine cannot be seen; nothing where all is well. */
function state({ flags, sight, offered }: LedgerRow): Line {
  const said = flags.filter(({ text }) => text !== '').flatMap(({ text, tone }, index) => line(index === 0 ? '' : ['dim', ' · '], [tone, text]));
  // A reason that all share stands below, where the GPUs would.
  const unseen = sight.seen || sight.common ? [] : line(said.length === 0 ? '' : ['dim', ' · '], ['dim', sight.why]);
  const outside = offered === null ? line(said.length + unseen.length === 0 ? '' : ['dim', ' · '], ['dim', 'not a node']) : [];
  return line(said, unseen, outside);
}

function orDash(text: string | null): Line {
  return line(['dim', text ?? '–']);
}
