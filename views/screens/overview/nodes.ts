import { whyMissing } from '../../../src/state/freshness.js';
import { expectedGpus, type NodeGpus } from '../../../src/state/gpus.js';
import { type Node, readiness } from '../../../src/state/nodes.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { age } from '../../../src/text/age.js';
import { bar } from '../../../src/text/bar.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { fit } from '../../../src/text/width.js';
import { atMost, type PanelContent } from './panel-content.js';

interface Row {
  readonly node: Node;
  readonly gpus: NodeGpus | null;
  readonly pods: number | null;
  /** 0 is worst. */
  readonly rank: number;
}

/** The nodes, worst first: are they Ready and since when, and what of their GPUs the scheduler can use. */
export function nodesPanel(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const nodes = snapshot.nodes.value;
  if (nodes === null) return { frame: { title: 'Nodes' }, lines: [line(['dim', whyMissing(snapshot.nodes) ?? ''])] };
  const stale = snapshot.nodes.freshness.status === 'stale';
  const rows = rowsOf(snapshot);
  const ready = rows.filter(({ node }) => readiness(node) === 'ready').length;
  const name = Math.min(28, Math.max(4, ...rows.map(({ node }) => node.name.length)));
  const columns = columnsFor(width - 2 - name);
  const header = line(['dim', `  ${fit('NAME', name)}${columns.map(({ title, width: own, side }) => `  ${fit(title, own, side)}`).join('')}`]);
  const body = rows.map((row) => nodeLine(row, name, columns, now));
  const lines = [header, ...atMost(body, room - 1, '2 shows all')];
  return {
    frame: { title: 'Nodes', right: line([ready === rows.length ? 'good' : 'bad', `${ready} of ${rows.length} Ready`]) },
    lines: stale ? lines.map(dimmed) : lines,
  };
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly side: 'left' | 'right';
  readonly cell: (row: Row, now: number) => readonly [Tone, string];
}

const columns: readonly (Column & { readonly need: number })[] = [
  { title: 'STATUS', width: 12, side: 'right', need: 0, cell: ({ node }) => status(node) },
  { title: 'FOR', width: 6, side: 'left', need: 30, cell: ({ node }, now) => ['plain', sinceReady(node, now)] },
  { title: 'GPUS', width: 9, side: 'right', need: 0, cell: ({ node, gpus }) => (readiness(node) === 'ready' ? offered(gpus) : ['dim', offered(gpus)[1]]) },
  {
    title: 'REQUESTED',
    width: 13,
    side: 'right',
    need: 46,
    cell: ({ node, gpus }) => (readiness(node) === 'ready' ? requested(gpus) : ['dim', requested(gpus)[1]]),
  },
  { title: 'PODS', width: 4, side: 'left', need: 52, cell: ({ pods }) => (pods === null ? ['dim', '-'] : ['plain', String(pods)]) },
  { title: 'VERSION', width: 9, side: 'right', need: 66, cell: ({ node }) => ['dim', node.info.kubeletVersion ?? 'unknown'] },
  { title: 'RUNTIME', width: 18, side: 'right', need: 86, cell: ({ node }) => ['dim', node.info.containerRuntimeVersion?.replace('://', ' ') ?? 'unknown'] },
];

function columnsFor(room: number): readonly Column[] {
  return columns.filter(({ need }) => room >= need);
}

function nodeLine(row: Row, nameWidth: number, shown: readonly Column[], now: number): Line {
  const sign = row.rank === 0 ? line(['bad', '✗']) : row.rank === 1 ? line(['bad', '✗']) : row.rank === 2 ? line(['warn', '!']) : line(['good', '✓']);
  const cells = shown.map(({ width, side, cell }): Line => {
    const [tone, text] = cell(row, now);
    return line('  ', [tone, fit(text, width, side)]);
  });
  return line(sign, ' ', fit(row.node.name, nameWidth), ...cells);
}

function rowsOf({ nodes, gpus, pods }: ClusterSnapshot): readonly Row[] {
  const podCounts = new Map<string, number>();
  for (const pod of pods.value?.values() ?? []) {
    if (pod.nodeName !== null) podCounts.set(pod.nodeName, (podCounts.get(pod.nodeName) ?? 0) + 1);
  }
  const rows = [...(nodes.value?.values() ?? [])].map((node): Row => {
    const own = gpus.value?.nodes.get(node.name) ?? null;
    return { node, gpus: own, pods: pods.value === null ? null : (podCounts.get(node.name) ?? 0), rank: rankOf(node, own) };
  });
  return rows.sort((a, b) => a.rank - b.rank || a.node.name.localeCompare(b.node.name));
}

function rankOf(node: Node, gpus: NodeGpus | null): number {
  if (readiness(node) !== 'ready') return 0;
  if (gpus !== null && gpus.total.allocatable < expectedGpus(gpus)) return 1;
  const pressed = node.conditions.some(({ type, status }) => type !== 'Ready' && status !== 'False');
  return node.unschedulable || pressed ? 2 : 3;
}

function status(node: Node): readonly [Tone, string] {
  const pressure = node.conditions.find(({ type, status: value }) => type !== 'Ready' && value === 'True');
  switch (readiness(node)) {
    case 'not-ready':
      return ['bad', 'NotReady'];
    case 'unknown':
      return ['bad', 'Unknown'];
    case 'ready':
      if (pressure !== undefined) return ['warn', pressure.type];
      return node.unschedulable ? ['warn', 'cordoned'] : ['good', 'Ready'];
  }
}

function sinceReady(node: Node, now: number): string {
  const since = node.conditions.find(({ type }) => type === 'Ready')?.lastTransitionAt ?? null;
  return since === null ? '-' : age(since, now);
}

function offered(gpus: NodeGpus | null): readonly [Tone, string] {
  if (gpus === null || expectedGpus(gpus) === 0) return ['dim', '-'];
  const expected = expectedGpus(gpus);
  const { allocatable } = gpus.total;
  return [allocatable >= expected ? 'plain' : allocatable === 0 ? 'bad' : 'warn', `${allocatable} of ${expected}`];
}

function requested(gpus: NodeGpus | null): readonly [Tone, string] {
  if (gpus === null || expectedGpus(gpus) === 0) return ['dim', '-'];
  const { requested: taken, allocatable } = gpus.total;
  if (allocatable === 0) return taken === 0 ? ['dim', 'none to use'] : ['bad', `${taken} without`];
  return ['plain', `${bar(taken / allocatable, 8)} ${taken}`];
}

function dimmed(row: Line): Line {
  return row.map(({ text }) => ({ text, tone: 'dim' }));
}
