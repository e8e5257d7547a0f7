import type { KubeClient } from '../kube/client.js';
import { alertmanagerStatus } from './alertmanager-client.js';
import type { ChosenService } from './chosen-service.js';
import { createPrometheusClient, type PrometheusClient } from './client.js';
import { grafanaHealth } from './grafana-client.js';
import { MonitoringError } from './monitoring-error.js';
import { type Road, type ServicePort, serviceRoad } from './road.js';
import { prefixesInFlags, withRoutePrefix } from './route-prefix.js';
import { flagsBehind, type SeenServices, type Service, webPort } from './services.js';

/** What looking for a Prometheus or a Grafana came to. */
export type Found<T> =
  | {
      readonly status: 'found';
      readonly foundBy: string;
      readonly value: T /** What else might be one, as `namespace/service:port`. */;
      readonly others: readonly string[];
    }
  /** There are Services for it, but none answers: the first of them, and why. */
  | { readonly status: 'silent'; readonly foundBy: string; readonly why: string }
  /** There are Services for it, and this user may not use their proxy. */
  | { readonly status: 'denied' }
  /** No such Service; `why` says where we looked. */
  | { readonly status: 'none'; readonly why: string };

/** The first Prometheus among the cluster's Services that answers, best candidates first; where a person chose one, that one or none. */
export async function findPrometheus(
  client: KubeClient,
  seen: SeenServices,
  signal?: AbortSignal,
  chosen: ChosenService | null = null,
): Promise<Found<PrometheusClient>> {
  const candidates = ranked(seen.services, prometheusRank);
  const open = async (service: Service, port: ServicePort | null) => {
    if (port === null) return null;
    const works = (road: Road) => createPrometheusClient(road).version(signal);
    const more = async () => [...prefixesInFlags(await flagsBehind(client, service)), ...(/mimir/.test(service.name) ? ['/prometheus'] : [])];
    return createPrometheusClient(await reach(serviceRoad(client, port), works, more, signal));
  };
  const others = candidates.flatMap((service) => {
    const port = prometheusPort(service);
    return port === null ? [] : [`${service.namespace}/${service.name}:${port.port}`];
  });
  const except = (found: Found<PrometheusClient>): Found<PrometheusClient> =>
    found.status === 'found' ? { ...found, others: others.filter((other) => `service ${other.replace(/:[^:]*$/, '')}` !== found.foundBy) } : found;
  if (chosen !== null) {
    const service = seen.services.find(({ namespace, name }) => namespace === chosen.namespace && name === chosen.name);
    if (service === undefined && !seen.denied) {
      const offered = others.length === 0 ? '' : `; there are ${others.slice(0, 5).join(', ')}`;
      return { status: 'none', why: `the chosen Prometheus is not there: no service ${chosen.namespace}/${chosen.name} ${seen.where}${offered}` };
    }
    const known = service ?? { namespace: chosen.namespace, name: chosen.name, labels: new Map(), selector: new Map(), ports: [] };
    return except(await firstThatAnswers([known], (one) => open(one, chosenPort(one, chosen))));
  }
  if (candidates.length === 0) return { status: 'none', why: nothing('Prometheus', 'services named or labelled prometheus', seen) };
  return except(await firstThatAnswers(candidates, (service) => open(service, prometheusPort(service))));
}

/** An Alertmanager among the cluster's Services that answers. */
export async function findAlertmanager(client: KubeClient, seen: SeenServices, signal?: AbortSignal): Promise<Found<Road>> {
  const candidates = ranked(seen.services, alertmanagerRank);
  if (candidates.length === 0) return { status: 'none', why: nothing('Alertmanager', 'services named or labelled alertmanager', seen) };
  return firstThatAnswers(candidates, async (service) => {
    const port = webPort(service, ['web', 'http-web', 'http', 'https'], 9093);
    if (port === null) return null;
    const more = async () => prefixesInFlags(await flagsBehind(client, service));
    return reach(serviceRoad(client, port), (road) => alertmanagerStatus(road, signal), more, signal);
  });
}

/** A Grafana among the cluster's Services that answers. */
export async function findGrafana(client: KubeClient, seen: SeenServices, signal?: AbortSignal): Promise<Found<Road>> {
  const candidates = ranked(seen.services, grafanaRank);
  if (candidates.length === 0) return { status: 'none', why: nothing('Grafana', 'services named or labelled grafana', seen) };
  return firstThatAnswers(candidates, async (service) => {
    const port = webPort(service, ['http-web', 'service', 'web', 'http', 'grafana', 'https'], 3000);
    return port === null
      ? null
      : reach(
          serviceRoad(client, port),
          (road) => grafanaHealth(road, signal),
          async () => [],
          signal,
        );
  });
}

/** A Prometheus that still reads its log answers 503 to everything: that it is there is known all the same. */
export async function reach(road: Road, works: (road: Road) => Promise<unknown>, more: () => Promise<readonly string[]>, signal?: AbortSignal): Promise<Road> {
  try {
    return await withRoutePrefix(road, works, more, signal);
  } catch (error) {
    if (error instanceof MonitoringError && error.kind === 'starting') return road;
    throw error;
  }
}

