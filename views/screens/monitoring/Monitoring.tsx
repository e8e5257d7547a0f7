import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { Target } from '../../../src/state/monitoring.js';
import { line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { List } from '../../widgets/List.js';
import { Panel } from '../../widgets/Panel.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import type { ScreenProps } from '../screen-props.js';
import { jobLines, summaryLines } from './summary.js';
import { targetColumns, targetId, targetRows, targetSigns } from './target-rows.js';

/** Whether what watches the cluster works: Prometheus, Grafana, and every scrape target with its last error. */
export function Monitoring({ snapshot, list, now, width, height }: ScreenProps): ReactElement {
  const { prometheus, grafana, targets } = snapshot;
  const rows = useMemo(() => targetRows(targets.value ?? []), [targets]);
  const inner = innerWidth(width);
  const mostJobs = height < 30 ? 2 : 5;
  const summary = [...summaryLines(prometheus, grafana, inner), ...jobLines(rows, inner).slice(0, mostJobs)];
  const up = rows.filter(({ health }) => health === 'up').length;
  const top = summary.length + 2;
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Panel title="Monitoring" lines={summary} width={width} height={top} />
      <List
        id="monitoring"
        title="Targets"
        slice={targets}
        rows={rows}
        columns={targetColumns}
        idOf={targetId}
        textOf={textOf}
        signOf={({ health }) => targetSigns[health]}
        none="Prometheus has no scrape targets: look at its scrape configuration or service monitors"
        list={list('monitoring')}
        now={now}
        width={width}
        height={height - top}
        right={rows.length === 0 ? [] : line([up === rows.length ? 'good' : 'bad', `${up} of ${rows.length} up`])}
        about={aboutTarget}
        open={(id) => ({ page: { kind: 'target', object: id } })}
      />
    </Box>
  );
}

/** The selected target's error in full: the table has room for its beginning at best. */
function aboutTarget({ lastError, scrapeUrl }: Target, width: number) {
  if (lastError === null) return [];
  return [
    line(['dim', '─'.repeat(width)]),
    line(['dim', scrapeUrl]),
    ...wrap(lastError, width)
      .slice(0, 3)
      .map((text) => line(['bad', text])),
  ];
}

function textOf({ job, instance, health, lastError, pool, labels }: Target): string {
  return [job, instance, health, lastError ?? '', pool, ...[...labels].map(([key, value]) => `${key}=${value}`)].join(' ');
}
