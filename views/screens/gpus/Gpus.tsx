import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import { whyMissing } from '../../../src/state/freshness.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { List } from '../../widgets/List.js';
import type { ScreenProps } from '../screen-props.js';
import { DeviceList } from './DeviceList.js';
import { gpuRows } from './device-rows.js';
import { ledgerColumns } from './ledger-columns.js';
import { type LedgerRow, ledgerRows, toneOf } from './ledger-rows.js';

/** Who has GPUs, who offers them, who asks for them, who uses them; and each GPU with its load. */
export function Gpus({ snapshot, list, panel, now, width, height }: ScreenProps): ReactElement {
  const { gpus, nodes, pods, machineGpus, hosts } = snapshot;
  const ledger = useMemo(() => ledgerRows({ gpus, nodes, pods, machineGpus, hosts }), [gpus, nodes, pods, machineGpus, hosts]);
  const rows = useMemo(() => gpuRows({ machineGpus, pods, hosts }, ledger), [machineGpus, pods, hosts, ledger]);
  const onLedger = panel === 1;
  const top = ledgerHeight(ledger.length, height, onLedger);
  return (
    <Box flexDirection="column" width={width} height={height}>
      <List
        id="gpu-ledger"
        title="Ledger"
        slice={gpus.value === null && ledger.length > 0 ? machineGpus : gpus}
        rows={ledger}
        columns={ledgerColumns}
        idOf={idOf}
        textOf={textOf}
        signOf={(row) => signs[toneOf(row)]}
        none="no node registers GPUs, and no machine that can be seen has one"
        list={list('gpu-ledger')}
        now={now}
        width={width}
        height={top}
        focused={onLedger}
        right={totals(snapshot, ledger)}
        about={about}
        open={(name) => (nodes.value?.has(name) === true ? { page: { kind: 'node', object: name } } : null)}
        object={(name) => `node/${name}`}
        nvidiaSmi={(name) => name}
        panels={2}
      />
      <DeviceList slice={machineGpus} rows={rows} list={list('gpus')} focused={!onLedger} now={now} width={width} height={height - top} />
    </Box>
  );
}

const signs = { good: line(['good', '✓']), warn: line(['warn', '!']), bad: line(['bad', '✗']) } as const;

/** All rows where there is room for them, with at most a third of the screen, or the better part of it while it has the keys. */
function ledgerHeight(rows: number, height: number, focused: boolean): number {
  const frame = 3;
  const most = Math.floor(height * (focused ? 0.65 : height < 30 ? 0.34 : 0.3));
  return Math.max(frame + 1, Math.min(rows + frame + (focused ? 4 : 0), most));
}

function totals({ gpus }: ScreenProps['snapshot'], ledger: readonly LedgerRow[]): Line {
  if (gpus.value === null) return line(['warn', whyMissing(gpus) ?? '']);
  const { allocatable, requested } = gpus.value.total;
  const whole = ledger.reduce((sum, { offered }) => sum + Math.max(offered?.expected ?? 0, offered?.total.capacity ?? 0), 0);
  const seen = ledger.filter(({ used }) => used !== null);
  const used = seen.reduce((sum, row) => sum + (row.used ?? 0), 0);
  const inUse = seen.length === 0 ? [] : line(['dim', ' · '], `${used} in use`, seen.length < ledger.length ? ['warn', '?'] : '');
  return line([allocatable >= whole ? 'good' : 'bad', `${allocatable} of ${whole} allocatable`], ['dim', ' · '], `${requested} requested`, inUse);
}

/** The selected machine's flags in full. */
function about({ flags, sight }: LedgerRow, width: number): readonly Line[] {
  const said = flags.flatMap(({ sentence, tone }) =>
    wrap(sentence, width - 2).map((text, index) => line(index === 0 ? [tone, `${{ bad: '✗', warn: '!', dim: '·' }[tone]} `] : '  ', text)),
  );
  const unseen = sight.seen
    ? []
    : [sight.why, ...(sight.fix === null ? [] : [`Fix: ${sight.fix}`])].flatMap((text) => wrap(text, width - 2).map((one) => line(['dim', '· '], one)));
  const all = [...said, ...unseen];
  return all.length === 0 ? [] : [line(['dim', '─'.repeat(width)]), ...all.slice(0, 5)];
}

function idOf({ name }: LedgerRow): string {
  return name;
}

function textOf({ name, product, flags, sight }: LedgerRow): string {
  return [name, product ?? '', ...flags.map(({ text }) => text), sight.seen ? sight.source : `not seen ${sight.why}`].join(' ');
}
