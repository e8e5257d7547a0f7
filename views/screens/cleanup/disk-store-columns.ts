import { bytes } from '../../../src/text/amount.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import type { Column } from '../../widgets/list-layout.js';
import type { StoreRow } from './disk-store-rows.js';

/** What could be won back on one node. */
export const storeColumns: readonly Column<StoreRow>[] = [
  { id: 'store', title: 'STORE', cell: nameCell, least: 46, most: 70, grow: true },
  { id: 'bytes', title: 'WINS', align: 'right', cell: bytesCell },
  { id: 'verdict', title: 'HARM', cell: harmCell, least: 10, most: 44 },
];

/** What is gone for good and goes, and what nobody could measure, are told before all else; ticks stand in the row, where the selected one keeps its own. */
export function storeSign({ goes, bytes: size, part }: StoreRow): Line {
  if (size === null) return line(['dim', '?']);
  return goes && part?.verdict === 'lost' ? line(['bad', '!']) : [];
}

function tick({ goes, bytes: size }: StoreRow): Line {
  if (size === null || size === 0) return line('    ');
  return goes ? line(['accent', '[✓] ']) : line(['dim', '[ ] ']);
}

/** Of the selected row: what is lost with it, how it was measured, the exact command, and what to know besides. */
export function aboutStore({ store, part }: StoreRow, width: number): readonly Line[] {
  const rule = line(['dim', '─'.repeat(width)]);
  const { reading, harm } = store;
  if (reading.status === 'unknown') return [rule, ...wrapped(`not measured: ${reading.why}`, 'warn', width)];
  if (part !== null) {
    const used = part.usedBy.length === 0 ? 'nobody in the cluster refers to it' : `used by ${part.usedBy.join(', ')}`;
    return [rule, ...wrapped(`${part.why}; ${used}`, part.verdict === 'lost' ? 'bad' : 'plain', width)];
  }
  const [command] = reading.commands;
  const more = reading.commands.length > 1 ? ` and ${reading.commands.length - 1} more` : '';
  return [
    rule,
    ...wrapped(`${harm}. ${reading.how}`, 'plain', width),
    ...(command === undefined ? [] : wrapped(`# ${command}${more}`, 'dim', width).slice(0, 2)),
    ...(reading.note === null ? [] : wrapped(reading.note, 'warn', width)),
  ];
}

function wrapped(text: string, tone: Tone, width: number): readonly Line[] {
  return wrap(text, width)
    .slice(0, 3)
    .map((part) => line([tone, part]));
}

function nameCell(row: StoreRow): Line {
  const { store, part, bytes: size } = row;
  if (part === null) return line(tick(row), [size === null || size === 0 ? 'dim' : 'plain', store.title]);
  return line('  ', tick(row), ...(part.verdict === 'lost' ? [['bad', 'LOST '] as const] : []), part.text);
}

function bytesCell({ bytes: size, store, part }: StoreRow): Line {
  if (size === null) return line(['dim', 'unknown']);
  const exact = store.reading.status === 'measured' && store.reading.exact;
  return line([size === 0 ? 'dim' : part === null ? 'strong' : 'plain', `${exact || size === 0 ? '' : '~'}${bytes(size)}`]);
}

function harmCell({ store, part, bytes: size }: StoreRow): Line {
  if (store.reading.status === 'unknown') return line(['dim', store.reading.why]);
  if (part !== null) {
    if (part.verdict === 'lost') return line(['bad', part.why]);
    return part.verdict === 're-pull' ? line(['warn', `used by ${part.usedBy.join(', ')}`]) : line(['good', 'can be pulled again, unused']);
  }
  return line([size === 0 ? 'dim' : harmTones[store.risk], store.risk], ['dim', `: ${store.harm}`]);
}

const harmTones: Readonly<Record<StoreRow['store']['risk'], Tone>> = { safe: 'good', disruptive: 'warn', destructive: 'bad', 'needs-reboot': 'warn' };
