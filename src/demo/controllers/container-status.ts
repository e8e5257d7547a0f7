import { createHash } from 'node:crypto';
import type { KubeObject } from '../api/object-store.js';
import { at, type Fields, isFields, listAt, numberAt, textAt } from '../fields.js';
import type { Hardware } from '../seed/hardware.js';
import type { Machine } from './machines.js';
import { stamp, statusOf, withCondition } from './objects.js';
import { qosClass } from './pod-creation.js';

/** The status of a pod whose containers are being made; after a reboot they count one restart more and show how the last run ended. */
export function creatingStatus(pod: KubeObject, machine: Machine, now: number, options: { rebooted?: boolean } = {}): Fields {
  const waiting = (container: unknown, previous: unknown) => ({
    name: textAt(container, 'name'),
    state: { waiting: { reason: at(pod, 'spec', 'initContainers') === undefined ? 'ContainerCreating' : 'PodInitializing' } },
    lastState: options.rebooted === true ? { terminated: killed(previous, now) } : {},
    ready: false,
    restartCount: (numberAt(previous, 'restartCount') ?? 0) + (options.rebooted === true ? 1 : 0),
    image: textAt(container, 'image'),
    imageID: textAt(previous, 'imageID') ?? '',
    started: false,
  });
  const { podIP: _, podIPs: __, ...kept } = statusOf(pod);
  return {
    ...kept,
    phase: options.rebooted === true ? 'Running' : 'Pending',
    conditions: conditionsOf(pod, now, { sandbox: false, initialized: true, ready: false }),
    hostIP: machine.address,
    hostIPs: [{ ip: machine.address }],
    startTime: textAt(pod, 'status', 'startTime') ?? stamp(now),
    ...containerStatuses(pod, waiting),
    qosClass: textAt(pod, 'status', 'qosClass') ?? qosClass(at(pod, 'spec')),
  };
}

/** Where a pod's containers run. */
export interface Place {
  readonly address: string;
  readonly runtime: Hardware['runtime'];
}

/** The status of a pod whose containers run. */
export function runningStatus(pod: KubeObject, now: number, { address, runtime }: Place, ready: boolean): Fields {
  const running = (container: unknown, previous: unknown, init: boolean) => {
    const startedAt = textAt(previous, 'state', 'running', 'startedAt') ?? stamp(now);
    const ended = {
      terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: startedAt, containerID: containerId(pod, container, startedAt, runtime) },
    };
    const sidecar = at(container, 'restartPolicy') === 'Always';
    return {
      name: textAt(container, 'name'),
      state: init && !sidecar ? ended : { running: { startedAt } },
      lastState: at(previous, 'lastState') ?? {},
      ready: init || ready,
      restartCount: numberAt(previous, 'restartCount') ?? 0,
      image: textAt(container, 'image'),
      imageID: imageId(textAt(container, 'image') ?? ''),
      containerID: containerId(pod, container, startedAt, runtime),
      started: !init || sidecar,
    };
  };
  return {
    ...statusOf(pod),
    phase: 'Running',
    conditions: conditionsOf(pod, now, { sandbox: true, initialized: true, ready }),
    podIP: address,
    podIPs: [{ ip: address }],
    ...containerStatuses(pod, running),
  };
}

/** The status of a pod whose first container ended with an error and waits for its next start. */
export function failingStatus(
  pod: KubeObject,
  now: number,
  how: { exitCode: number; restarts: number; message: string | null; runtime: Hardware['runtime'] },
): Fields {
  const failing = (container: unknown, previous: unknown, init: boolean, place: number) => {
    if (init || place > 0) return previous;
    const startedAt = textAt(previous, 'state', 'running', 'startedAt') ?? stamp(now);
    const name = textAt(container, 'name') ?? '';
    const back = Math.min(300, 10 * 2 ** Math.min(5, how.restarts - 1));
    const delay = back >= 60 ? `${Math.floor(back / 60)}m${back % 60}s` : `${back}s`;
    const message = `back-off ${delay} restarting failed container=${name} pod=${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`;
    const terminated = {
      exitCode: how.exitCode,
      reason: 'Error',
      ...(how.message === null ? {} : { message: how.message }),
      startedAt,
      finishedAt: stamp(now),
      containerID: containerId(pod, container, startedAt, how.runtime),
    };
    return {
      name,
      state: { waiting: { reason: 'CrashLoopBackOff', message } },
      lastState: { terminated },
      ready: false,
      restartCount: how.restarts,
      image: textAt(container, 'image'),
      imageID: imageId(textAt(container, 'image') ?? ''),
      containerID: containerId(pod, container, startedAt, how.runtime),
      started: false,
    };
  };
  return {
    ...statusOf(pod),
    phase: 'Running',
    conditions: conditionsOf(pod, now, { sandbox: true, initialized: true, ready: false }),
    ...containerStatuses(pod, failing),
  };
}

