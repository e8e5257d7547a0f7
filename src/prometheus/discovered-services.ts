import type { KubeClient } from '../kube/client.js';
import type { Store } from '../state/store.js';
import { isRecord, listAt, recordAt, textAt } from './json.js';

/** An address outside the cluster at which an inference service should answer. */
export interface ServiceAddress {
  /** `ai/resnet50 (ingress)` */
  readonly name: string;
  readonly url: string;
}

export interface DiscoveredServices {
  /** As last seen; looked for anew every few minutes. Never rejects: who may not list services has none. */
  see(): Promise<readonly ServiceAddress[]>;
  forget(): void;
}

/**
 * Addresses of those inference services that measure their latency: hosts of their Ingresses, their load balancers' first address, and their first node port at the first node's internal address.
 * Asked for only once there are such services.
 */
export function discoveredServices(client: KubeClient, store: Store, signal: AbortSignal): DiscoveredServices {
  let seen: { readonly at: number; readonly of: string; readonly addresses: readonly ServiceAddress[] } | null = null;
  return {
    async see() {
      const { latency, nodes } = store.snapshot();
      const wanted = (latency.value?.services ?? []).map(({ namespace, name }) => ({ namespace, name }));
      const of = wanted.map(({ namespace, name }) => `${namespace}/${name}`).join(' ');
      if (seen !== null && seen.of === of && performance.now() - seen.at < lookAgainMs) return seen.addresses;
      if (wanted.length === 0) return [];
      const inside = [...(nodes.value?.values() ?? [])].flatMap(({ addresses }) => addresses.find(({ type }) => type === 'InternalIP')?.address ?? []);
      const [services, ingresses] = await Promise.all([list(client, '/api/v1/services', signal), list(client, '/apis/networking.k8s.io/v1/ingresses', signal)]);
      const own = services.filter((service) => wanted.some(({ namespace, name }) => isOf(service, namespace, name)));
      const names = new Set(own.map(nameOf));
      const addresses = [
        ...own.flatMap((service) => serviceAddresses(service, inside[0] ?? null)),
        ...ingresses.flatMap((ingress) => ingressAddresses(ingress, names)),
      ];
      seen = { at: performance.now(), of, addresses: addresses.slice(0, mostAddresses) };
      return seen.addresses;
    },
    forget() {
      seen = null;
    },
  };
}

const lookAgainMs = 300_000;
const mostAddresses = 12;

async function list(client: KubeClient, path: string, signal: AbortSignal): Promise<readonly unknown[]> {
  try {
    const { body } = await client.request(path, { query: { limit: 500 }, signal });
    return listAt(body, 'items');
  } catch {
    return [];
  }
}

function nameOf(raw: unknown): string {
  const metadata = recordAt(raw, 'metadata');
  return `${textAt(metadata, 'namespace') ?? ''}/${textAt(metadata, 'name') ?? ''}`;
}

/** By its own name, or by the app that it selects. */
function isOf(service: unknown, namespace: string, name: string): boolean {
  const metadata = recordAt(service, 'metadata');
  const selector = recordAt(service, 'spec', 'selector');
  if (textAt(metadata, 'namespace') !== namespace) return false;
  return [textAt(metadata, 'name'), textAt(selector, 'app'), textAt(selector, 'app.kubernetes.io/name')].includes(name);
}

function serviceAddresses(service: unknown, node: string | null): readonly ServiceAddress[] {
  const spec = recordAt(service, 'spec');
  const type = textAt(spec, 'type');
  const port = listAt(spec, 'ports').filter(isRecord)[0];
  if (port === undefined) return [];
  const scheme = port['port'] === 443 || textAt(port, 'name') === 'https' ? 'https' : 'http';
  const balancer = listAt(recordAt(service, 'status', 'loadBalancer'), 'ingress')[0];
  const host = textAt(balancer, 'ip') ?? textAt(balancer, 'hostname');
  if (type === 'LoadBalancer' && host !== null) return address(`${nameOf(service)} (load balancer)`, scheme, host, port['port']);
  if (type === 'NodePort' && node !== null) return address(`${nameOf(service)} (node port)`, scheme, node, port['nodePort']);
  return [];
}

function ingressAddresses(ingress: unknown, services: ReadonlySet<string>): readonly ServiceAddress[] {
  const namespace = textAt(recordAt(ingress, 'metadata'), 'namespace') ?? '';
  const spec = recordAt(ingress, 'spec');
  const secured = new Set(listAt(spec, 'tls').flatMap((tls) => listAt(tls, 'hosts')));
  return listAt(spec, 'rules').flatMap((rule) => {
    const host = textAt(rule, 'host');
    const path = listAt(recordAt(rule, 'http'), 'paths').find((one) =>
      services.has(`${namespace}/${textAt(recordAt(one, 'backend', 'service'), 'name') ?? ''}`),
    );
    if (host === null || host.startsWith('*') || path === undefined) return [];
    const below = textAt(path, 'path') ?? '/';
    return address(`${host} (ingress)`, secured.has(host) ? 'https' : 'http', host, null, /^\/[\w./-]*$/.test(below) ? below : '/');
  });
}

function address(name: string, scheme: string, host: string, port: unknown, path = '/'): readonly ServiceAddress[] {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const url = `${scheme}://${bracketed}${typeof port === 'number' ? `:${port}` : ''}${path}`;
  return /^[\w.:[\]-]+$/.test(bracketed) && URL.canParse(url) ? [{ name, url }] : [];
}
