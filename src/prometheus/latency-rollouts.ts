import type { KubeClient } from '../kube/client.js';
import { at, list, text as textOf, time } from '../kube/json.js';
import { KubeError } from '../kube/kube-error.js';
import type { LatencyHistory } from '../state/latency.js';
import type { BesideOptions } from './latency-gpus.js';
import { text } from './latency-labels.js';
import { workloadOf } from './latency-rows.js';
import { MonitoringError } from './monitoring-error.js';

export interface Rollouts {
  readonly rollouts: LatencyHistory['rollouts'];
  readonly notes: readonly string[];
}

/**
 * When a service was rolled out within the range: as the ReplicaSets of its Deployment (or the revisions of its StatefulSet or DaemonSet) say, else as kube-state-metrics saw them; and when its replicas were scaled. Times are by
 * Prometheus' clock for charts beside its series. Rejects only when it is no longer wanted.
 */
export async function rolloutsOf(options: BesideOptions & { readonly kube: KubeClient }): Promise<Rollouts> {
  const { service, snapshot, signal, range } = options;
  const workload = workloadOf(snapshot, service.namespace, service.name);
  if (workload === null) return { rollouts: [], notes: ['no workload was found for it: rollouts are not known'] };
  const { kind, namespace, name } = workload;
  const found = await revisions(options, kind, namespace, name).catch(async (error: unknown) => {
    if (signal.aborted) throw error;
    return kind === 'Deployment' ? createdReplicaSets(options, namespace, name) : null;
  });
  const scaled = kind === 'Deployment' ? await scalings(options, namespace, name) : [];
  const within = [...(found ?? []), ...scaled].filter((rollout) => rollout.at >= range.startAt && rollout.at <= range.endAt);
  return {
    rollouts: within.sort((a, b) => a.at - b.at),
    notes: found === null ? [`not allowed to list the revisions of ${kind} ${namespace}/${name}, and no kube-state-metrics tells of them`] : [],
  };
}

/** Each ReplicaSet or ControllerRevision is one rollout, made when it began. */
async function revisions(
  { kube, client, signal }: Pick<BesideOptions, 'client' | 'signal'> & { kube: KubeClient },
  kind: string,
  namespace: string,
  name: string,
): Promise<Rollouts['rollouts']> {
  const resource = kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
  const [{ body }, skewMs] = await Promise.all([
    kube.request(`/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`, { signal, query: { limit: 500 } }),
    client.clock(signal).then((clock) => clock?.skewMs ?? 0),
  ]);
  return list(at(body, 'items')).flatMap((item) => {
    const owners = list(at(item, 'metadata', 'ownerReferences'));
    const createdAt = time(at(item, 'metadata', 'creationTimestamp'));
    if (createdAt === null || !owners.some((owner) => at(owner, 'kind') === kind && at(owner, 'name') === name)) return [];
    const revision = textOf(at(item, 'metadata', 'annotations', 'deployment.kubernetes.io/revision')) ?? revisionNumber(at(item, 'revision'));
    const images = list(at(item, 'spec', 'template', 'spec', 'containers')).flatMap((container) => textOf(at(container, 'image'), 200) ?? []);
    return [{ at: createdAt + skewMs, text: [revision === null ? 'rollout' : `revision ${revision}`, ...images.slice(0, 1).map(shortImage)].join(': ') }];
  });
}

/** What kube-state-metrics says of them; null where it says nothing. */
async function createdReplicaSets({ client, range, signal, limit }: BesideOptions, namespace: string, name: string): Promise<Rollouts['rollouts'] | null> {
  const names = `${name.replaceAll('.', '[.]')}-[bcdfghjklmnpqrstvwxz0-9]+`;
  const ways = ['', 'exported_'].map((prefix) => `kube_replicaset_created{${prefix}namespace=${text(namespace)},${prefix}replicaset=~${text(names)}}`);
  const span = `[${Math.round((range.endAt - range.startAt) / 1000) + 300}s]`;
  const expr = ways.map((way) => `last_over_time(${way}${span})`).join(' or ');
  const found = await softly(
    limit(() => client.query(expr, { at: range.endAt, signal }), signal),
    signal,
  );
  return found === null || found.value.length === 0
    ? null
    : found.value.flatMap(({ value }) => (value === null ? [] : [{ at: value * 1000, text: 'rollout' }]));
}

/** How many replicas were wanted, each time that this changed. */
async function scalings({ client, range, signal, limit }: BesideOptions, namespace: string, name: string): Promise<Rollouts['rollouts']> {
  const ways = ['', 'exported_'].map((prefix) => `kube_deployment_spec_replicas{${prefix}namespace=${text(namespace)},${prefix}deployment=${text(name)}}`);
  const found = await softly(
    limit(() => client.queryRange(`max(${ways.join(' or ')})`, range, { signal }), signal),
    signal,
  );
  const series = found?.value[0]?.series;
  if (series === undefined) return [];
  let before: number | null = null;
  return series.values.flatMap((value, index) => {
    const [was, is] = [before, value];
    before = value ?? before;
    return was === null || is === null || was === is ? [] : [{ at: series.startAt + index * series.stepMs, text: `${was} → ${is} replicas` }];
  });
}

async function softly<T>(asked: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (signal.aborted || !(error instanceof MonitoringError || error instanceof KubeError)) throw error;
    return null;
  }
}

function revisionNumber(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : null;
}

/** Without registry and folders; of a digest only its beginning. */
function shortImage(image: string): string {
  return (image.split('/').at(-1) ?? image).replace(/@sha256:([0-9a-f]{12})[0-9a-f]*/, '@$1');
}
