import type { NodeGpus } from '../../../src/state/gpus.js';
import { type Node, readiness } from '../../../src/state/nodes.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';

/** A node with what other slices know about it. */
export interface NodeRow {
  readonly node: Node;
  /** null where GPUs are not counted yet. */
  readonly gpus: NodeGpus | null;
  /** Living pods on it; null where pods may not be listed. */
  readonly pods: number | null;
  readonly status: NodeStatus;
}

export interface NodeStatus {
  /** Like kubectl's STATUS, with the reason: `NotReady: KubeletNotReady`, `Ready, SchedulingDisabled`. */
  readonly text: string;
  readonly tone: 'good' | 'warn' | 'bad';
  /** When the Ready condition last changed. */
  readonly since: number | null;
}

export function nodeRows(nodes: ClusterSnapshot['nodes'], gpus: ClusterSnapshot['gpus'], pods: ClusterSnapshot['pods']): readonly NodeRow[] {
  if (nodes.value === null) return [];
  const podCounts = pods.value === null ? null : countByNode(pods.value.values());
  return [...nodes.value.values()].map((node) => {
    const own = gpus.value?.nodes.get(node.name) ?? null;
    return { node, gpus: own, pods: podCounts === null ? null : (podCounts.get(node.name) ?? 0), status: nodeStatus(node, own) };
  });
}

/** What is wrong with a node, in words and in one of three tones. */
export function nodeStatus(node: Node, gpus: NodeGpus | null): NodeStatus {
  const ready = node.conditions.find(({ type }) => type === 'Ready');
  const state = readiness(node);
  const name = { ready: 'Ready', 'not-ready': 'NotReady', unknown: 'Unknown' }[state];
  const reason = state === 'ready' || ready === undefined || ready.reason === '' ? '' : `: ${ready.reason}`;
  const pressures = node.conditions.filter(({ type, status }) => type !== 'Ready' && status === 'True').map(({ type }) => type);
  const extras = [...(node.unschedulable ? ['SchedulingDisabled'] : []), ...pressures];
  const gpusMissing = gpus !== null && gpus.total.allocatable < Math.max(gpus.expected ?? 0, gpus.total.capacity);
  const tone = state !== 'ready' ? 'bad' : extras.length > 0 || gpusMissing ? 'warn' : 'good';
  return { text: [`${name}${reason}`, ...extras].join(', '), tone, since: ready?.lastTransitionAt ?? null };
}

/** `8 of 8`; `0 of 8` is red, never blank; `–` for a node without any. */
export function gpuCell(gpus: NodeGpus | null): Line {
  if (gpus === null) return line(['dim', '–']);
  const whole = Math.max(gpus.expected ?? 0, gpus.total.capacity);
  if (whole === 0 && gpus.total.requested === 0) return line(['dim', '–']);
  const { allocatable } = gpus.total;
  const tone: Tone = allocatable >= whole ? 'plain' : allocatable === 0 ? 'bad' : 'warn';
  return line([tone, `${allocatable} of ${whole}`]);
}

export const signs = { good: line(['good', '✓']), warn: line(['warn', '!']), bad: line(['bad', '✗']) } as const;

function countByNode(pods: Iterable<{ readonly nodeName: string | null }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { nodeName } of pods) if (nodeName !== null) counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
  return counts;
}
