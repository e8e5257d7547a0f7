import type { KubeClient } from '../kube/client.js';
import { KubeError } from '../kube/kube-error.js';
import { clean } from '../text/clean.js';
import { isRecord, type JsonRecord, listAt, recordAt, textAt } from './json.js';
import type { ServicePort } from './road.js';

/** A Service as far as it takes to find monitoring behind it. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly selector: ReadonlyMap<string, string>;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly appProtocol: string }[];
}

/** The Services this user may see, and where they were looked for: "all namespaces" or the usual ones by name. */
export interface SeenServices {
  readonly services: readonly Service[];
  readonly where: string;
  /** Set when services may be listed nowhere. */
  readonly denied: boolean;
}

/** Lists the Services of all namespaces; where that is forbidden, those of the namespaces where monitoring usually lives. Rejects with KubeError for other trouble. */
export async function seeServices(client: KubeClient): Promise<SeenServices> {
  try {
    return { services: await listAll(client, '/api/v1/services'), where: 'in all namespaces', denied: false };
  } catch (error) {
    if (!(error instanceof KubeError) || error.kind !== 'forbidden') throw error;
  }
  const namespaces = [...new Set([...usualNamespaces, ...(client.namespace === null ? [] : [client.namespace])])];
  const seen = await Promise.all(namespaces.map((namespace) => listAllowed(client, namespace)));
  const open = namespaces.filter((_, index) => seen[index] !== null);
  return { services: seen.flatMap((services) => services ?? []), where: `in ${(open.length === 0 ? namespaces : open).join(', ')}`, denied: open.length === 0 };
}

/** The command-line flags of the pods behind a Service: where a path prefix is written. Empty where they cannot be seen. */
export async function flagsBehind(client: KubeClient, service: Service): Promise<readonly string[]> {
  if (service.selector.size === 0) return [];
  const labelSelector = [...service.selector].map(([key, value]) => `${key}=${value}`).join(',');
  try {
    const { body } = await client.request(`/api/v1/namespaces/${service.namespace}/pods`, { query: { labelSelector, limit: 5 } });
    const containers = listAt(body, 'items').flatMap((pod) => listAt(recordAt(pod, 'spec'), 'containers'));
    return containers.flatMap((container) => [...listAt(container, 'command'), ...listAt(container, 'args')]).filter((word) => typeof word === 'string');
  } catch (error) {
    if (error instanceof KubeError) return [];
    throw error;
  }
}

/** The port that a web interface is served on: by name, else by number, else the first. */
export function webPort(service: Service, names: readonly string[], usual: number): ServicePort | null {
  const byName = names.flatMap((name) => service.ports.filter((port) => port.name === name));
  const chosen = byName[0] ?? service.ports.find(({ port }) => port === usual) ?? service.ports[0];
  if (chosen === undefined) return null;
  const isTls = chosen.name === 'https' || /^https$/i.test(chosen.appProtocol) || chosen.port === 443;
  return { namespace: service.namespace, name: service.name, port: chosen.port, scheme: isTls ? 'https' : 'http' };
}

const usualNamespaces = ['monitoring', 'prometheus', 'observability', 'kube-system', 'default'];

async function listAllowed(client: KubeClient, namespace: string): Promise<readonly Service[] | null> {
  try {
    return await listAll(client, `/api/v1/namespaces/${encodeURIComponent(namespace)}/services`);
  } catch (error) {
    if (error instanceof KubeError && (error.kind === 'forbidden' || error.kind === 'not-found')) return null;
    throw error;
  }
}

async function listAll(client: KubeClient, path: string): Promise<readonly Service[]> {
  const services: Service[] = [];
  let next = '';
  do {
    const { body } = await client.request(path, { query: { limit: 500, continue: next === '' ? undefined : next } });
    services.push(...listAt(body, 'items').filter(isRecord).flatMap(parseService));
    next = textAt(recordAt(body, 'metadata'), 'continue') ?? '';
  } while (next !== '');
  return services;
}

function parseService(raw: JsonRecord): readonly Service[] {
  const metadata = recordAt(raw, 'metadata');
  const spec = recordAt(raw, 'spec');
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  // Names go into paths: only what the API itself allows as a name.
  if (name === null || namespace === null || !dnsName.test(name) || !dnsName.test(namespace)) return [];
  const ports = listAt(spec, 'ports').flatMap((port) => {
    const number = isRecord(port) ? port['port'] : undefined;
    return typeof number === 'number'
      ? [{ name: clean(textAt(port, 'name') ?? '', 63), port: number, appProtocol: clean(textAt(port, 'appProtocol') ?? '', 63) }]
      : [];
  });
  return [{ namespace, name, labels: texts(recordAt(metadata, 'labels')), selector: texts(recordAt(spec, 'selector')), ports }];
}

function texts(record: JsonRecord | null): ReadonlyMap<string, string> {
  return new Map(Object.entries(record ?? {}).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : [])));
}

const dnsName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
