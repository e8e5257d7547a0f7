import { whyMissing } from '../../../src/state/freshness.js';
import type { Pod } from '../../../src/state/pods.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import type { Workload } from '../../../src/state/workloads.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { fit } from '../../../src/text/width.js';
import { atMost, type PanelContent } from './panel-content.js';

/** What should run and does not, with the reason its pods give; and the ended pods that lie about. */
export function workloadsPanel(snapshot: ClusterSnapshot, width: number, room: number): PanelContent {
  const slices = [snapshot.deployments, snapshot.daemonSets, snapshot.statefulSets];
  const workloads = slices.flatMap(({ value }) => [...(value?.values() ?? [])]);
  const missing = slices.find(({ value }) => value === null);
  const unready = workloads.filter(({ ready, desired }) => ready < desired).sort((a, b) => b.desired - b.ready - (a.desired - a.ready));
  const pods = unready.length === 0 ? [] : [...(snapshot.pods.value?.values() ?? [])];
  const names = Math.min(36, Math.floor(width / 2), Math.max(0, ...workloads.map(({ name }) => name.length)));
  const rows = [
    ...(missing === undefined ? [] : [line(['dim', whyMissing(missing) ?? ''])]),
    ...unready.map((workload) => unreadyLine(workload, pods, names)),
    ...deadLines(snapshot),
    ...workloads.filter(({ ready: own, desired }) => own >= desired && desired > 0).map((workload) => readyLine(workload, names)),
  ];
  const ready = workloads.length - unready.length;
  return {
    frame: {
      title: 'Workloads',
      right: workloads.length === 0 ? [] : line([unready.length === 0 ? 'good' : 'warn', `${count(ready)} of ${count(workloads.length)} ready`]),
    },
    lines: atMost(rows, room, ''),
  };
}

function unreadyLine(workload: Workload, pods: readonly Pod[], names: number): Line {
  const { ready, desired, name } = workload;
  const reason = reasonOf(pods.filter((pod) => belongsTo(pod, workload)));
  return line(
    ready === 0 ? ['bad', '✗ '] : ['warn', '! '],
    `${fit(name, names)} `,
    [ready === 0 ? 'bad' : 'warn', `${ready}/${desired}`],
    ['dim', ` ${reason}`],
  );
}

function readyLine({ name, ready, desired, kind, namespace }: Workload, names: number): Line {
  return line(['good', '✓ '], `${fit(name, names)} ${ready}/${desired}`, ['dim', `  ${kind} ${namespace}`]);
}

/** A Deployment's pods are owned by its ReplicaSets, whose names are its own and a hash. */
function belongsTo({ owner, namespace }: Pod, { kind, name, namespace: own }: Workload): boolean {
  if (owner === null || namespace !== own) return false;
  if (kind !== 'Deployment') return owner.kind === kind && owner.name === name;
  return owner.kind === 'ReplicaSet' && owner.name.slice(0, owner.name.lastIndexOf('-')) === name;
}

function reasonOf(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'no pods yet';
  for (const pod of pods) {
    if (pod.unschedulable !== null) return `Pending: ${pod.unschedulable.message}`;
    const stuck = pod.containers.find(({ ready, state, reason }) => !ready && (state === 'waiting' || state === 'terminated') && reason !== null);
    if (stuck !== undefined) return `${stuck.reason}${stuck.message === null ? '' : `: ${stuck.message}`}`;
  }
  const waiting = pods.find(({ ready }) => ready?.status !== 'True');
  return waiting === undefined ? 'being counted' : `${waiting.phase}, not Ready yet`;
}

function deadLines({ deadPods }: ClusterSnapshot): readonly Line[] {
  const byReason = [...(deadPods.value?.failedByReason ?? [])].filter(([, pods]) => pods > 0);
  if (byReason.length === 0) return [];
  const said = byReason.map(([reason, pods]) => `${count(pods)} ${reason}`).join(', ');
  return [line(['warn', '! '], `ended pods lie about: ${said}`)];
}
