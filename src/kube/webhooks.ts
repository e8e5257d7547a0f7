import type { Endpoints, ServiceRef, Webhook } from '../state/cluster-services.js';
import type { Collection } from '../state/snapshot.js';
import type { KubeClient } from './client.js';
import { eachAtOnce } from './each-at-once.js';
import { at, list, text } from './json.js';
import { KubeError } from './kube-error.js';
import { projectWebhooks } from './projections/cluster-services.js';

/** All admission webhooks, by `kind/configuration/name`, with the endpoints of those that are services. Rejects with KubeError. */
export async function readWebhooks(client: KubeClient, signal: AbortSignal): Promise<Collection<Webhook>> {
  const configurations = async (kind: Webhook['kind']) => {
    const { body } = await client.request(`/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`, { signal });
    return list(at(body, 'items')).flatMap((object) => projectWebhooks(object, kind));
  };
  const webhooks = [...(await configurations('validating')), ...(await configurations('mutating'))];
  const services = new Map(webhooks.flatMap(({ service }) => (service === null ? [] : [[keyOf(service), service] as const])));
  const endpoints = new Map(await eachAtOnce([...services], 4, async ([key, service]) => [key, await endpointsOf(client, service, signal)] as const));
  return new Map(
    webhooks.map((webhook) => [
      `${webhook.kind}/${webhook.configuration}/${webhook.name}`,
      { ...webhook, endpoints: webhook.service === null ? null : (endpoints.get(keyOf(webhook.service)) ?? null) },
    ]),
  );
}

/** From the EndpointSlices of a service (discovery.k8s.io/v1); null where this user may not see them. */
async function endpointsOf(client: KubeClient, { namespace, name }: ServiceRef, signal: AbortSignal): Promise<Endpoints | null> {
  try {
    const { body } = await client.request(`/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`, {
      query: { labelSelector: `kubernetes.io/service-name=${name}` },
      signal,
    });
    const all = list(at(body, 'items')).flatMap((slice) => list(at(slice, 'endpoints')));
    // A missing condition means ready, says the API's own documentation.
    const ready = all.filter((endpoint) => at(endpoint, 'conditions', 'ready') !== false);
    const pods = all.flatMap((endpoint) => (at(endpoint, 'targetRef', 'kind') === 'Pod' ? (text(at(endpoint, 'targetRef', 'name')) ?? []) : []));
    return { ready: ready.length, total: all.length, pods: [...new Set(pods)].sort() };
  } catch (error) {
    if (error instanceof KubeError && (error.kind === 'forbidden' || error.kind === 'not-found')) return null;
    throw error;
  }
}

function keyOf({ namespace, name }: ServiceRef): string {
  return `${namespace}/${name}`;
}
