import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../api/object-store.js';
import { ownedBy, stamp } from '../controllers/objects.js';
import { templateHash } from '../controllers/template-hash.js';
import { nameSuffix, type World } from '../controllers/world.js';
import type { Fields } from '../fields.js';
import { container } from './container.js';
import { manifest, namespace } from './manifest.js';

const inNamespace = 'batch';
const perDeployment = 250;

/** Small running pods in deployments of 250 each, spread over the nodes: so alike that they share almost everything. Returns them for changing. */
export function createFillerPods(world: World, count: number, nodes: readonly string[]): void {
  if (count <= 0 || nodes.length === 0) return;
  const space = namespace(inNamespace);
  world.store.create(space.resource, space.object);
  for (let made = 0, number = 1; made < count; number++) {
    const size = Math.min(perDeployment, count - made);
    createWorker(world, `worker-${String(number).padStart(4, '0')}`, size, nodes);
    made += size;
  }
}

function createWorker(world: World, name: string, size: number, nodes: readonly string[]): void {
  const now = stamp(world.clock.now());
  const template = { metadata: { labels: { app: name } }, spec: podSpec };
  const hash = templateHash(template);
  const labels = { app: name, 'pod-template-hash': hash };
  const counts = { replicas: size, readyReplicas: size, availableReplicas: size };
  const annotations = { 'deployment.kubernetes.io/revision': '1' };
  const progressed = `ReplicaSet "${name}-${hash}" has successfully progressed.`;
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    reason,
    message,
    lastUpdateTime: now,
    lastTransitionTime: now,
  });
  const deployment = create(
    world,
    'deployments.apps',
    'apps/v1',
    'Deployment',
    { name, namespace: inNamespace, labels: { app: name }, annotations, generation: 1 },
    {
      spec: {
        replicas: size,
        selector: { matchLabels: { app: name } },
        template,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      },
      status: {
        observedGeneration: 1,
        ...counts,
        updatedReplicas: size,
        conditions: [
          condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'),
          condition('Progressing', 'NewReplicaSetAvailable', progressed),
        ],
      },
    },
  );
  const sized = {
    ...annotations,
    'deployment.kubernetes.io/desired-replicas': String(size),
    'deployment.kubernetes.io/max-replicas': String(size + Math.ceil(size / 4)),
  };
  const set = create(
    world,
    'replicasets.apps',
    'apps/v1',
    'ReplicaSet',
    { name: `${name}-${hash}`, namespace: inNamespace, labels, annotations: sized, generation: 1, ownerReferences: [ownedBy(deployment)] },
    {
      spec: { replicas: size, selector: { matchLabels: labels }, template: { ...template, metadata: { labels } } },
      status: { ...counts, fullyLabeledReplicas: size, observedGeneration: 1 },
    },
  );
  createPods(world, set, labels, size, nodes, now);
}

function createPods(world: World, set: KubeObject, labels: Record<string, string>, size: number, nodes: readonly string[], now: string): void {
  const ownerReferences = [ownedBy(set)];
  const generateName = `${set.metadata.name}-`;
  const names = new Set<string>();
  while (names.size < size) names.add(`${generateName}${nameSuffix(world)}`);
  const conditions = readyConditions(now);
  const containerStatuses = [
    {
      name: 'worker',
      state: { running: { startedAt: now } },
      lastState: {},
      ready: true,
      restartCount: 0,
      image: podImage,
      imageID: podImage,
      containerID: 'containerd://0',
      started: true,
    },
  ];
  let place = 0;
  for (const name of names) {
    const node = nodes[place++ % nodes.length] ?? '';
    const machine = world.machines.get(node);
    const ip = machine === null ? '' : world.machines.podAddress(machine);
    const status = {
      phase: 'Running',
      conditions,
      hostIP: machine?.address ?? '',
      podIP: ip,
      podIPs: [{ ip }],
      startTime: now,
      containerStatuses,
      qosClass: 'Burstable',
    };
    const metadata = { name, generateName, namespace: inNamespace, uid: randomUUID(), creationTimestamp: now, labels, ownerReferences };
    world.store.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec: specOn(node), status });
  }
}

const podImage = 'registry.k8s.io/pause:3.10.1';
const podSpec: Fields = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 5,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  serviceAccountName: 'default',
  automountServiceAccountToken: false,
  containers: [container({ name: 'worker', image: podImage, requests: { cpu: '1m', memory: '4Mi' } })],
};

const specs = new Map<string, Fields>();

function specOn(node: string): Fields {
  let spec = specs.get(node);
  if (spec === undefined) {
    spec = { ...podSpec, nodeName: node };
    specs.set(node, spec);
  }
  return spec;
}

function readyConditions(now: string): Fields[] {
  return ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  }));
}

function create(world: World, resource: string, apiVersion: string, kind: string, metadata: KubeObject['metadata'], fields: Fields): KubeObject {
  return world.store.create(resource, manifest(resource, apiVersion, kind, metadata, fields).object);
}
