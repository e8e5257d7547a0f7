import { ApiError } from '../api/api-error.js';
import type { KubeObject, ObjectMeta } from '../api/object-store.js';
import { at, type Fields, fieldsAt, isFields, listAt, numberAt, textAt, textsAt } from '../fields.js';
import { ownedBy } from './objects.js';
import { admitPod } from './pod-admission.js';
import { nameSuffix, type World } from './world.js';

export interface NewPod {
  /** The owner's name for it; left out, one is generated from `generateName`. */
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Laid over the template's spec. */
  readonly spec?: Fields;
}

/**
 * Creates a pod for its owner from a pod template, with what the API server's admission fills in. Records SuccessfulCreate or
 * FailedCreate on the owner. A sentence when admission refuses: unknown runtime class, exceeded quota, pod security.
 */
export function createPod(world: World, owner: KubeObject, template: unknown, options: NewPod, component: string): KubeObject | string {
  const { namespace = 'default' } = owner.metadata;
  const generateName = options.generateName ?? `${owner.metadata.name}-`;
  const name = options.name ?? `${generateName}${nameSuffix(world)}`;
  const spec = admitted(world, { ...fieldsAt(template, 'spec'), ...options.spec });
  const annotations = { ...textsAt(template, 'metadata', 'annotations'), ...options.annotations };
  const metadata: ObjectMeta = {
    name,
    ...(options.name === undefined ? { generateName } : {}),
    namespace,
    labels: { ...textsAt(template, 'metadata', 'labels'), ...options.labels },
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ownerReferences: [ownedBy(owner)],
  };
  const pod = admitPod(world, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  if (typeof pod === 'string') {
    const refused = pod;
    // Runtime classes are looked at before a name is made up, quotas after.
    const shown = refused.startsWith('pod rejected') ? (options.name ?? generateName) : name;
    const why = `pods "${shown}" is forbidden: ${refused}`;
    world.events.record(owner, 'Warning', 'FailedCreate', `Error creating: ${why}`, { component });
    return why;
  }
  try {
    const created = world.store.create('pods', { ...pod, status: { phase: 'Pending', qosClass: qosClass(pod['spec']) } });
    world.events.record(
      owner,
      'Normal',
      'SuccessfulCreate',
      `${component === 'statefulset-controller' ? `create Pod ${name} in StatefulSet ${owner.metadata.name} successful` : `Created pod: ${name}`}`,
      { component },
    );
    return created;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

/** A pod spec with the API's defaults, the token volume and the tolerations that admission plugins add. */
function admitted(world: World, spec: Fields): Fields {
  const token = `kube-api-access-${nameSuffix(world)}`;
  const mountsToken = spec['automountServiceAccountToken'] !== false;
  const mount = { name: token, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  const containers = (list: readonly unknown[]) =>
    list.filter(isFields).map((container) => ({
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      ...container,
      resources: withRequests(fieldsAt(container, 'resources')),
      ...(mountsToken ? { volumeMounts: [...listAt(container, 'volumeMounts'), mount] } : {}),
    }));
  const priorityClass = textAt(spec, 'priorityClassName');
  const initContainers = listAt(spec, 'initContainers');
  const serviceAccount = textAt(spec, 'serviceAccountName') ?? 'default';
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
    securityContext: {},
    ...spec,
    ...(initContainers.length > 0 ? { initContainers: containers(initContainers) } : {}),
    containers: containers(listAt(spec, 'containers')),
    serviceAccountName: serviceAccount,
    serviceAccount,
    priority: priorityClass === null ? 0 : (numberAt(world.store.get('priorityclasses.scheduling.k8s.io', priorityClass), 'value') ?? 0),
    tolerations: withDefaultTolerations(listAt(spec, 'tolerations')),
    ...(mountsToken ? { volumes: [...listAt(spec, 'volumes'), tokenVolume(token)] } : {}),
  };
}

/** Limits count as requests where no request stands. */
function withRequests(resources: Fields): Fields {
  const limits = fieldsAt(resources, 'limits');
  if (Object.keys(limits).length === 0) return resources;
  return { ...resources, requests: { ...limits, ...fieldsAt(resources, 'requests') } };
}

function withDefaultTolerations(tolerations: readonly unknown[]): readonly unknown[] {
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) =>
      !tolerations.some((toleration) => at(toleration, 'key') === key || (at(toleration, 'key') === undefined && at(toleration, 'operator') === 'Exists')),
  );
  return [...tolerations, ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))];
}

function tokenVolume(name: string): Fields {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 420,
    },
  };
}

/** Guaranteed, Burstable or BestEffort, from the cpu and memory of the containers. */
export function qosClass(spec: unknown): string {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  const amounts = (kind: string) => containers.flatMap((container) => ['cpu', 'memory'].map((resource) => textAt(container, 'resources', kind, resource)));
  const [requests, limits] = [amounts('requests'), amounts('limits')];
  if ([...requests, ...limits].every((amount) => amount === null)) return 'BestEffort';
  return limits.every((limit, place) => limit !== null && (requests[place] ?? limit) === limit) ? 'Guaranteed' : 'Burstable';
}
