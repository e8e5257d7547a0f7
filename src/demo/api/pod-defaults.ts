import { at, type JsonObject, listAt, objectAt, textAt } from './json.js';

export type JsonMap = Record<string, unknown>;

export function templateDefaults(template: JsonObject): JsonObject {
  return { ...template, metadata: objectAt(template, 'metadata'), spec: podSpecDefaults(objectAt(template, 'spec')) };
}

export function podSpecDefaults(given: JsonObject): JsonObject {
  const account = textAt(given, 'serviceAccountName') || textAt(given, 'serviceAccount');
  const initContainers = listAt(given, 'initContainers');
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...given,
    ...(account === '' ? {} : { serviceAccount: account, serviceAccountName: account }),
    ...(initContainers.length === 0 ? {} : { initContainers: initContainers.map(containerDefaults) }),
    containers: listAt(given, 'containers').map(containerDefaults),
  };
}

function containerDefaults(container: unknown): JsonObject {
  const image = textAt(container, 'image');
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  const ports = listAt(container, 'ports');
  const limits = objectAt(container, 'resources', 'limits');
  const requests = objectAt(container, 'resources', 'requests');
  // A limit without a request is a request as well.
  const resources =
    at(container, 'resources') === undefined || Object.keys(limits).length === 0
      ? objectAt(container, 'resources')
      : { ...objectAt(container, 'resources'), requests: { ...limits, ...requests } };
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: (tag === undefined && !image.includes('@')) || tag === 'latest' ? 'Always' : 'IfNotPresent',
    ...objectAt(container),
    resources,
    ...(ports.length === 0 ? {} : { ports: ports.map((port) => ({ protocol: 'TCP', ...objectAt(port) })) }),
  };
}
