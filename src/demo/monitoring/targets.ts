import { cadvisorFamilies } from './exporters/cadvisor.js';
import { dcgmFamilies } from './exporters/dcgm-exporter.js';
import type { Family } from './exporters/family.js';
import { inferenceFamilies } from './exporters/inference.js';
import { kubeStateFamilies } from './exporters/kube-state-metrics.js';
import { kubeletFamilies } from './exporters/kubelet.js';
import { nodeExporterFamilies } from './exporters/node-exporter.js';
import { alertmanagerFamilies, apiServerFamilies, coreDnsFamilies, grafanaFamilies, prometheusFamilies } from './exporters/services.js';
import type { ClusterModel } from './model/cluster-model.js';
import { unit } from './model/hash.js';
import type { NodeRecord } from './model/node-record.js';
import type { PodRecord } from './model/pod-record.js';
import { appOfServer, servicesOf } from './model/service-model.js';

/** Something that Prometheus scrapes. Jobs and labels are those of the usual plain scrape configuration for such a cluster. */
export interface Target {
  readonly job: string;
  readonly instance: string;
  /** All labels put on its series, job and instance among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly path: string;
  readonly node: NodeRecord | null;
  readonly pod: PodRecord | null;
  /** Scraped from then on (seconds), until then; a pod's series do not outlive it. */
  readonly from: number;
  readonly until: number;
  /** Where in each interval its scrape falls, seconds. */
  readonly offset: number;
  readonly families: () => readonly Family[];
}

export const scrapeInterval = 15;

/** When a target was scraped last, at or before a moment (seconds). */
export function lastScrape({ offset }: Target, time: number): number {
  return time - ((((time - offset) % scrapeInterval) + scrapeInterval) % scrapeInterval);
}

/** Every target there is, those of remembered inference pods among them. Derived anew when the cluster has changed. */
export function targetsOf(model: ClusterModel): readonly Target[] {
  const cached = derived.get(model);
  if (cached?.version === model.version) return cached.targets;
  const targets = discover(model);
  derived.set(model, { version: model.version, targets });
  return targets;
}

const derived = new WeakMap<ClusterModel, { version: number; targets: readonly Target[] }>();

function discover(model: ClusterModel): Target[] {
  const targets: Target[] = [target('prometheus', 'localhost:9090', { families: prometheusFamilies })];
  const controlPlanes = new Set<string>();
  const exporters = { node: new Map<string, PodRecord>(), gpu: new Map<string, PodRecord>() };
  const others: Target[] = [];
  for (const pod of model.pods()) {
    const kind = kindOf(pod);
    if (kind === null || pod.node === null || pod.held.at(-1)?.to !== Number.POSITIVE_INFINITY) continue;
    if (kind === 'node-exporter') exporters.node.set(pod.node, newer(exporters.node.get(pod.node), pod));
    else if (kind === 'dcgm-exporter') exporters.gpu.set(pod.node, newer(exporters.gpu.get(pod.node), pod));
    else if (kind === 'apiserver') controlPlanes.add(pod.node);
    else others.push(podTarget(model, kind, pod));
  }
  for (const node of [...model.nodes()].sort((a, b) => (a.name < b.name ? -1 : 1))) targets.push(...nodeTargets(model, node, exporters, controlPlanes));
  targets.push(...others.sort((a, b) => (`${a.job} ${a.instance}` < `${b.job} ${b.instance}` ? -1 : 1)));
  targets.push(...inferenceTargets(model));
  return targets;
}

function nodeTargets(
  model: ClusterModel,
  node: NodeRecord,
  exporters: { node: ReadonlyMap<string, PodRecord>; gpu: ReadonlyMap<string, PodRecord> },
  controlPlanes: ReadonlySet<string>,
): Target[] {
  const on = (job: string, port: number, rest: Partial<Target> & Pick<Target, 'families'>): Target =>
    target(job, `${node.name}:${port}`, { address: `${node.address}:${port}`, node, labels: { node: node.name }, ...rest });
  const targets = [
    on('kubelet', 10_250, { scheme: 'https', families: () => kubeletFamilies(model, node) }),
    on('kubelet-cadvisor', 10_250, { scheme: 'https', path: '/metrics/cadvisor', families: () => cadvisorFamilies(model, node) }),
  ];
  const nodeExporter = exporters.node.get(node.name);
  if (nodeExporter !== undefined) targets.push(on('node-exporter', 9100, { pod: nodeExporter, families: () => nodeExporterFamilies(model, node) }));
  const gpuExporter = exporters.gpu.get(node.name);
  if (gpuExporter !== undefined) {
    const address = `${gpuExporter.podIp || node.address}:9400`;
    targets.push(on('dcgm-exporter', 9400, { address, pod: gpuExporter, families: () => dcgmFamilies(model, node) }));
  }
  if (controlPlanes.has(node.name)) targets.push(on('apiserver', 6443, { scheme: 'https', labels: {}, families: () => apiServerFamilies(model) }));
  return targets;
}

