import { fitLine, type Line, line } from '../../../src/text/line.js';
import type { Sort } from '../../../src/text/sort.js';
import { pad } from '../../../src/text/width.js';
import { type GpuRow, nodeOf, sortColumns } from './device-rows.js';

/** Columns of the blocks that each GPU's card is made of, left to right; 0 leaves one out. */
export interface CardLayout {
  readonly width: number;
  /** Columns of the node's name; 0 where there is but one. */
  readonly node: number;
  readonly name: number;
  readonly util: number;
  readonly memory: number;
  readonly temperature: number;
  readonly power: number;
  readonly notes: number;
}

export const gap = 2;
const lead = 2;

/** Shares the width out: at 76 columns all gauges fit, wider ones get longer bars, then a column of notes. `tall` cards have room for notes below the name. */
export function cardLayout(rows: readonly GpuRow[], width: number, tall: boolean): CardLayout {
  const nodes = new Set(rows.map(nodeOf));
  const longest = Math.min(20, Math.max(4, ...[...nodes].map((name) => name.length)));
  const node = nodes.size > 1 ? Math.min(longest, width < 100 ? 12 : 20) : 0;
  const least = { name: 18, util: 13, memory: 19, temperature: 5, power: 9 };
  const used = lead + least.name + least.util + least.memory + least.temperature + least.power + 4 * gap;
  let spare = Math.max(0, width - used);
  const take = (most: number) => {
    const taken = Math.min(spare, most);
    spare -= taken;
    return taken;
  };
  const notesWidth = !tall && spare >= 30 ? take(gap + 20) : 0;
  const name = least.name + take(node > 0 ? node + 3 : 6);
  const memory = least.memory + take(5);
  const temperature = least.temperature + take(7);
  const power = least.power + take(3);
  const util = least.util + take(Math.ceil(spare / 2));
  const more = notesWidth > 0 ? take(Math.min(16, spare)) : 0;
  const wider = take(spare);
  return {
    width,
    node,
    name,
    util: util + Math.ceil(wider / 2),
    memory: memory + Math.floor(wider / 2),
    temperature,
    power,
    notes: notesWidth === 0 ? 0 : notesWidth - gap + more,
  };
}

/** The blocks' titles, the sorting letter of each marked. */
export function cardHeader(layout: CardLayout, sort: Sort | null): Line {
  const titles = new Map(sortColumns.map(({ id, title, sortKey = '' }) => [id, titleOf(title, sortKey, sort?.column === id ? sort : null)]));
  const at = (id: string, columns: number) => fitLine(titles.get(id) ?? [], columns);
  const name = layout.node > 0 ? line(at('node', layout.node + 1), ['dim', '#  GPU']) : line(['dim', '#  GPU']);
  return line(
    ' '.repeat(lead),
    fitLine(name, layout.name),
    ' '.repeat(gap),
    at('util', layout.util),
    ' '.repeat(gap),
    at('memory', layout.memory),
    ' '.repeat(gap),
    at('temp', layout.temperature),
    ' '.repeat(gap),
    at('power', layout.power),
    layout.notes > 0 ? line(' '.repeat(gap), ['dim', pad('USED BY', layout.notes)]) : [],
  );
}

function titleOf(title: string, key: string, sort: Sort | null): Line {
  const index = title.indexOf(key);
  return line(['dim', title.slice(0, index)], ['accent', key], ['dim', title.slice(index + 1)], ['accent', sort === null ? '' : sort.descending ? '▼' : '▲']);
}