async function firstThatAnswers<T>(candidates: readonly Service[], open: (service: Service) => Promise<T | null>): Promise<Found<T>> {
  let silent: Extract<Found<T>, { status: 'silent' | 'denied' }> | null = null;
  for (const service of candidates.slice(0, mostTries)) {
    const foundBy = `service ${service.namespace}/${service.name}`;
    try {
      const value = await open(service);
      if (value !== null) return { status: 'found', foundBy, value, others: [] };
    } catch (error) {
      if (!(error instanceof MonitoringError)) throw error;
      silent ??= error.kind === 'denied-proxy' ? { status: 'denied' } : { status: 'silent', foundBy, why: error.message };
    }
  }
  const [first] = candidates;
  return silent ?? { status: 'silent', foundBy: `service ${first?.namespace}/${first?.name}`, why: `service ${first?.namespace}/${first?.name} has no ports` };
}

function ranked(services: readonly Service[], rank: (service: Service) => number | null): readonly Service[] {
  return services
    .flatMap((service) => {
      const place = rank(service);
      return place === null ? [] : [{ service, place }];
    })
    .sort((a, b) => a.place - b.place)
    .map(({ service }) => service);
}

/** Lower is better; null for what is no Prometheus. The operator's own Service comes first, what only aggregates comes last. */
function prometheusRank(service: Service): number | null {
  const { name, labels } = service;
  const app = labels.get('app.kubernetes.io/name') ?? '';
  const component = labels.get('app.kubernetes.io/component') ?? labels.get('component') ?? '';
  if (companion.test(name) || companion.test(component) || companion.test(app)) return null;
  if (name === 'prometheus-operated' || labels.get('operated-prometheus') === 'true') return 0;
  if (labels.get('app') === 'kube-prometheus-stack-prometheus' || /kube-prometheus(?:-stack)?-prometheus$/.test(name)) return 1;
  if (name === 'prometheus-k8s') return 2;
  if (name === 'prometheus-server' || name.endsWith('-prometheus-server')) return 3;
  if (app === 'prometheus' || labels.get('app') === 'prometheus' || labels.get('k8s-app') === 'prometheus') return 4;
  if (name === 'prometheus' || name === 'prometheus-service') return 5;
  if (/(?:^|-)(?:vmsingle|vmselect|victoria-metrics(?:-single)?(?:-server)?)(?:-|$)/.test(`${name}`) || /^(?:vmsingle|vmselect)$/.test(app)) return 6;
  if (/thanos-query(?:-frontend)?$/.test(name) || /^(?:thanos-query|query)$/.test(app)) return 7;
  return /mimir-(?:nginx|gateway|query-frontend)$/.test(name) ? 8 : null;
}

function prometheusPort(service: Service): ServicePort | null {
  return webPort(service, ['web', 'http-web', 'http', 'http-metrics', 'https', 'query', 'vmselect'], 9090);
}

/** Of a Service that cannot be looked at only what was chosen is known. */
function chosenPort(service: Service, chosen: ChosenService): ServicePort | null {
  const usual = prometheusPort(service);
  if (chosen.port === null) return usual ?? { namespace: chosen.namespace, name: chosen.name, port: 9090, scheme: 'http' };
  const known = service.ports.find(({ name, port }) => name === chosen.port || String(port) === chosen.port);
  const scheme = chosen.port === 'https' || chosen.port === '443' || known?.name === 'https' || /^https$/i.test(known?.appProtocol ?? '') ? 'https' : 'http';
  return { namespace: chosen.namespace, name: chosen.name, port: chosen.port, scheme };
}

function alertmanagerRank(service: Service): number | null {
  const { name, labels } = service;
  if (/operator$|webhook|exporter|discovery/.test(name)) return null;
  if (name === 'alertmanager-operated' || labels.get('operated-alertmanager') === 'true') return 0;
  if (labels.get('app.kubernetes.io/name') === 'alertmanager') return 1;
  if (labels.get('app') === 'alertmanager' || /^kube-prometheus-stack-alertmanager$/.test(labels.get('app') ?? '')) return 2;
  return /(?:^|-)alertmanager$/.test(name) ? 3 : null;
}

/** Parts of a monitoring stack that carry its name but are not it. */
const companion =
  /alertmanager|node-exporter|pushgateway|operator$|adapter|kube-state|blackbox|webhook|exporter|thanos-(?:discovery|sidecar|ruler|store)|vminsert|vmstorage|vmagent|vmalert/;

function grafanaRank(service: Service): number | null {
  const { name, labels } = service;
  if (/operator|agent|alloy|renderer|loki|tempo|mimir|alerting|headless/.test(name)) return null;
  if (labels.get('app.kubernetes.io/name') === 'grafana') return 0;
  if (labels.get('app') === 'grafana' || labels.get('k8s-app') === 'grafana') return 1;
  return /(?:^|-)grafana(?:-service)?$/.test(name) ? 2 : null;
}

function nothing(what: string, lookedFor: string, seen: SeenServices): string {
  if (seen.denied) return `no ${what} found: not allowed to list services ${seen.where}`;
  return `no ${what} found: looked for ${lookedFor} ${seen.where} (${seen.services.length} services)`;
}

const mostTries = 6;
