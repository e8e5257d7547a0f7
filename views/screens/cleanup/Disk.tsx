import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { NodeDisks } from '../../../src/state/disks.js';
import { absent, live, type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { bytes } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { cut, wrap } from '../../../src/text/width.js';
import { useShownRows } from '../../hooks/use-shown-rows.js';
import type { CleanTarget } from '../../key-target.js';
import { type ListState, selectedIndex } from '../../list-state.js';
import { operationObject } from '../../operation-object.js';
import { List } from '../../widgets/List.js';
import { diskColumns, diskTone } from './disk-columns.js';
import { type DiskRow, diskRows } from './disk-rows.js';
import { aboutStore, storeColumns, storeSign } from './disk-store-columns.js';
import { chosenBytes, diskWish, type StoreRow, storeRows } from './disk-store-rows.js';

/** The disks of all nodes against what their kubelets evict below, and what could be won back on the one that is selected, store by store, to tick. */
export function Disk({
  snapshot,
  lists,
  focus,
  panels,
  now,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly lists: { readonly disks: ListState; readonly stores: ListState };
  /** Where keys go. */
  readonly focus: 'disks' | 'stores' | null;
  /** How many panels `tab` goes round. */
  readonly panels: number;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const { nodes, disks, nodeStats, diskGrowth } = snapshot;
  const all = useMemo(() => diskRows({ nodes, disks, nodeStats, diskGrowth }), [nodes, disks, nodeStats, diskGrowth]);
  const columns = width < 100 ? narrowColumns : wideColumns;
  const shown = useShownRows(all, lists.disks, columns, idOf, textOf, now);
  const node = shown.rows[selectedIndex(lists.disks, shown.ids)]?.node ?? null;
  const measured = node === null ? null : (disks.value?.get(node) ?? null);
  const rows = measured === null ? [] : storeRows(measured, lists.stores.marks);
  const wish = node === null ? null : diskWish(node, rows);
  const clean: CleanTarget = { wish, disk: wish, ages: 0, keeps: 0 };
  const open = () => (wish === null ? null : { page: { kind: 'operation' as const, object: operationObject([wish]) } });
  const tall = Math.min(all.length + 3, Math.max(5, Math.floor(height / 3)));
  const top = height - tall < 6 ? height : tall;
  return (
    <Box flexDirection="column" width={width} height={height}>
      <List
        id="disks"
        title="Disks"
        slice={nodes}
        rows={all}
        columns={columns}
        idOf={idOf}
        textOf={textOf}
        signOf={diskSign}
        none="no nodes"
        list={lists.disks}
        now={now}
        width={width}
        height={top}
        focused={focus === 'disks'}
        panels={panels}
        right={line(['dim', `${growthTrouble(snapshot, width)}│ evicts`])}
        open={open}
        clean={clean}
      />
      {top === height ? null : (
        <List
          id="disk-stores"
          title={node === null ? 'What could be won back' : `What could be won back on ${node}`}
          slice={storesSlice(snapshot, node)}
          rows={rows}
          columns={storeColumns}
          idOf={({ id }) => id}
          textOf={({ store, part }) => `${store.title} ${part?.text ?? ''}`}
          signOf={storeSign}
          none="nothing is known to pile up there"
          list={{ ...lists.stores, marks: nobody }}
          now={now}
          width={width}
          height={height - top}
          focused={focus === 'stores'}
          panels={panels}
          right={rightOf(rows, measured?.from)}
          about={(row, room) => aboutStore(row, room)}
          open={open}
          clean={clean}
        />
      )}
    </Box>
  );
}

const wideColumns = diskColumns(20);
const narrowColumns = diskColumns(10);

/** Why nothing is said of how the disks fill. */
function growthTrouble({ diskGrowth }: ClusterSnapshot, width: number): string {
  const why = diskGrowth.freshness.status === 'loading' ? null : whyMissing(diskGrowth);
  return why === null ? '' : `growth: ${cut(why, width - 60)}   `;
}

/** Ticks are shown by the rows themselves: most are set before anybody has marked anything. */
const nobody: ReadonlySet<string> = new Set();

function idOf({ id }: DiskRow): string {
  return id;
}

function textOf({ node, name }: DiskRow): string {
  return `${node} ${name}`;
}

function diskSign(row: DiskRow): Line {
  const tone = diskTone(row);
  return line([tone, tone === 'bad' ? '✗' : tone === 'warn' ? '!' : tone === 'good' ? '✓' : '·']);
}

function storesSlice({ disks }: ClusterSnapshot, node: string | null): Slice<object> {
  if (node === null) return absent('no node is selected');
  if (disks.value === null) return disks.freshness.status === 'loading' ? { ...disks, freshness: { ...disks.freshness, why: `measuring ${node}` } } : disks;
  const own = disks.value.get(node);
  return own === undefined ? { value: null, freshness: { status: 'loading', since: 0, why: `measuring ${node}` } } : live(own, own.at);
}

function rightOf(rows: readonly StoreRow[], from: NodeDisks['from'] | undefined): Line {
  if (from === undefined) return [];
  const estimate = 'api' in from ? line(['warn', 'estimate from the API alone '], ['dim', wrap(from.why, 40)[0] ?? ''], ' ') : [];
  return line(estimate, ['strong', bytes(chosenBytes(rows))], ['dim', ' ticked']);
}
