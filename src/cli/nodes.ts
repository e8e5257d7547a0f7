import { gpuLedger } from '../kube/gpu-accounting.js';
import type { Session } from '../session.js';
import { whyMissing } from '../state/freshness.js';
import type { GpuCounts } from '../state/gpus.js';
import { type Node, readiness } from '../state/nodes.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { duration } from '../text/age.js';
import { compare } from '../text/sort.js';
import { notReached } from './not-reached.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { settle } from './settle.js';
import { type Cell, table } from './table.js';

/** What `nodes --output json` prints. */
export interface NodesJson {
  readonly schemaVersion: 1;
  readonly nodes: readonly NodeJson[];
}

export interface NodeJson {
  readonly name: string;
  readonly ready: boolean;
  /** Why it is not Ready; null when it is. */
  readonly reason: string | null;
  readonly roles: readonly string[];
  readonly kubeletVersion: string | null;
  readonly bootId: string | null;
  readonly unschedulable: boolean;
  /** Pieces over all accelerator resources; `requested` and `free` are null where pods cannot be seen. */
  readonly gpus: { readonly capacity: number; readonly allocatable: number; readonly requested: number | null; readonly free: number | null };
}

/** `nodes`: prints the nodes. Resolves to 0, or to 2 when they could not be seen. */
export async function runNodes(session: Session, { output }: { readonly output: 'text' | 'json' }, out: Output): Promise<number> {
  await settle(session, ['nodes', 'pods', 'gpus'], 20_000);
  const snapshot = session.snapshot();
  const trouble = notReached(snapshot.connection) ?? notSeen(snapshot);
  if (trouble !== null) {
    out.stderr(`gpuk8s-tui: ${trouble}\n`);
    return 2;
  }
  const nodes = [...(snapshot.nodes.value?.values() ?? [])].sort((a, b) => compare(a.name, b.name));
  if (output === 'json') out.stdout(`${JSON.stringify(nodesJson(nodes, snapshot), null, 2)}\n`);
  else out.stdout(paint(nodesTable(nodes, snapshot), out.isTty));
  return 0;
}

function notSeen({ nodes, at }: ClusterSnapshot): string | null {
  if (nodes.freshness.status === 'stale') return `cannot show the nodes: last seen ${duration(at - nodes.freshness.since)} ago, ${nodes.freshness.why}`;
  const why = whyMissing(nodes);
  return why === null ? null : `cannot show the nodes: ${why}`;
}

function nodesJson(nodes: readonly Node[], snapshot: ClusterSnapshot): NodesJson {
  return {
    schemaVersion: 1,
    nodes: nodes.map((node) => {
      const gpus = gpusOf(node, snapshot);
      return {
        name: node.name,
        ready: readiness(node) === 'ready',
        reason: reasonOf(node),
        roles: node.roles,
        kubeletVersion: node.info.kubeletVersion,
        bootId: node.info.bootId,
        unschedulable: node.unschedulable,
        gpus: { capacity: gpus.capacity, allocatable: gpus.allocatable, requested: gpus.requested, free: gpus.free },
      };
    }),
  };
}

function nodesTable(nodes: readonly Node[], snapshot: ClusterSnapshot) {
  const rows = nodes.map((node): readonly Cell[] => {
    const gpus = gpusOf(node, snapshot);
    const ready = readiness(node);
    const hasGpus = gpus.capacity > 0 || (gpus.requested ?? 0) > 0;
    const short = gpus.allocatable < gpus.capacity;
    return [
      { text: node.name, tone: 'strong' },
      ready === 'ready' ? { text: '✓ Ready', tone: 'good' } : { text: ready === 'unknown' ? '? Unknown' : '✗ NotReady', tone: 'bad' },
      { text: node.roles.join(',') || 'worker' },
      { text: node.info.kubeletVersion ?? '–' },
      { text: node.createdAt === null ? '–' : duration(snapshot.at - node.createdAt) },
      hasGpus ? { text: `${gpus.allocatable} of ${gpus.capacity}`, tone: short ? 'bad' : 'plain' } : { text: '–', tone: 'dim' },
      hasGpus ? { text: String(gpus.requested ?? '?') } : { text: '–', tone: 'dim' },
      hasGpus ? { text: String(gpus.free ?? '?'), tone: (gpus.free ?? 0) < 0 ? 'bad' : 'plain' } : { text: '–', tone: 'dim' },
      { text: [node.unschedulable ? 'cordoned' : '', reasonOf(node) ?? ''].filter((part) => part !== '').join('; '), tone: 'warn' },
    ];
  });
  return table(['NAME', 'STATUS', 'ROLES', 'KUBELET', 'AGE', 'GPUS', 'REQUESTED', 'FREE', ''], rows, ['AGE', 'GPUS', 'REQUESTED', 'FREE']);
}

function reasonOf(node: Node): string | null {
  if (readiness(node) === 'ready') return null;
  const condition = node.conditions.find((candidate) => candidate.type === 'Ready');
  if (condition === undefined) return 'never reported';
  return [condition.reason, condition.message].filter((part) => part !== '').join(': ') || condition.status;
}

type SeenCounts = NodeJson['gpus'];

/** The ledger's numbers; without the right to see pods only what the node says of itself. */
function gpusOf(node: Node, { gpus }: ClusterSnapshot): SeenCounts {
  if (gpus.value !== null) return gpus.value.nodes.get(node.name)?.total ?? none;
  const { capacity, allocatable } = gpuLedger([node], []).total;
  return { capacity, allocatable, requested: null, free: null };
}

const none: GpuCounts = { capacity: 0, allocatable: 0, requested: 0, free: 0 };
