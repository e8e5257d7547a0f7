import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { GpuLedger } from '../../../src/state/gpus.js';
import type { Node, NodeCondition } from '../../../src/state/nodes.js';
import { amountOf, bytes, count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import { facts, type Section, table } from '../../widgets/sections.js';
import { gpuCell, nodeStatus, signs } from './node-rows.js';

export interface NodeSections {
  /** How it is. */
  readonly state: readonly Section[];
  /** What it is made of. */
  readonly make: readonly Section[];
  /** What others wrote on it: often long, so it comes last. */
  readonly notes: readonly [Section, Section];
}

/** What the node says about itself. */
export function nodeSections(node: Node, gpus: Slice<GpuLedger>, now: number): NodeSections {
  return {
    state: [state(node, gpus, now), conditions(node, now), taints(node), resources(node, gpus)],
    make: [versions(node), addresses(node), images(node)],
    notes: [labels('Labels', node.labels), labels('Annotations', node.annotations)],
  };
}

function state(node: Node, gpus: Slice<GpuLedger>, now: number): Section {
  const own = gpus.value?.nodes.get(node.name) ?? null;
  const status = nodeStatus(node, own);
  const why = whyMissing(gpus);
  return {
    title: 'State',
    lines: (width) =>
      facts(
        [
          ['status', line(signs[status.tone], ' ', [status.tone === 'good' ? 'plain' : status.tone, status.text])],
          ['since', `${ageOf(status.since, now)} ago`],
          ['roles', node.roles.length === 0 ? 'worker' : node.roles.join(', ')],
          ['GPUs', why === null ? line(gpuCell(own), own?.product === null || own === null ? '' : `  ${own.product}`) : line(['dim', why])],
          ['created', `${ageOf(node.createdAt, now)} ago`],
        ],
        width,
      ),
  };
}

function conditions(node: Node, now: number): Section {
  return {
    title: 'Conditions',
    lines: (width) => {
      if (node.conditions.length === 0) return [line(['warn', '! '], 'none: the kubelet has not reported yet')];
      return [...node.conditions].sort(byWeight).flatMap((condition) => {
        const good = isGood(condition);
        const sign = good ? signs.good : condition.type === 'Ready' || condition.status === 'True' ? signs.bad : signs.warn;
        const head = line(sign, ' ', condition.type, good ? '' : ['bad', ` ${condition.status}`], [
          'dim',
          `  ${ageOf(condition.lastTransitionAt, now)}  ${condition.reason}`,
        ]);
        // The message of a condition that holds says only that it holds.
        return good ? [head] : [head, ...wrap(condition.message, width - 4).map((text) => line('    ', text))];
      });
    },
  };
}

function taints(node: Node): Section {
  return {
    title: 'Taints',
    lines: () =>
      node.taints.length === 0
        ? [line(['dim', 'none'])]
        : node.taints.map(({ key, value, effect }) => line(['warn', effect], '  ', key, value === '' ? '' : `=${value}`)),
  };
}

function resources(node: Node, gpus: Slice<GpuLedger>): Section {
  const requested = new Map((gpus.value?.nodes.get(node.name)?.resources ?? []).map((row) => [row.resource, row]));
  const names = [...new Set([...node.capacity.keys(), ...node.allocatable.keys(), ...requested.keys()])].sort();
  // Zero pages of a size nobody set up are no news.
  const shown = names.filter((name) => !(name.startsWith('hugepages-') && (node.capacity.get(name) ?? 0) === 0));
  const rows = shown.map((name): readonly Line[] => {
    const capacity = node.capacity.get(name);
    const allocatable = node.allocatable.get(name);
    const own = requested.get(name);
    const lost = own !== undefined && (allocatable ?? 0) < (capacity ?? 0);
    return [
      line(name),
      amount(name, capacity),
      lost ? line([allocatable === 0 ? 'bad' : 'warn', amountOf(name, allocatable ?? 0)]) : amount(name, allocatable),
      amount(name, own?.requested),
      amount(name, own?.free),
    ];
  });
  return {
    title: 'Resources',
    lines: (width) =>
      rows.length === 0
        ? [line(['dim', 'the kubelet has not reported any'])]
        : table(['', 'CAPACITY', 'ALLOC', 'REQ', 'FREE'], rows, width, new Set(['CAPACITY', 'ALLOC', 'REQ', 'FREE'])),
  };
}

function versions({ info, runtimeHandlers, podCidrs }: Node): Section {
  const pairs: readonly (readonly [string, string | null])[] = [
    ['kubelet', info.kubeletVersion],
    ['runtime', info.containerRuntimeVersion],
    ['handlers', runtimeHandlers === null ? null : runtimeHandlers.map((name) => (name === '' ? 'default' : name)).join(', ')],
    ['kernel', info.kernelVersion],
    ['system', info.osImage === null ? null : `${info.osImage}${info.architecture === null ? '' : ` ${info.architecture}`}`],
    ['boot id', info.bootId],
    ['pod network', podCidrs.length === 0 ? null : podCidrs.join(', ')],
  ];
  return {
    title: 'Versions',
    lines: (width) =>
      facts(
        pairs.map(([name, value]) => [name, value ?? line(['dim', 'not reported'])]),
        width,
      ),
  };
}

function addresses(node: Node): Section {
  return {
    title: 'Addresses',
    lines: (width) =>
      node.addresses.length === 0
        ? [line(['dim', 'none reported'])]
        : facts(
            node.addresses.map(({ type, address }) => [type, address]),
            width,
          ),
  };
}

function labels(title: string, pairs: ReadonlyMap<string, string>): Section {
  return {
    title,
    right: line(['dim', count(pairs.size)]),
    lines: (width) => {
      if (pairs.size === 0) return [line(['dim', 'none'])];
      return [...pairs]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([key, value]) => {
          const [first = '', ...rest] = wrap(value === '' ? key : `${key}=${value}`, width - 2).slice(0, mostLabelLines);
          return [line(first), ...rest.map((text) => line('  ', text))];
        });
    },
  };
}

// An annotation can hold a whole document; the YAML page has it in full.
const mostLabelLines = 3;

function images(node: Node): Section {
  const total = node.images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const largest = [...node.images].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, 8);
  return {
    title: 'Images',
    right: line(['dim', node.images.length === 0 ? '0' : `${count(node.images.length)}, ${bytes(total)}`]),
    lines: (width) =>
      largest.length === 0
        ? [line(['dim', 'none reported'])]
        : table(
            ['SIZE', node.images.length > largest.length ? `LARGEST ${largest.length}` : 'IMAGE'],
            largest.map(({ name, sizeBytes }) => [line(bytes(sizeBytes)), line(name)]),
            width,
            new Set(['SIZE']),
          ),
  };
}

/** Ready first, then what is wrong. */
function byWeight(a: NodeCondition, b: NodeCondition): number {
  const weight = (condition: NodeCondition) => (condition.type === 'Ready' ? 0 : isGood(condition) ? 2 : 1);
  return weight(a) - weight(b);
}

function isGood({ type, status }: NodeCondition): boolean {
  return type === 'Ready' ? status === 'True' : status === 'False';
}

function amount(name: string, value: number | undefined): Line {
  return value === undefined ? line(['dim', '–']) : line(value < 0 ? ['bad', amountOf(name, value)] : amountOf(name, value));
}
