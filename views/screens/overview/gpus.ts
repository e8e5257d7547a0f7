import { whyMissing } from '../../../src/state/freshness.js';
import { expectedGpus, type NodeGpus, usableGpus } from '../../../src/state/gpus.js';
import { readiness } from '../../../src/state/nodes.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { bar } from '../../../src/text/bar.js';
import { type Line, line } from '../../../src/text/line.js';
import { fit } from '../../../src/text/width.js';
import { atMost, type PanelContent } from './panel-content.js';

/** The GPU ledger by node: product, how much of what is offered is asked for, and what is lost. Nodes that lost GPUs come first. */
export function gpusPanel(snapshot: ClusterSnapshot, width: number, room: number): PanelContent {
  const ledger = snapshot.gpus.value;
  if (ledger === null) return { frame: { title: 'GPUs' }, lines: [line(['dim', whyMissing(snapshot.gpus) ?? ''])] };
  const nodes = [...ledger.nodes.values()]
    .filter((node) => expectedGpus(node) > 0)
    .sort((a, b) => Number(isAway(b, snapshot)) - Number(isAway(a, snapshot)) || lostBy(b) - lostBy(a) || a.node.localeCompare(b.node));
  if (nodes.length === 0) return { frame: { title: 'GPUs' }, lines: [line(['dim', 'No node registers GPUs, and none is labelled as having any.'])] };
  const names = Math.min(24, Math.max(...nodes.map(({ node }) => node.length)));
  const products = Math.max(...nodes.map((node) => productOf(node).length));
  const productsFit = width - names - products >= 44;
  const users = usersByNode(snapshot);
  const pending =
    ledger.pending > 0 ? [line(['warn', '!'], ` ${ledger.pending} GPU${ledger.pending === 1 ? '' : 's'} asked for by pods that found no node`)] : [];
  const own = nodes.map((node) => gpuLine(node, isAway(node, snapshot), names, productsFit ? products : 0, width));
  const withUsers = nodes.flatMap((node, index) => [own[index] ?? [], ...usersLine(users.get(node.node), names)]);
  // Every node comes before who uses its GPUs.
  const rows = withUsers.length + pending.length <= room ? withUsers : own;
  const { usable, expected } = usableGpus(ledger, snapshot.nodes.value);
  return {
    frame: {
      title: 'GPUs',
      right: line([usable >= expected ? 'good' : 'bad', `${usable} of ${expected} usable`], ['dim', ` · ${ledger.total.requested} requested`]),
    },
    lines: [...atMost(rows, room - pending.length, '2 shows all'), ...pending],
  };
}

function gpuLine(node: NodeGpus, away: boolean, names: number, products: number, width: number): Line {
  const { allocatable, requested, free } = node.total;
  const lost = lostBy(node);
  const head = line(
    lost > 0 || away ? ['bad', '✗ '] : ['good', '✓ '],
    fit(node.node, names),
    '  ',
    ...(products > 0 ? [['dim', fit(productOf(node), products)] as const, '  '] : []),
  );
  if (away) return line(head, ['bad', 'node not Ready'], ['dim', `, last said ${allocatable} of ${expectedGpus(node)}`]);
  if (allocatable === 0) return line(head, ['bad', `0 of ${expectedGpus(node)} allocatable`], requested > 0 ? ['warn', `, ${requested} requested`] : '');
  const bars = Math.max(4, Math.min(16, width - names - products - 36));
  const count = line(bar(requested / allocatable, bars), ` ${requested} of ${allocatable} requested`, ['dim', `, ${free} free`]);
  return line(head, count, lost > 0 ? ['bad', `  ${lost} lost`] : '');
}

/** Not Ready: its numbers are from before. */
function isAway({ node }: NodeGpus, { nodes }: ClusterSnapshot): boolean {
  const own = nodes.value?.get(node);
  return own !== undefined && readiness(own) !== 'ready';
}

function productOf({ product }: NodeGpus): string {
  return product?.replace(/^NVIDIA-/, '') ?? '';
}

/** Who asks for the GPUs of each node: app (or pod) to pieces. */
function usersByNode({ pods }: ClusterSnapshot): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const users = new Map<string, Map<string, number>>();
  for (const { nodeName, deviceRequests, app, name } of pods.value?.values() ?? []) {
    if (nodeName === null || deviceRequests === null) continue;
    const own = users.get(nodeName) ?? new Map<string, number>();
    const pieces = [...deviceRequests.values()].reduce((sum, amount) => sum + amount, 0);
    users.set(nodeName, own.set(app ?? name, (own.get(app ?? name) ?? 0) + pieces));
  }
  return users;
}

function usersLine(users: ReadonlyMap<string, number> | undefined, names: number): readonly Line[] {
  if (users === undefined) return [];
  const said = [...users].sort(([, a], [, b]) => b - a).map(([user, pieces]) => `${user} ${pieces}`);
  return [line(' '.repeat(names + 4), ['dim', said.join(' · ')])];
}

function lostBy(node: NodeGpus): number {
  return Math.max(0, expectedGpus(node) - node.total.allocatable);
}
