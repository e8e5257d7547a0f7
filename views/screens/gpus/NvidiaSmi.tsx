import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { Session } from '../../../src/session.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { fitLine, type Line, line, lineWidth, spread } from '../../../src/text/line.js';
import { widthOf, wrap } from '../../../src/text/width.js';
import type { Page } from '../../app-state.js';
import { useKeyTarget } from '../../key-target.js';
import { clamp } from '../../list-state.js';
import { Rows } from '../../widgets/Rows.js';
import { foundIn, marked } from '../../widgets/TextPage.js';
import { sampleAge, sightOf } from './sight.js';

/** What `nvidia-smi` prints on a machine, as NVIDIA prints it: no frame of ours around it, so that the most of it fits. */
export function NvidiaSmi({
  snapshot,
  session,
  now,
  page,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly session: Session | null;
  readonly now: number;
  readonly page: Page;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const printed = session?.nvidiaSmiPage(page.object) ?? null;
  const room = height - 2;
  const widest = Math.max(0, ...(printed ?? []).map(widthOf));
  const total = printed?.length ?? 0;
  const found = foundIn(
    (printed ?? []).map((text) => line(text)),
    page.search,
  );
  const hit = found.length === 0 ? null : (found[page.match % found.length] ?? null);
  const at = clamp(page.following && hit !== null ? hit - Math.floor(room / 3) : page.scroll, 0, Math.max(0, total - room));
  const furthest = Math.max(0, widest - width);
  const across = clamp(page.across, 0, furthest);
  useKeyTarget({ text: { at, total, page: room, found: found.length, across: { at: across, furthest } }, object: `node/${page.object}` });

  const sight = sightOf(page.object, snapshot);
  const where = [
    ...(furthest > 0 ? [`columns ${across + 1}–${across + width} of ${widest}`] : []),
    ...(total > room ? [`lines ${at + 1}–${Math.min(total, at + room)} of ${total}`] : []),
  ];
  const title = spread(
    line(' ', ['title', `nvidia-smi on ${page.object}`]),
    line(['dim', where.join('  ')], where.length > 0 ? '  ' : '', sight.seen ? sampleAge(sight, now) : line(['warn', 'not seen']), ' '),
    width,
  );
  const margin = ' '.repeat(Math.max(0, Math.floor((width - widest) / 2)));
  const lines =
    printed === null
      ? missing(page.object, snapshot, width)
      : printed.slice(at, at + room).map((text, index) => {
          const row = toned(text, across, width);
          return line(margin, found.includes(at + index) ? marked(row, page.search, at + index === hit) : row);
        });
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Rows lines={[title, [], ...lines]} width={width} height={height} />
    </Box>
  );
}

/** The rules of its boxes step back behind what stands in them. */
function toned(text: string, across: number, width: number): Line {
  const shown = across === 0 ? text : Array.from(text).slice(across).join('');
  const parts = shown.split(/(\||\+[-=+]+\+?|[-=]{3,}\+?)/).filter((part) => part !== '');
  const row = parts.map((part) => ({ text: part, tone: /^(?:\||\+[-=+]+\+?|[-=]{3,}\+?)$/.test(part) ? ('dim' as const) : ('plain' as const) }));
  return lineWidth(row) > width ? cutAt(row, width) : row;
}

/** Cut without a mark: the rest is a key away, and marks in every row would hide a column more. */
function cutAt(row: Line, width: number): Line {
  return fitLine(row, width, '');
}

function missing(node: string, { machineGpus, hosts }: ClusterSnapshot, width: number): readonly Line[] {
  const machine = machineGpus.value?.get(node);
  const sight = sightOf(node, { machineGpus, hosts });
  const why = machine === undefined ? (sight.seen ? '' : sight.why) : machine.report.status === 'ok' ? sourceless(machine.source) : machine.report.why;
  const fix = sight.seen || sight.fix === null ? [] : [[], ...wrap(`Fix: ${sight.fix}`, width - 6).map((text) => line('   ', text))];
  return [...wrap(`There is no page to show: ${why}`, width - 6).map((text, index) => line(index === 0 ? ['bad', ' ✗ '] : '   ', text)), ...fix];
}

function sourceless(source: string): string {
  return source === 'dcgm' ? 'what is known comes from the DCGM exporter, not from nvidia-smi' : 'nvidia-smi has not answered yet';
}
