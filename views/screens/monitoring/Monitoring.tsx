import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { Target } from '../../../src/state/monitoring.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { List } from '../../widgets/List.js';
import { Panel } from '../../widgets/Panel.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import type { ScreenProps } from '../screen-props.js';
import { aboutAlert, alertColumns, alertRows, alertSign, alertText, alertTotals } from './alert-rows.js';
import { missingExporters } from './missing-exporters.js';
import { panelHeights } from './panel-heights.js';
import { aboutProbe, probeColumns, probeSigns, probeTotals } from './probe-rows.js';
import { summaryOf } from './summary.js';
import { targetColumns, targetId, targetRows, targetSigns } from './target-rows.js';

/** Whether what watches the cluster works: Prometheus and its companions, every scrape target with its last error, alerts, and how things answer from here. */
export function Monitoring({ snapshot, list, panel, now, width, height }: ScreenProps): ReactElement {
  const { targets, alerts, probes } = snapshot;
  const targetList = useMemo(() => targetRows(targets.value ?? []), [targets]);
  const alertList = useMemo(() => (alerts.value === null ? [] : alertRows(alerts.value)), [alerts]);
  const probeList = probes.value ?? [];
  const isTall = height >= 30;
  const { nodes, pods, gpus, daemonSets } = snapshot;
  // With thousands of targets not anew each second.
  const missing = useMemo(() => missingExporters({ targets, nodes, pods, gpus, daemonSets }), [targets, nodes, pods, gpus, daemonSets]);
  const { lines, fixes } = useMemo(() => summaryOf(snapshot, missing, now, innerWidth(width), isTall ? 9 : 5), [snapshot, missing, now, width, isTall]);
  const top = lines.length + 2;
  const wanted = [targetList.length, alertList.length, probeList.length];
  const [onTargets = 0, onAlerts = 0, onProbes = 0] = panelHeights(wanted, panel, height - top, isTall);
  const columns = useMemo(() => probeColumns(width >= 150 ? 60 : width >= 100 ? 36 : 16), [width]);

  const up = targetList.filter(({ health }) => health === 'up').length;
  const totals: readonly Line[] = [
    targetList.length === 0 ? [] : line([up === targetList.length ? 'good' : 'bad', `${up} of ${targetList.length} up`]),
    alerts.value === null ? [] : alertTotals(alerts.value, isTall),
    probeList.length === 0 ? [] : probeTotals(probeList),
  ];
  // Where there is room for one list only, its title says what the others would.
  const right = (own: number): Line => (isTall ? (totals[own] ?? []) : line(totals[own] ?? [], elsewhere(snapshot, own)));
  const common = { now, width, fixes, otherFix: fixes[0] ?? null, panels: 3 };

  return (
    <Box flexDirection="column" width={width} height={height}>
      <Panel title="Monitoring" lines={lines} width={width} height={top} />
      {onTargets === 0 ? null : (
        <List
          {...common}
          id="monitoring"
          title="Targets"
          slice={targets}
          rows={targetList}
          columns={targetColumns}
          idOf={targetId}
          textOf={targetText}
          signOf={({ health }) => targetSigns[health]}
          none="Prometheus has no scrape targets: look at its scrape configuration or service monitors"
          list={list('monitoring')}
          height={onTargets}
          focused={panel === 0}
          right={right(0)}
          about={aboutTarget}
          open={(id) => ({ page: { kind: 'target', object: id } })}
        />
      )}
      {onAlerts === 0 ? null : (
        <List
          {...common}
          id="alerts"
          title="Alerts"
          slice={alerts}
          rows={alertList}
          columns={alertColumns}
          idOf={({ id }) => id}
          textOf={alertText}
          signOf={alertSign}
          none={alerts.value?.rules === 0 ? 'Prometheus has no alert rules' : 'no alert is firing or pending'}
          list={list('alerts')}
          height={onAlerts}
          focused={panel === 1}
          right={right(1)}
          about={aboutAlert}
          open={(id) => ({ page: { kind: 'alert', object: id } })}
        />
      )}
      {onProbes === 0 ? null : (
        <List
          {...common}
          id="probes"
          title="Probes"
          slice={probes}
          rows={probeList}
          columns={columns}
          idOf={({ name }) => name}
          textOf={({ name, url, status, why }) => [name, url, status, why ?? ''].join(' ')}
          signOf={({ status }) => probeSigns[status]}
          none="nothing is asked from here"
          list={list('probes')}
          height={onProbes}
          focused={panel === 2}
          right={right(2)}
          about={aboutProbe}
          open={(name) => ({ page: { kind: 'probe', object: name } })}
        />
      )}
    </Box>
  );
}

/** What is wrong in the lists that are not on screen, in a few words: `  tab: alerts 1, probes ✓`. */
function elsewhere({ targets, alerts, probes }: ScreenProps['snapshot'], own: number): Line {
  const down = targets.value?.filter(({ health }) => health !== 'up').length ?? null;
  const active = alerts.value === null ? null : alertRows(alerts.value).filter((row) => row.kind === 'rule' || alertSign(row)[0]?.tone !== 'dim').length;
  const failing = probes.value?.filter(({ status }) => status === 'failing').length ?? null;
  const parts = [
    ['targets', down],
    ['alerts', active],
    ['probes', failing],
  ] as const;
  return parts.flatMap(([name, trouble], index) => {
    if (index === own) return [];
    const said = trouble === null ? line(['dim', '?']) : trouble === 0 ? line(['good', '✓']) : line(['bad', `✗${trouble}`]);
    return line(['dim', `  ${name} `], said);
  });
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

function targetText({ job, instance, health, lastError, pool, labels }: Target): string {
  return [job, instance, health, lastError ?? '', pool, ...[...labels].map(([key, value]) => `${key}=${value}`)].join(' ');
}
