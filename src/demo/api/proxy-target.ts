import { ApiError, badRequest, notFound } from './api-error.js';
import { at, listAt, numberAt, textAt } from './json.js';
import type { KubeObject, ObjectStore } from './object-store.js';

/** Where a proxied request really goes, before the network of pods is asked. */
export interface ProxyTarget {
  readonly scheme: 'http' | 'https';
  readonly ip: string;
  readonly port: number;
}

/** `[scheme:]name[:port]` as in the URL of a service, pod or node proxy. */
export function splitProxyName(text: string): { scheme: 'http' | 'https'; name: string; port: string } {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { scheme: 'http', name: first, port: '' };
  if (parts.length === 2) return { scheme: 'http', name: first, port: second };
  if (parts.length === 3 && (first === '' || first === 'http' || first === 'https'))
    return { scheme: first === 'https' ? 'https' : 'http', name: second, port: third };
  throw badRequest(`invalid service request "${text}"`);
}

/**
 * One ready endpoint of a service, found as the real server does: the service's port by name or number, then an address behind
 * it. Throws ApiError 503 with its words when there is none.
 */
export function serviceTarget(store: ObjectStore, namespace: string, text: string): ProxyTarget {
  const { scheme, name, port } = splitProxyName(text);
  const service = store.get('services', name, namespace);
  if (service === null) throw notFound('services', name);
  const ports = listAt(service, 'spec', 'ports');
  const wanted =
    port === ''
      ? ports.length === 1
        ? ports[0]
        : ports.find((each) => textAt(each, 'name') === '')
      : ports.find((each) => textAt(each, 'name') === port || String(numberAt(each, 'port')) === port);
  const portName = textAt(wanted, 'name');
  if (wanted === undefined)
    throw unavailable(port === '' ? `no endpoints available for service "${text}"` : `no service port "${port}" found for service "${name}"`);
  const found = [...fromSlices(store, namespace, name, portName), ...fromEndpoints(store, namespace, name, portName)];
  const chosen = found[Math.floor(Math.random() * found.length)];
  if (chosen === undefined) throw unavailable(`no endpoints available for service "${text}"`);
  return { scheme, ...chosen };
}

/** A pod's own address; without a port the first one that its containers name, else 80. */
export function podTarget(pod: KubeObject, scheme: 'http' | 'https', port: string): ProxyTarget {
  const ports = listAt(pod, 'spec', 'containers').flatMap((container) => listAt(container, 'ports'));
  const ip = textAt(pod, 'status', 'podIP');
  if (ip === '') throw new ApiError(500, 'InternalError', 'address not allowed');
  const named = ports.find((each) => textAt(each, 'name') === port && port !== '');
  const number = named === undefined ? (port === '' ? numberAt(ports[0], 'containerPort') || 80 : Number(port)) : numberAt(named, 'containerPort');
  if (!Number.isInteger(number) || number < 1 || number > 65535) throw badRequest(`invalid pod port "${port}"`);
  return { scheme, ip, port: number };
}

function fromSlices(store: ObjectStore, namespace: string, service: string, portName: string): { ip: string; port: number }[] {
  return store
    .list('endpointslices.discovery.k8s.io', namespace)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service)
    .flatMap((slice) => {
      const port = listAt(slice, 'ports').find((each) => textAt(each, 'name') === portName);
      if (port === undefined) return [];
      return listAt(slice, 'endpoints')
        .filter((endpoint) => at(endpoint, 'conditions', 'ready') !== false)
        .flatMap((endpoint) => listAt(endpoint, 'addresses').map((address) => ({ ip: String(address), port: numberAt(port, 'port') })));
    });
}

function fromEndpoints(store: ObjectStore, namespace: string, service: string, portName: string): { ip: string; port: number }[] {
  return listAt(store.get('endpoints', service, namespace), 'subsets').flatMap((subset) => {
    const port = listAt(subset, 'ports').find((each) => textAt(each, 'name') === portName);
    if (port === undefined) return [];
    return listAt(subset, 'addresses').map((address) => ({ ip: textAt(address, 'ip'), port: numberAt(port, 'port') }));
  });
}

function unavailable(message: string): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message);
}
