import { duration } from '../../../src/text/age.js';
import { bytes } from '../../../src/text/amount.js';
import { bar } from '../../../src/text/bar.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import type { Column } from '../../widgets/list-layout.js';
import type { DiskRow } from './disk-rows.js';

/** How a file system stands against what the kubelet evicts below, or, where that does not watch it, against a tenth of it. */
export function diskTone({ room, evictsBelowBytes, pressed }: DiskRow): Tone {
  if (room === null) return 'dim';
  const limit = evictsBelowBytes ?? 0.1 * room.sizeBytes;
  if (room.availableBytes < limit) return 'bad';
  return room.availableBytes < 2 * limit || pressed ? 'warn' : 'good';
}

/** The file systems of the nodes; `barWidth` columns for the bar. */
export function diskColumns(barWidth: number): readonly Column<DiskRow>[] {
  return [
    { id: 'node', title: 'NODE', cell: ({ node, first }) => line(first ? node : ''), least: 6, most: 24, sortKey: 'N', sortValue: ({ node }) => node },
    { id: 'disk', title: 'DISK', cell: ({ name }) => line(name), least: 4, most: 24 },
    { id: 'used', title: 'USED', cell: (row) => usedBar(row, barWidth), least: barWidth, most: Math.max(20, barWidth) },
    {
      id: 'free',
      title: 'FREE',
      align: 'right',
      cell: (row) =>
        row.room === null
          ? line(['dim', '–'])
          : line([diskTone(row), `${percent(row.room.availableBytes, row.room.sizeBytes)} ${bytes(row.room.availableBytes)}`]),
      sortKey: 'F',
      sortValue: ({ room }) => (room === null ? null : room.availableBytes / room.sizeBytes),
    },
    {
      id: 'evicts',
      title: 'EVICTS',
      align: 'right',
      cell: ({ room, evictsBelowBytes }) =>
        room === null || evictsBelowBytes === null ? line(['dim', '–']) : line(['dim', `<${percent(evictsBelowBytes, room.sizeBytes)}`]),
    },
    {
      id: 'size',
      title: 'SIZE',
      align: 'right',
      from: 100,
      cell: ({ room }) => (room === null ? line(['dim', '–']) : line(bytes(room.sizeBytes))),
      sortKey: 'S',
      sortValue: ({ room }) => room?.sizeBytes ?? null,
      descendingFirst: true,
    },
    { id: 'growth', title: 'GROWS', align: 'right', from: 100, cell: growthCell },
    { id: 'full', title: 'FULL IN', align: 'right', cell: fullCell, sortKey: 'I', sortValue: ({ growth }) => growth?.fullInMs ?? null },
    {
      id: 'win',
      title: 'WIN BACK',
      align: 'right',
      cell: ({ winBytes, first }) => (!first ? [] : winBytes === null ? line(['dim', '◌']) : line(['strong', bytes(winBytes)])),
      sortKey: 'W',
      sortValue: ({ winBytes }) => winBytes,
      descendingFirst: true,
    },
  ];
}

/** `▆▆▆▆▆▆▆▆▆░░░│░` with a mark where the kubelet begins to evict. */
export function usedBar(row: DiskRow, width: number): Line {
  const { room, evictsBelowBytes, why } = row;
  if (room === null) return line(['dim', why ?? 'not seen']);
  const drawn = bar(1 - room.availableBytes / room.sizeBytes, width);
  const tone = diskTone(row);
  if (evictsBelowBytes === null || evictsBelowBytes === 0) return line([tone, drawn]);
  const mark = Math.min(width - 1, Math.max(0, Math.round((1 - evictsBelowBytes / room.sizeBytes) * width)));
  return line([tone, drawn.slice(0, mark)], ['accent', '│'], [tone, drawn.slice(mark + 1)]);
}

function growthCell({ growth }: DiskRow): Line {
  if (growth === null) return line(['dim', '–']);
  const perDay = growth.bytesPerHour * 24;
  if (Math.abs(perDay) < 2 ** 20) return line(['dim', 'steady']);
  return line([perDay > 0 ? 'plain' : 'dim', `${perDay > 0 ? '+' : '-'}${bytes(Math.abs(perDay))}/d`]);
}

function fullCell({ growth }: DiskRow): Line {
  if (growth === null) return line(['dim', '–']);
  const { fullInMs } = growth;
  if (fullInMs === null || fullInMs > 90 * day) return line(['dim', 'not soon']);
  return line([fullInMs < day ? 'bad' : fullInMs < 7 * day ? 'warn' : 'plain', duration(fullInMs)]);
}

const day = 86_400_000;

function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return `${share >= 10 ? Math.floor(share) : Number(share.toFixed(1))}%`;
}
