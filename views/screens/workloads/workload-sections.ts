import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import { missingLines } from '../../widgets/freshness-note.js';
import { facts, type Section, table } from '../../widgets/sections.js';
import { eventLines } from '../nodes/node-relations.js';
import { podRestarts, podStatus } from '../nodes/pod-status.js';
import { stateSigns, type WorkloadRow } from './workload-rows.js';

export interface WorkloadSections {
  readonly state: readonly Section[];
  readonly make: readonly Section[];
  /** Its pods and what happened to it and them. */
  readonly related: readonly Section[];
}

export function workloadSections(row: WorkloadRow, pods: ClusterSnapshot['pods'], events: ClusterSnapshot['events'], now: number): WorkloadSections {
  return { state: [state(row, now), conditions(row)], make: [make(row)], related: [podSection(row, pods, now), eventSection(row, events, now)] };
}

function state({ workload, state: own, gpus, restarts }: WorkloadRow, now: number): Section {
  const { desired, ready, updated, available, createdAt, deviceRequests } = workload;
  const perPod = [...(deviceRequests ?? [])].map(([resource, amount]) => `${count(amount)} ${resource}`).join(', ');
  return {
    title: 'State',
    lines: (width) =>
      facts(
        [
          ['state', line(stateSigns[own.tone], ' ', [own.tone === 'good' ? 'plain' : own.tone, own.text])],
          ['replicas', `${count(ready)} of ${count(desired)} ready, ${count(updated)} new, ${count(available)} available`],
          ['GPUs', gpus === 0 ? line(['dim', 'none']) : `${perPod} per pod, ${count(gpus)} in all`],
          ['restarts', restarts === null ? line(['dim', 'pods cannot be seen']) : count(restarts)],
          ['created', `${ageOf(createdAt, now)} ago`],
        ],
        width,
      ),
  };
}

function conditions({ workload }: WorkloadRow): Section {
  return {
    title: 'Conditions',
    lines: (width) =>
      workload.conditions.length === 0
        ? [line(['dim', 'none'])]
        : workload.conditions.flatMap(({ type, status, reason, message }) => {
            const good = type === 'ReplicaFailure' ? status !== 'True' : status === 'True';
            return [
              line([good ? 'good' : 'bad', good ? '✓ ' : '✗ '], type, good ? '' : ['bad', ` ${status}`], ['dim', `  ${reason}`]),
              ...(good ? [] : wrap(message, width - 4).map((text) => line('    ', text))),
            ];
          }),
  };
}

function make({ workload: { images, runtimeClassName, nodeSelector, app } }: WorkloadRow): Section {
  return {
    title: 'Made of',
    lines: (width) =>
      facts(
        [
          ...images.map((image, index) => [index === 0 ? 'image' : '', image] as const),
          ['runtime class', runtimeClassName ?? line(['dim', 'the default'])],
          ['node selector', nodeSelector.size === 0 ? line(['dim', 'none']) : [...nodeSelector].map(([key, value]) => `${key}=${value}`).join(', ')],
          ['app', app ?? line(['dim', 'no label says'])],
        ],
        width,
      ),
  };
}

function podSection({ pods: own }: WorkloadRow, pods: ClusterSnapshot['pods'], now: number): Section {
  if (pods.value === null) return { title: 'Pods', lines: (width) => missingLines(pods, 'pods', width) };
  const order = { bad: 0, warn: 1, good: 2, dim: 3 };
  const sorted = [...own].sort((a, b) => order[podStatus(a).tone] - order[podStatus(b).tone] || (a.createdAt ?? 0) - (b.createdAt ?? 0));
  const why = sorted.find(({ unschedulable }) => unschedulable !== null)?.unschedulable?.message ?? null;
  return {
    title: 'Pods',
    right: line(['dim', count(own.length)]),
    lines: (width) =>
      own.length === 0
        ? [line(['dim', 'no living pods'])]
        : [
            ...table(
              ['', 'NAME', 'READY', 'STATUS', 'NODE', 'RESTARTS', 'AGE'],
              sorted.map((pod): readonly Line[] => {
                const status = podStatus(pod);
                const containers = pod.containers.filter(({ init }) => !init);
                return [
                  line([status.tone, { good: '✓', warn: '!', bad: '✗', dim: '·' }[status.tone]]),
                  // What tells it from its sisters stands at the end.
                  line(width < 100 && pod.name.length > 24 ? `…${pod.name.slice(-23)}` : pod.name),
                  line(`${containers.filter(({ ready }) => ready).length}/${containers.length}`),
                  line([status.tone === 'good' || status.tone === 'dim' ? 'plain' : status.tone, status.text]),
                  pod.nodeName === null ? line(['dim', 'none']) : line(pod.nodeName),
                  line(count(podRestarts(pod))),
                  line(ageOf(pod.createdAt, now)),
                ];
              }),
              width,
              new Set(['READY', 'RESTARTS', 'AGE']),
            ),
            ...(why === null ? [] : wrap(why, width - 2).map((text) => line('  ', ['bad', text]))),
          ],
  };
}

const mostEvents = 30;

function eventSection({ workload, pods }: WorkloadRow, events: ClusterSnapshot['events'], now: number): Section {
  if (events.value === null) return { title: 'Events', lines: (width) => missingLines(events, 'events', width) };
  const names = new Set(pods.map(({ name }) => name));
  // A ReplicaSet is called after its deployment and a hash.
  const isOwn = (kind: string, name: string) =>
    (kind === workload.kind && name === workload.name) ||
    (kind === 'Pod' && names.has(name)) ||
    (kind === 'ReplicaSet' && name.replace(/-[a-z0-9]+$/, '') === workload.name) ||
    (kind === 'HorizontalPodAutoscaler' && name === workload.name);
  const own = [...events.value.values()]
    .filter(({ object }) => object.namespace === workload.namespace && isOwn(object.kind, object.name))
    .sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  return {
    title: 'Events',
    right: line(['dim', count(own.length)]),
    lines: (width) =>
      own.length === 0
        ? [line(['dim', 'none in the last hour or so: the API server forgets them'])]
        : own.slice(0, mostEvents).flatMap((event) => eventLines(event, now, width)),
  };
}
