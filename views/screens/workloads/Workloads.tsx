import { type ReactElement, useMemo } from 'react';
import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { ScaleTarget } from '../../../src/state/scaling.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { List } from '../../widgets/List.js';
import type { ScreenProps } from '../screen-props.js';
import { workloadColumns } from './workload-columns.js';
import { stateSigns, tellingLog, type WorkloadRow, workloadRows } from './workload-rows.js';

/** Deployments, StatefulSets and DaemonSets with their replicas, GPU demand and rollout; those in trouble first. */
export function Workloads({ snapshot, list, now, width, height }: ScreenProps): ReactElement {
  const { deployments, statefulSets, daemonSets, pods } = snapshot;
  const rows = useMemo(() => workloadRows({ deployments, statefulSets, daemonSets, pods }), [deployments, statefulSets, daemonSets, pods]);
  const rowOf = (id: string) => rows.find((row) => row.id === id);
  const troubled = rows.filter(({ state }) => state.tone === 'bad' || state.tone === 'warn').length;
  const gpus = rows.reduce((sum, row) => sum + row.gpus, 0);
  const hidden = [deployments, statefulSets, daemonSets].filter((slice) => slice.value === null).flatMap((slice) => whyMissing(slice) ?? []);
  return (
    <List
      id="workloads"
      title="Workloads"
      slice={leading(snapshot)}
      rows={rows}
      columns={workloadColumns}
      idOf={({ id }) => id}
      textOf={textOf}
      signOf={({ state }) => [stateSigns[state.tone]]}
      none="this cluster has no deployments, statefulsets or daemonsets"
      list={list('workloads')}
      now={now}
      width={width}
      height={height}
      right={line(
        hidden.length === 0 || rows.length === 0 ? '' : ['warn', `${hidden[0]}  `],
        gpus === 0 ? '' : ['dim', `${gpus} GPUs wanted  `],
        rows.length === 0 ? '' : troubled === 0 ? ['good', 'all ready'] : ['warn', `${troubled} in trouble`],
      )}
      about={aboutRow}
      open={(id) => ({ page: { kind: 'workload', object: id } })}
      object={(id) => yamlOf(id)}
      scale={(id) => scalable(rowOf(id))}
      log={(id) => tellingLog(rowOf(id)?.pods ?? [])}
    />
  );
}

/** What `y` shows of it. */
export function yamlOf(id: string): string {
  const [kind = '', ...rest] = id.split('/');
  return [kind.toLowerCase(), ...rest].join('/');
}

/** How it is scaled; null for a DaemonSet, which has no replicas. */
export function scalable(row: Pick<WorkloadRow, 'workload'> | undefined): ScaleTarget | null {
  if (row === undefined || row.workload.kind === 'DaemonSet') return null;
  const { kind, namespace, name } = row.workload;
  return { kind, namespace, name };
}

/** The slice whose freshness the list has: the first that is seen, else the first. */
function leading({ deployments, statefulSets, daemonSets }: ClusterSnapshot): Slice<object> {
  return [deployments, statefulSets, daemonSets].find(({ value }) => value !== null) ?? deployments;
}

function textOf({ workload: { kind, namespace, name, images, app }, state }: WorkloadRow): string {
  return [kind, namespace, name, app ?? '', state.text, ...images].join(' ');
}

/** Why it is not as it should be, in the words of who keeps it so. */
function aboutRow({ workload, pods, state }: WorkloadRow, width: number): readonly Line[] {
  if (state.tone === 'good' || state.tone === 'dim') return [];
  const pending = pods.find(({ unschedulable }) => unschedulable !== null)?.unschedulable?.message ?? null;
  const waiting = pods.flatMap(({ containers }) => containers).find(({ state: own, message }) => own === 'waiting' && message !== null)?.message ?? null;
  const refused = workload.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')?.message ?? null;
  const why = [refused, pending, waiting].filter((one) => one !== null);
  if (why.length === 0) return [];
  return [
    line(['dim', '─'.repeat(width)]),
    ...why
      .flatMap((text) => wrap(text, width).slice(0, 2))
      .slice(0, 4)
      .map((text) => line([state.tone, text])),
  ];
}
