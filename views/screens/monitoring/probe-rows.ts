import type { Probe } from '../../../src/state/probes.js';
import { duration } from '../../../src/text/age.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { seconds } from '../../../src/text/seconds.js';
import { sparkline } from '../../../src/text/sparkline.js';
import { wrap } from '../../../src/text/width.js';
import type { Column } from '../../widgets/list-layout.js';

export const probeSigns = { ok: line(['good', '✓']), failing: line(['bad', '✗']), waiting: line(['dim', '◌']) } as const;

/** The columns of the list of probes; the history is `historyWidth` wide. */
export function probeColumns(historyWidth: number): readonly Column<Probe>[] {
  return [
    { id: 'name', title: 'PROBE', least: 10, most: 34, sortKey: 'P', cell: ({ name }) => line(name), sortValue: ({ name }) => name },
    { id: 'status', title: 'STATUS', sortKey: 'S', cell: statusCell, sortValue: ({ status }) => ({ failing: 0, waiting: 1, ok: 2 })[status] },
    {
      id: 'time',
      title: 'TIME',
      align: 'right',
      least: 7,
      sortKey: 'T',
      cell: ({ roundTripMs }) => (roundTripMs === null ? line(['dim', '–']) : line(seconds(roundTripMs / 1000))),
      sortValue: ({ roundTripMs }) => roundTripMs,
      descendingFirst: true,
    },
    { id: 'history', title: 'LAST', least: historyWidth, most: historyWidth, cell: ({ history }) => line(['accent', sparkline(history, historyWidth)]) },
    { id: 'certificate', title: 'CERT', align: 'right', sortKey: 'C', cell: certificateCell, sortValue: ({ certificateEndsAt }) => certificateEndsAt },
    { id: 'why', title: 'ADDRESS', least: 10, most: 200, grow: true, cell: ({ why, url }) => (why === null ? line(['dim', url]) : line(['bad', why])) },
  ];
}

function statusCell({ status, httpStatus }: Probe): Line {
  const tone: Tone = { ok: 'plain' as const, failing: 'bad' as const, waiting: 'dim' as const }[status];
  return line([tone, httpStatus === null ? { ok: 'ok', failing: 'failing', waiting: 'waiting' }[status] : String(httpStatus)]);
}

const day = 86_400_000;

/** How long the certificate is good for. */
export function certificateCell({ certificateEndsAt }: Probe, now: number): Line {
  if (certificateEndsAt === null) return line(['dim', '–']);
  const left = certificateEndsAt - now;
  if (left <= 0) return line(['bad', 'expired']);
  return line([left < 7 * day ? 'bad' : left < 30 * day ? 'warn' : 'plain', duration(left)]);
}

/** What is wrong with the selected probe, in full. */
export function aboutProbe({ why, url }: Probe, width: number): readonly Line[] {
  if (why === null) return [];
  return [
    line(['dim', '─'.repeat(width)]),
    line(['dim', url]),
    ...wrap(why, width)
      .slice(0, 2)
      .map((text) => line(['bad', text])),
  ];
}

export function probeTotals(probes: readonly Probe[]): Line {
  const well = probes.filter(({ status }) => status === 'ok').length;
  const failing = probes.filter(({ status }) => status === 'failing').length;
  return line([failing > 0 ? 'bad' : well === probes.length ? 'good' : 'dim', `${well} of ${probes.length} answer`]);
}