/** A service of which one pod is as good as another: its series go on when the pod is replaced. */
function podTarget(model: ClusterModel, kind: Exclude<Kind, 'node-exporter' | 'dcgm-exporter' | 'apiserver'>, pod: PodRecord): Target {
  const node = model.node(pod.node ?? '');
  const port = { 'kube-state-metrics': 8080, coredns: 9153, grafana: 3000, alertmanager: 9093 }[kind];
  const address = `${pod.podIp || (node?.address ?? pod.name)}:${port}`;
  const labels = { namespace: pod.namespace, pod: pod.name };
  switch (kind) {
    case 'kube-state-metrics':
      // honor_labels: what it tells is about other objects, whose labels stay as they are.
      return target(kind, `${kind}:${port}`, { address, node, pod, families: () => kubeStateFamilies(model) });
    case 'coredns':
      return target(kind, address, { address, node, pod, labels, from: startOf(pod), families: () => coreDnsFamilies(pod.name) });
    case 'grafana':
      return target(kind, `${kind}:${port}`, { address, node, pod, families: grafanaFamilies });
    case 'alertmanager':
      return target(kind, `${kind}:${port}`, { address, node, pod, families: alertmanagerFamilies });
  }
}

function inferenceTargets(model: ClusterModel): Target[] {
  const targets: Target[] = [];
  for (const pod of model.podsEver()) {
    const app = appOfServer(pod);
    const service = app === null ? undefined : servicesOf(model).get(app);
    const span = pod.running.at(-1);
    if (app === null || service === undefined || span === undefined || pod.node === null) continue;
    const address = `${pod.podIp || pod.name}:${pod.annotations['prometheus.io/port'] ?? 8000}`;
    const labels = { app, namespace: pod.namespace, pod: pod.name };
    const families = () => inferenceFamilies(service, pod);
    targets.push(
      target('inference', address, { address, node: model.node(pod.node), pod, labels, from: pod.running[0]?.from ?? span.from, until: span.to, families }),
    );
  }
  return targets.sort((a, b) => ((a.pod?.name ?? '') < (b.pod?.name ?? '') ? -1 : 1));
}

function target(job: string, instance: string, given: Partial<Target> & Pick<Target, 'families'>): Target {
  return {
    job,
    instance,
    scheme: 'http',
    address: instance,
    path: '/metrics',
    node: null,
    pod: null,
    from: Number.NEGATIVE_INFINITY,
    until: Number.POSITIVE_INFINITY,
    offset: scrapeInterval * unit(`${job}/${instance}`),
    ...given,
    labels: { ...given.labels, job, instance },
  };
}

type Kind = 'node-exporter' | 'dcgm-exporter' | 'apiserver' | 'kube-state-metrics' | 'coredns' | 'grafana' | 'alertmanager';

const kinds: readonly (readonly [Kind, RegExp])[] = [
  ['node-exporter', /node-exporter/],
  ['dcgm-exporter', /dcgm-exporter/],
  ['apiserver', /kube-apiserver/],
  ['kube-state-metrics', /kube-state-metrics/],
  ['coredns', /^(?:kube-dns|coredns)/],
  ['grafana', /^grafana/],
  ['alertmanager', /^alertmanager/],
];

/** Which exporter runs in a pod, by the labels that charts and manifests put there. */
function kindOf(pod: PodRecord): Kind | null {
  const app = pod.labels['app.kubernetes.io/name'] ?? pod.labels['k8s-app'] ?? pod.labels['app'] ?? pod.labels['component'] ?? pod.name;
  return kinds.find(([, pattern]) => pattern.test(app))?.[0] ?? null;
}

/** While a DaemonSet's pod is replaced there are two; the one that came last is scraped. */
function newer(known: PodRecord | undefined, pod: PodRecord): PodRecord {
  return known !== undefined && startOf(known) > startOf(pod) ? known : pod;
}

function startOf(pod: PodRecord): number {
  return pod.held.at(-1)?.from ?? Number.NEGATIVE_INFINITY;
}
