import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { LatencyService } from '../../../src/state/latency.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { List } from '../../widgets/List.js';
import { Panel } from '../../widgets/Panel.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import type { ScreenProps } from '../screen-props.js';
import { loadLines } from './load-lines.js';
import { serviceColumns, serviceSign } from './service-columns.js';
import { trendLines } from './trend-lines.js';

/** How fast the models answer right now: each service with its quantiles, its rate and the last half hour, against how busy the cluster is. */
export function Latency({ snapshot, list, now, width, height }: ScreenProps): ReactElement {
  const { latency, load } = snapshot;
  const rows = latency.value?.services ?? [];
  const inner = innerWidth(width);
  const columns = useMemo(() => serviceColumns(latency.value?.services ?? [], inner, width), [latency, inner, width]);
  const notes = (latency.value?.notes ?? []).flatMap((note) =>
    wrap(note, inner - 2).map((text, index) => line(index === 0 ? ['warn', '! '] : '  ', ['dim', text])),
  );
  const head = [...loadLines(load, inner, height >= 30 ? 4 : 2), ...notes.slice(0, height >= 30 ? 4 : 1)];
  const top = head.length + 2;
  // What the list leaves free shows the selected service's half hour.
  const chartRoom = Math.max(0, Math.min(height - top - 3 - Math.min(rows.length, Math.ceil((height - top) / 3)), mostChart));
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Panel title="Load" right={freshnessNote(load.freshness, now)} lines={head} width={width} height={top} />
      <List
        id="latency"
        title="Services"
        slice={latency}
        rows={rows}
        columns={columns}
        idOf={idOf}
        textOf={textOf}
        signOf={serviceSign}
        none="no service measures its latency here: none has a histogram of its requests"
        list={list('latency')}
        now={now}
        width={width}
        height={height - top}
        right={sourceNote(rows, latency.value?.sources ?? [], now)}
        about={(service, own) => trendLines(service, own, chartRoom)}
        open={(id) => ({ page: { kind: 'latency', object: id } })}
      />
    </Box>
  );
}

const mostChart = 30;

/** Where the numbers come from and how old they are. */
function sourceNote(services: readonly LatencyService[], sources: readonly string[], now: number): Line {
  const newest = services.reduce<number | null>((latest, { sampledAt }) => (sampledAt === null ? latest : Math.max(latest ?? 0, sampledAt)), null);
  if (sources.length === 0) return [];
  return line(['dim', `${sources.join(' and ')}${newest === null ? '' : `, ${ageOf(newest, now)} ago`}`]);
}

function idOf({ id }: LatencyService): string {
  return id;
}

function textOf({ id, stack, source, why }: LatencyService): string {
  return [id, stack, source, why ?? ''].join(' ');
}
