import { expectedGpus, type NodeGpus } from '../../../src/state/gpus.js';
import type { Fact, HostFacts, HostState } from '../../../src/state/hosts.js';
import { type Node, readiness } from '../../../src/state/nodes.js';
import { age } from '../../../src/text/age.js';
import { bar } from '../../../src/text/bar.js';
import type { Tone } from '../../../src/text/line.js';

/** A node and what else is known of it. */
export interface NodeRow {
  readonly node: Node;
  readonly gpus: NodeGpus | null;
  readonly pods: number | null;
  /** What the machine itself says; null where it was not looked at or does not answer. */
  readonly host: HostState | null;
  /** 0 is worst. */
  readonly rank: number;
}

export interface NodeColumn {
  readonly title: string;
  readonly width: number;
  readonly side: 'left' | 'right';
  readonly cell: (row: NodeRow, now: number) => readonly [Tone, string];
}

/** The columns that fit into `room` (two blanks before each), most wanted first; load, memory and disk only where machines tell them. */
export function nodeColumns(room: number, machinesTell: boolean): readonly NodeColumn[] {
  const wanted = machinesTell ? ['STATUS', 'GPUS', 'UP', 'DISK', 'MEM', 'LOAD', ...furtherOn] : ['STATUS', 'GPUS', 'FOR', ...furtherOn];
  const chosen = new Set<string>();
  let left = room;
  for (const title of wanted) {
    const column = columns.find((one) => one.title === title);
    if (column === undefined || column.width + 2 > left) continue;
    chosen.add(title);
    left -= column.width + 2;
  }
  return columns.filter(({ title }) => chosen.has(title));
}

const furtherOn = ['REQUESTED', 'PODS', 'VERSION', 'RUNTIME'];

// In the order in which they stand.
const columns: readonly NodeColumn[] = [
  { title: 'STATUS', width: 10, side: 'right', cell: ({ node }) => status(node) },
  { title: 'FOR', width: 6, side: 'left', cell: ({ node }, now) => ['plain', sinceReady(node, now)] },
  {
    title: 'UP',
    width: 6,
    side: 'left',
    cell: ({ host }, now) =>
      told(
        host,
        (facts) => facts.bootedAt,
        (bootedAt) => ['plain', age(bootedAt, now)],
      ),
  },
  {
    title: 'LOAD',
    width: 4,
    side: 'left',
    cell: ({ host }) =>
      told(
        host,
        (facts) => facts.load,
        ({ five, cpus }) => level(five / cpus, 0.9, 1.5),
      ),
  },
  {
    title: 'MEM',
    width: 4,
    side: 'left',
    cell: ({ host }) =>
      told(
        host,
        (facts) => facts.memory,
        ({ totalBytes, availableBytes }) => level(1 - availableBytes / totalBytes, 0.85, 0.95),
      ),
  },
  {
    title: 'DISK',
    width: 4,
    side: 'left',
    cell: ({ host }) =>
      told(
        host,
        (facts) => facts.filesystems,
        (all) => level(Math.max(0, ...all.map(({ sizeBytes, availableBytes }) => 1 - availableBytes / sizeBytes)), 0.75, 0.85),
      ),
  },
  { title: 'GPUS', width: 9, side: 'right', cell: ({ node, gpus }) => (readiness(node) === 'ready' ? offered(gpus) : ['dim', offered(gpus)[1]]) },
  { title: 'REQUESTED', width: 13, side: 'right', cell: ({ node, gpus }) => (readiness(node) === 'ready' ? requested(gpus) : ['dim', requested(gpus)[1]]) },
  { title: 'PODS', width: 4, side: 'left', cell: ({ pods }) => (pods === null ? ['dim', '-'] : ['plain', String(pods)]) },
  { title: 'VERSION', width: 9, side: 'right', cell: ({ node }) => ['dim', node.info.kubeletVersion ?? 'unknown'] },
  { title: 'RUNTIME', width: 18, side: 'right', cell: ({ node }) => ['dim', node.info.containerRuntimeVersion?.replace('://', ' ') ?? 'unknown'] },
];

/** A fact of the machine, dimmed while it was only true before contact was lost; `-` where there is none. */
function told<T>(host: HostState | null, fact: (facts: HostFacts) => Fact<T>, cell: (value: T) => readonly [Tone, string]): readonly [Tone, string] {
  if (host === null || host.facts === null) return ['dim', '-'];
  const own = fact(host.facts);
  if (!own.known) return ['dim', '-'];
  const [tone, text] = cell(own.value);
  return [host.contact.status === 'connected' ? tone : 'dim', text];
}

/** A share as a percentage, in the tone of its two thresholds. */
function level(share: number, warnFrom: number, badFrom: number): readonly [Tone, string] {
  if (!Number.isFinite(share)) return ['dim', '-'];
  return [share >= badFrom ? 'bad' : share >= warnFrom ? 'warn' : 'plain', `${Math.round(share * 100)}%`];
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