/** The status of a pod that did its work and ended, well or not. */
export function endedStatus(pod: KubeObject, now: number, well: boolean): Fields {
  const ended = (_: unknown, previous: unknown) => ({
    ...(isFields(previous) ? previous : {}),
    state: {
      terminated: {
        exitCode: well ? 0 : 1,
        reason: well ? 'Completed' : 'Error',
        startedAt: textAt(previous, 'state', 'running', 'startedAt') ?? stamp(now),
        finishedAt: stamp(now),
        containerID: textAt(previous, 'containerID') ?? '',
      },
    },
    ready: false,
    started: false,
  });
  const conditions = conditionsOf(pod, now, { sandbox: false, initialized: true, ready: false }).map((condition) =>
    ['Ready', 'ContainersReady'].includes(textAt(condition, 'type') ?? '') && isFields(condition)
      ? { ...condition, reason: well ? 'PodCompleted' : 'PodFailed', message: undefined }
      : condition,
  );
  return { ...statusOf(pod), phase: well ? 'Succeeded' : 'Failed', conditions, ...containerStatuses(pod, ended) };
}

type Describe = (container: unknown, previous: unknown, init: boolean, place: number) => unknown;

function containerStatuses(pod: KubeObject, describe: Describe): Fields {
  const of = (containers: string, statuses: string, init: boolean) =>
    listAt(pod, 'spec', containers).map((container, place) => {
      const name = textAt(container, 'name');
      return describe(
        container,
        listAt(pod, 'status', statuses).find((status) => textAt(status, 'name') === name),
        init,
        place,
      );
    });
  const init = of('initContainers', 'initContainerStatuses', true);
  return { ...(init.length > 0 ? { initContainerStatuses: init } : {}), containerStatuses: of('containers', 'containerStatuses', false) };
}

function conditionsOf(pod: KubeObject, now: number, state: { sandbox: boolean; initialized: boolean; ready: boolean }): unknown[] {
  const names = listAt(pod, 'spec', 'containers').map((container) => textAt(container, 'name') ?? '');
  const why = state.ready ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` };
  const wanted = [
    { type: 'PodReadyToStartContainers', status: word(state.sandbox) },
    { type: 'Initialized', status: word(state.initialized) },
    { type: 'Ready', status: word(state.ready), ...why },
    { type: 'ContainersReady', status: word(state.ready), ...why },
    { type: 'PodScheduled', status: 'True' },
  ];
  const result = wanted.map((condition) => {
    const [found] = withCondition(pod, { ...condition, lastProbeTime: null }, now).filter((each) => textAt(each, 'type') === condition.type);
    return found;
  });
  const others = listAt(pod, 'status', 'conditions').filter((condition) => !wanted.some((each) => each.type === textAt(condition, 'type')));
  return [...result, ...others];
}

function word(value: boolean): string {
  return value ? 'True' : 'False';
}

/** What the runtime reports of containers that were running when the power went. */
function killed(previous: unknown, now: number): Fields {
  const startedAt = textAt(previous, 'state', 'running', 'startedAt') ?? stamp(now);
  return { exitCode: 255, reason: 'Unknown', startedAt, finishedAt: stamp(now), containerID: textAt(previous, 'containerID') ?? '' };
}

function containerId(pod: KubeObject, container: unknown, startedAt: string, runtime: Hardware['runtime']): string {
  return `${runtime}://${digest(`${pod.metadata.uid ?? ''}/${textAt(container, 'name') ?? ''}/${startedAt}`)}`;
}

function imageId(image: string): string {
  const known = imageIds.get(image);
  if (known !== undefined) return known;
  const name = image.replace(/:[^:/]*$/, '');
  const id = `${name.includes('/') ? name : `docker.io/library/${name}`}@sha256:${digest(image)}`;
  imageIds.set(image, id);
  return id;
}

const imageIds = new Map<string, string>();

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
