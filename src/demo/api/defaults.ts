import { randomInt, randomUUID } from 'node:crypto';
import { established } from './custom-resource-definitions.js';
import { at, isObject, type JsonObject, listAt, objectAt, stringsAt, textAt } from './json.js';
import type { KubeObject, ObjectStore } from './object-store.js';
import { type JsonMap, podSpecDefaults, templateDefaults } from './pod-defaults.js';

/** What the real server fills in before it keeps a new or changed object of a built-in kind; other kinds come back as they are. */
export function withDefaults(object: KubeObject, store: ObjectStore, isNew: boolean): KubeObject {
  switch (object.kind) {
    case 'Pod':
      return podDefaults(object, isNew);
    case 'Deployment':
      return withSpec(object, {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      });
    case 'ReplicaSet':
    case 'ReplicationController':
      return withSpec(object, { replicas: 1 });
    case 'StatefulSet':
      return withSpec(object, {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        revisionHistoryLimit: 10,
      });
    case 'DaemonSet':
      return withSpec(object, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }, revisionHistoryLimit: 10 });
    case 'Job':
      return jobDefaults(object, isNew);
    case 'CronJob':
      return plainSpec(object, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
    case 'Service':
      return serviceDefaults(object, store, isNew);
    case 'Namespace':
      return {
        ...object,
        metadata: { ...object.metadata, labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name } },
        spec: { finalizers: ['kubernetes'], ...objectAt(object, 'spec') },
        status: { phase: 'Active', ...objectAt(object, 'status') },
      };
    case 'PersistentVolumeClaim':
      return { ...plainSpec(object, { volumeMode: 'Filesystem' }), status: { phase: 'Pending', ...objectAt(object, 'status') } };
    case 'PersistentVolume':
      return {
        ...plainSpec(object, { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain' }),
        status: { phase: 'Pending', ...objectAt(object, 'status') },
      };
    case 'StorageClass':
      return { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', ...object };
    case 'Secret':
      return secretDefaults(object);
    case 'CustomResourceDefinition':
      return isNew ? established(object) : object;
    default:
      return object;
  }
}

function plainSpec(object: KubeObject, defaults: JsonObject): KubeObject {
  return { ...object, spec: { ...defaults, ...objectAt(object, 'spec') } };
}

function withSpec(object: KubeObject, defaults: JsonObject): KubeObject {
  const spec: JsonObject = { ...defaults, ...objectAt(object, 'spec') };
  const template = spec['template'];
  return { ...object, spec: { ...spec, ...(isObject(template) ? { template: templateDefaults(template) } : {}) } };
}

function podDefaults(pod: KubeObject, isNew: boolean): KubeObject {
  const spec = podSpecDefaults(objectAt(pod, 'spec'));
  // The DefaultTolerationSeconds admission plugin.
  const tolerations = [...listAt(spec, 'tolerations')];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = tolerations.some((each) => textAt(each, 'key') === key || (textAt(each, 'key') === '' && at(each, 'operator') === 'Exists'));
    if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  if (!isNew) return { ...pod, spec: { ...spec, tolerations } };
  return { ...pod, spec: { ...spec, tolerations }, status: { phase: 'Pending', qosClass: qosClass(spec), ...objectAt(pod, 'status') } };
}

function qosClass(spec: JsonObject): string {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  const names = ['cpu', 'memory'];
  const requests = containers.map((each) => ({ ...objectAt(each, 'resources', 'limits'), ...objectAt(each, 'resources', 'requests') }));
  if (requests.every((each) => names.every((name) => !Object.hasOwn(each, name)))) return 'BestEffort';
  const guaranteed = containers.every((each) => {
    const limits = objectAt(each, 'resources', 'limits');
    const asked = objectAt(each, 'resources', 'requests');
    return names.every((name) => limits[name] !== undefined && (asked[name] === undefined || String(asked[name]) === String(limits[name])));
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function jobDefaults(job: KubeObject, isNew: boolean): KubeObject {
  const withoutSelector = withSpec(job, { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false });
  if (!isNew || at(job, 'spec', 'selector') !== undefined) return withoutSelector;
  const uid = job.metadata.uid ?? randomUUID();
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'controller-uid': uid,
    'job-name': job.metadata.name,
  };
  const template = objectAt(withoutSelector, 'spec', 'template');
  const metadata = { ...objectAt(template, 'metadata'), labels: { ...stringsAt(template, 'metadata', 'labels'), ...labels } };
  return {
    ...withoutSelector,
    metadata: { ...job.metadata, uid },
    spec: {
      ...objectAt(withoutSelector, 'spec'),
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { ...template, metadata },
    },
  };
}

function serviceDefaults(service: KubeObject, store: ObjectStore, isNew: boolean): KubeObject {
  const spec: JsonMap = { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster', ...objectAt(service, 'spec') };
  const isName = spec['type'] === 'ExternalName';
  const onNodes = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
  const ports = listAt(spec, 'ports').map((port) => {
    const nodePort = onNodes && at(port, 'nodePort') === undefined ? { nodePort: freeNodePort(store) } : {};
    return { protocol: 'TCP', targetPort: at(port, 'port'), ...objectAt(port), ...nodePort };
  });
  if (isNew && !isName && spec['clusterIP'] === undefined) spec['clusterIP'] = freeClusterIp(store);
  const address = spec['clusterIP'];
  const dual = isName || typeof address !== 'string' ? {} : { clusterIPs: [address], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
  return { ...service, spec: { ...dual, ...spec, ...(ports.length === 0 ? {} : { ports }) }, status: { loadBalancer: {}, ...objectAt(service, 'status') } };
}

/** 10.96.0.0/12 is kubeadm's range; the first ten are spoken for. */
function freeClusterIp(store: ObjectStore): string {
  const taken = new Set(store.list('services').map((service) => textAt(service, 'spec', 'clusterIP')));
  for (let number = 256; number < 1 << 20; number += 1) {
    const address = `10.${96 + (number >> 16)}.${(number >> 8) & 0xff}.${number & 0xff}`;
    if (!taken.has(address) && (number & 0xff) > 10) return address;
  }
  return 'None';
}

/** The range of kube-apiserver's --service-node-port-range; two ports of one new service may meet only by chance of 1 in 2768. */
function freeNodePort(store: ObjectStore): number {
  const taken = new Set(store.list('services').flatMap((service) => listAt(service, 'spec', 'ports').map((port) => at(port, 'nodePort'))));
  let port = 30000 + randomInt(2768);
  while (taken.has(port)) port = 30000 + randomInt(2768);
  return port;
}

function secretDefaults(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  const plain = Object.entries(stringsAt({ stringData }, 'stringData')).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { type: 'Opaque', ...rest, ...(plain.length === 0 ? {} : { data: { ...objectAt(secret, 'data'), ...Object.fromEntries(plain) } }) };
}
