import type { KubeObject } from '../api/object-store.js';
import { at, listAt, numberAt, textAt } from '../fields.js';
import { byKey, controllerOf, keyOf, stamp, statusOf, withCondition, writeStatus } from './objects.js';
import { createPod } from './pod-creation.js';
import { isActive, isReady, phaseOf, terminate } from './pod-state.js';
import { type WorkQueue, workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Runs Jobs to completion: parallelism, completions, backoffLimit, suspend, ttlSecondsAfterFinished. */
export function startJobs(world: World): (() => void)[] {
  const queue: WorkQueue = workQueue(world, (key) => {
    const job = byKey(world.store, resource, key);
    if (job !== null && job.metadata.deletionTimestamp === undefined) reconcile(world, job, queue);
  });
  return [
    world.store.subscribe(resource, ({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
    }),
    world.store.subscribe('pods', ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'Job') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    }),
  ];
}

const resource = 'jobs.batch';
const component = 'job-controller';

function reconcile(world: World, job: KubeObject, queue: WorkQueue): void {
  if (finished(job)) {
    expire(world, job, queue);
    return;
  }
  const pods = world.store.list('pods', job.metadata.namespace).filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
  const succeeded = pods.filter((pod) => phaseOf(pod) === 'Succeeded').length;
  const failed = pods.filter((pod) => phaseOf(pod) === 'Failed').length;
  const active = pods.filter(isActive);
  const completions = numberAt(job, 'spec', 'completions') ?? 1;
  const parallelism = at(job, 'spec', 'suspend') === true ? 0 : (numberAt(job, 'spec', 'parallelism') ?? 1);
  const exhausted = failed > (numberAt(job, 'spec', 'backoffLimit') ?? 6);
  const wanted = exhausted ? 0 : Math.min(parallelism, completions - succeeded);
  for (const pod of active.slice(Math.max(0, wanted))) terminate(world, pod);
  for (let missing = wanted - active.length; missing > 0; missing--) {
    const labels = {
      'batch.kubernetes.io/job-name': job.metadata.name,
      'job-name': job.metadata.name,
      'batch.kubernetes.io/controller-uid': job.metadata.uid ?? '',
    };
    if (typeof createPod(world, job, at(job, 'spec', 'template'), { labels }, component) === 'string') break;
  }
  const now = world.clock.now();
  const ready = active.filter(isReady).length;
  const base = {
    startTime: textAt(job, 'status', 'startTime') ?? stamp(now),
    ...(wanted > 0 ? { active: wanted } : {}),
    ready,
    terminating: 0,
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    uncountedTerminatedPods: {},
  };
  const between = { ...job, status: { ...statusOf(job) } };
  if (exhausted) {
    const message = 'Job has reached the specified backoff limit';
    writeStatus(world.store, resource, job, {
      ...base,
      conditions: withCondition(between, { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message }, now),
    });
    world.events.record(job, 'Warning', 'BackoffLimitExceeded', message, { component });
  } else if (succeeded >= completions) {
    const message = 'Reached expected number of succeeded pods';
    writeStatus(world.store, resource, job, {
      ...base,
      completionTime: stamp(now),
      conditions: withCondition(between, { type: 'Complete', status: 'True', reason: 'CompletionsReached', message }, now),
    });
    world.events.record(job, 'Normal', 'Completed', 'Job completed', { component });
    queue.add(keyOf(job));
  } else {
    writeStatus(world.store, resource, job, base);
  }
}

function finished(job: KubeObject): boolean {
  return listAt(job, 'status', 'conditions').some((condition) => ['Complete', 'Failed'].includes(textAt(condition, 'type') ?? ''));
}

function expire(world: World, job: KubeObject, queue: WorkQueue): void {
  const ttl = numberAt(job, 'spec', 'ttlSecondsAfterFinished');
  const completed = textAt(job, 'status', 'completionTime');
  if (ttl === null || completed === null) return;
  const left = Date.parse(completed) + ttl * 1000 - world.clock.now();
  if (left <= 0) world.store.remove(resource, job.metadata.name, job.metadata.namespace);
  else world.clock.after(left, () => queue.add(keyOf(job)));
}
