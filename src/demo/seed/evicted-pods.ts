import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../api/object-store.js';
import { controllerOf, ownedBy, stamp } from '../controllers/objects.js';
import { nameSuffix, type World } from '../controllers/world.js';
import { type Fields, fieldsAt, listAt, textAt, textsAt } from '../fields.js';
import type { EvictedShare } from '../scenario-steps.js';

/** Evicted pods, spread over so many days up to now and over the ReplicaSets of deployments. Pods of one owner share all they can. */
export function createEvicted(
  world: World,
  plan: { readonly node: string; readonly count: number; readonly days: number; readonly owners: readonly EvictedShare[] },
): void {
  const whole = plan.owners.reduce((sum, owner) => sum + owner.share, 0);
  let left = plan.count;
  plan.owners.forEach((owner, place) => {
    const count = place === plan.owners.length - 1 ? left : Math.min(left, Math.round((plan.count * owner.share) / whole));
    left -= count;
    const set = replicaSetOf(world, owner);
    if (set !== null) evictMany(world, set, plan.node, count, plan.days);
  });
}

/** A pod that ended and was left lying about, without an owner. */
export function createGhost(
  world: World,
  ghost: { namespace: string; name: string; node: string; phase: 'Failed' | 'Succeeded'; reason: string; message: string },
): void {
  const now = world.clock.now();
  const container = { name: 'main', image: 'docker.io/library/busybox:1.37', resources: {}, imagePullPolicy: 'IfNotPresent' };
  const started = stamp(now - 300_000);
  // Admission errors come before any container.
  const ran = ghost.reason !== 'UnexpectedAdmissionError';
  const exitCode = ghost.phase === 'Succeeded' ? 0 : 137;
  const terminated = { exitCode, reason: ghost.reason, startedAt: started, finishedAt: stamp(now) };
  const statuses = [{ name: 'main', image: container.image, imageID: '', state: { terminated }, lastState: {}, ready: false, restartCount: 0, started: false }];
  world.store.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: ghost.name, namespace: ghost.namespace, labels: { app: ghost.name } },
    spec: { nodeName: ghost.node, restartPolicy: 'Never', serviceAccountName: 'default', schedulerName: 'default-scheduler', containers: [container] },
    status: {
      phase: ghost.phase,
      ...(ghost.phase === 'Failed' && !ran ? { reason: ghost.reason } : {}),
      ...(ghost.message === '' ? {} : { message: ghost.message }),
      startTime: started,
      ...(ran ? { containerStatuses: statuses, conditions: endedConditions(stamp(now)) } : {}),
      qosClass: 'BestEffort',
    },
  });
}

function replicaSetOf(world: World, owner: EvictedShare): KubeObject | null {
  return world.store.list('replicasets.apps', owner.namespace).find((set) => controllerOf(set)?.name === owner.deployment) ?? null;
}

function evictMany(world: World, set: KubeObject, node: string, count: number, days: number): void {
  const { namespace = '' } = set.metadata;
  const template = fieldsAt(set, 'spec', 'template');
  const container = textAt(listAt(template, 'spec', 'containers')[0], 'name') ?? 'main';
  const spec: Fields = { ...fieldsAt(template, 'spec'), nodeName: node, priority: 0, enableServiceLinks: true, preemptionPolicy: 'PreemptLowerPriority' };
  const labels = textsAt(template, 'metadata', 'labels');
  const ownerReferences = [ownedBy(set)];
  const generateName = `${set.metadata.name}-`;
  const causes = [0, 1, 2, 3].map((place) => causeOf(world, container, place));
  const now = world.clock.now();
  for (let place = 0; place < count; place++) {
    const name = freeName(world, generateName, namespace);
    // The newest an hour ago; a storm comes in waves.
    const created = now - 3_600_000 - (days * 86_400_000 - 3_600_000) * wave(world);
    const evicted = stamp(created + 240_000);
    const address = world.machines.get(node)?.address ?? '';
    world.store.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, generateName, namespace, uid: randomUUID(), creationTimestamp: stamp(created), labels, ownerReferences },
      spec,
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message: causes[place % causes.length] ?? '',
        startTime: stamp(created + 1000),
        conditions: evictedConditions(evicted),
        hostIP: address,
        qosClass: 'BestEffort',
      },
    });
  }
}

function causeOf(world: World, container: string, place: number): string {
  const threshold = 184_549_812;
  const available = threshold - 1_048_576 - Math.floor(world.random() * 30_000_000);
  const used = 1024 * (place + 1) + Math.floor(world.random() * 900_000);
  return `The node was low on resource: ephemeral-storage. Threshold quantity: ${threshold}Ki, available: ${available}Ki. Container ${container} was using ${used}Ki, request is 0, has larger consumption of ephemeral-storage. `;
}

/** A part of the whole time from 0 to 1, gathered around a few nights. */
function wave(world: World): number {
  const night = Math.floor(world.random() ** 1.5 * 12) / 12;
  return Math.min(1, night + world.random() * 0.05);
}

function freeName(world: World, generateName: string, namespace: string): string {
  for (;;) {
    const name = `${generateName}${nameSuffix(world)}`;
    if (world.store.get('pods', name, namespace) === null) return name;
  }
}

const conditionLists = new Map<string, readonly unknown[]>();

function evictedConditions(moment: string): readonly unknown[] {
  const minute = `${moment.slice(0, 16)}:00Z`;
  const known = conditionLists.get(minute);
  if (known !== undefined) return known;
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'TerminationByKubelet',
    message: 'The node was low on resource: ephemeral-storage.',
    lastProbeTime: null,
    lastTransitionTime: minute,
  };
  const list = [target, ...endedConditions(minute)];
  if (conditionLists.size > 50_000) conditionLists.clear();
  conditionLists.set(minute, list);
  return list;
}

function endedConditions(moment: string): Fields[] {
  const condition = (type: string, status: string, reason?: string) => ({
    type,
    status,
    lastProbeTime: null,
    lastTransitionTime: moment,
    ...(reason === undefined ? {} : { reason }),
  });
  return [
    condition('PodReadyToStartContainers', 'False'),
    condition('Initialized', 'True'),
    condition('Ready', 'False', 'PodFailed'),
    condition('ContainersReady', 'False', 'PodFailed'),
    condition('PodScheduled', 'True'),
  ];
}
