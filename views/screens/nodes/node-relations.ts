import type { ClusterEvent } from '../../../src/state/events.js';
import { whyMissing } from '../../../src/state/freshness.js';
import type { Node } from '../../../src/state/nodes.js';
import type { Pod } from '../../../src/state/pods.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { compare } from '../../../src/text/sort.js';
import { wrap } from '../../../src/text/width.js';
import { missingLines } from '../../widgets/freshness-note.js';
import { type Section, table } from '../../widgets/sections.js';
import { podGpus, podRestarts, podStatus } from './pod-status.js';

/** What goes on around the node: the pods on it, those in trouble first, and events about it, newest first. */
export function podAndEventSections(node: Node, pods: ClusterSnapshot['pods'], events: ClusterSnapshot['events'], now: number): readonly Section[] {
  return [podSection(node, pods, now), eventSection(node, events, now)];
}

function podSection(node: Node, pods: ClusterSnapshot['pods'], now: number): Section {
  if (pods.value === null) return { title: 'Pods', lines: (width) => missingLines(pods, 'pods', width) };
  const own = [...pods.value.values()].filter(({ nodeName }) => nodeName === node.name).sort(byTrouble);
  return {
    title: 'Pods',
    right: line(['dim', count(own.length)]),
    lines: (width) =>
      own.length === 0
        ? [line(['dim', 'no living pods on this node'])]
        : table(
            ['', 'NAMESPACE', 'NAME', 'READY', 'STATUS', 'RESTARTS', 'GPUS', 'AGE'],
            own.map((pod) => podRow(pod, now, width)),
            width,
            new Set(['READY', 'RESTARTS', 'GPUS', 'AGE']),
          ),
  };
}

function podRow(pod: Pod, now: number, width: number): readonly Line[] {
  const status = podStatus(pod);
  const running = pod.containers.filter(({ init }) => !init);
  const name = width < 100 && pod.name.length > 30 ? `${pod.name.slice(0, 29)}…` : pod.name;
  const restarts = podRestarts(pod);
  const gpus = podGpus(pod);
  return [
    line([status.tone, { good: '✓', warn: '!', bad: '✗', dim: '·' }[status.tone]]),
    line(['dim', pod.namespace]),
    line(name),
    line(`${running.filter(({ ready }) => ready).length}/${running.length}`),
    line([status.tone === 'good' || status.tone === 'dim' ? 'plain' : status.tone, status.text]),
    line(restarts === 0 ? ['dim', '0'] : restarts > 5 ? ['warn', count(restarts)] : count(restarts)),
    line(gpus === 0 ? ['dim', '–'] : String(gpus)),
    line(ageOf(pod.createdAt, now)),
  ];
}

function byTrouble(a: Pod, b: Pod): number {
  const order = { bad: 0, warn: 1, good: 2, dim: 3 };
  return order[podStatus(a).tone] - order[podStatus(b).tone] || compare(a.namespace, b.namespace) || compare(a.name, b.name);
}

function eventSection(node: Node, events: ClusterSnapshot['events'], now: number): Section {
  if (events.value === null) return { title: 'Events', lines: (width) => missingLines(events, 'events', width) };
  const own = [...events.value.values()]
    .filter(({ object }) => object.kind === 'Node' && object.name === node.name)
    .sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  return {
    title: 'Events',
    right: line(['dim', count(own.length)]),
    lines: (width) =>
      own.length === 0
        ? [line(['dim', whyMissing(events) ?? 'none in the last hour or so: the API server forgets them'])]
        : own.slice(0, mostEvents).flatMap((event) => eventLines(event, now, width)),
  };
}

const mostEvents = 50;

export function eventLines(event: ClusterEvent, now: number, width: number): readonly Line[] {
  const head = line(
    event.type === 'Warning' ? ['warn', '!'] : ['dim', '·'],
    ['dim', ` ${ageOf(event.lastAt, now).padStart(6)}  `],
    [event.type === 'Warning' ? 'warn' : 'plain', event.reason],
    event.count > 1 ? ['dim', ` ×${count(event.count)}`] : '',
  );
  return [
    head,
    ...wrap(event.message, width - 10)
      .slice(0, 3)
      .map((text) => line(' '.repeat(10), text)),
  ];
}
