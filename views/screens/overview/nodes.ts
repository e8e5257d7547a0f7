import { whyMissing } from '../../../src/state/freshness.js';
import { expectedGpus, type NodeGpus } from '../../../src/state/gpus.js';
import { type Node, readiness } from '../../../src/state/nodes.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { fit } from '../../../src/text/width.js';
import { type NodeColumn, type NodeRow, nodeColumns } from './node-cells.js';
import { atMost, type PanelContent } from './panel-content.js';

/** The nodes, worst first: are they Ready and since when, and what of their GPUs the scheduler can use. */
export function nodesPanel(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const nodes = snapshot.nodes.value;
  if (nodes === null) return { frame: { title: 'Nodes' }, lines: [line(['dim', whyMissing(snapshot.nodes) ?? ''])] };
  const stale = snapshot.nodes.freshness.status === 'stale';
  const rows = rowsOf(snapshot);
  const ready = rows.filter(({ node }) => readiness(node) === 'ready').length;
  const name = Math.min(28, Math.max(4, ...rows.map(({ node }) => node.name.length)));
  const columns = nodeColumns(
    width - 2 - name,
    rows.some(({ host }) => host?.facts != null),
  );
  const header = line(['dim', `  ${fit('NAME', name)}${columns.map(({ title, width: own, side }) => `  ${fit(title, own, side)}`).join('')}`]);
  const body = rows.map((row) => nodeLine(row, name, columns, now));
  const lines = [header, ...atMost(body, room - 1, '2 shows all')];
  return {
    frame: { title: 'Nodes', right: line([ready === rows.length ? 'good' : 'bad', `${ready} of ${rows.length} Ready`]) },
    lines: stale ? lines.map(dimmed) : lines,
  };
}

function nodeLine(row: NodeRow, nameWidth: number, shown: readonly NodeColumn[], now: number): Line {
  const sign = row.rank === 0 ? line(['bad', '✗']) : row.rank === 1 ? line(['bad', '✗']) : row.rank === 2 ? line(['warn', '!']) : line(['good', '✓']);
  const cells = shown.map(({ width, side, cell }): Line => {
    const [tone, text] = cell(row, now);
    return line('  ', [tone, fit(text, width, side)]);
  });
  return line(sign, ' ', fit(row.node.name, nameWidth), ...cells);
}

function rowsOf({ nodes, gpus, pods, hosts }: ClusterSnapshot): readonly NodeRow[] {
  const podCounts = new Map<string, number>();
  for (const pod of pods.value?.values() ?? []) {
    if (pod.nodeName !== null) podCounts.set(pod.nodeName, (podCounts.get(pod.nodeName) ?? 0) + 1);
  }
  const machines = new Map([...(hosts.value?.values() ?? [])].map((host) => [host.node, host]));
  const rows = [...(nodes.value?.values() ?? [])].map((node): NodeRow => {
    const own = gpus.value?.nodes.get(node.name) ?? null;
    return {
      node,
      host: machines.get(node.name) ?? null,
      gpus: own,
      pods: pods.value === null ? null : (podCounts.get(node.name) ?? 0),
      rank: rankOf(node, own),
    };
  });
  return rows.sort((a, b) => a.rank - b.rank || a.node.name.localeCompare(b.node.name));
}

function rankOf(node: Node, gpus: NodeGpus | null): number {
  if (readiness(node) !== 'ready') return 0;
  if (gpus !== null && gpus.total.allocatable < expectedGpus(gpus)) return 1;
  const pressed = node.conditions.some(({ type, status }) => type !== 'Ready' && status !== 'False');
  return node.unschedulable || pressed ? 2 : 3;
}

function dimmed(row: Line): Line {
  return row.map(({ text }) => ({ text, tone: 'dim' }));
}
