import type { KubeClient } from '../kube/client.js';
import { eachAtOnce } from '../kube/each-at-once.js';
import { KubeError } from '../kube/kube-error.js';
import type { Pod } from '../state/pods.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { type MetricsPlace, metricsPlace } from './pod-metrics-place.js';

/** A pod whose own page of metrics is worth reading. */
export interface PodTarget {
  readonly pod: Pod;
  /** Of the Deployment, StatefulSet, …, else of the pod itself. */
  readonly workload: string;
  /** Below the pod's proxy path: `/api/v1/namespaces/ai/pods/resnet50-x:8000/proxy/metrics`. */
  readonly path: string;
}

/** Finds the ready pods that serve models and measure themselves. One pod of each workload is read to learn its ports and annotations, and again when that pod is gone. */
export interface PodFinder {
  /** At most `mostPods`, of every workload some. `covered` are workloads (`namespace/name`) that are read elsewhere. `alone`: no Prometheus knows better, so every workload is looked at. Rejects with KubeError where no pod may be read. */
  find(
    snapshot: ClusterSnapshot,
    options: { readonly covered: ReadonlySet<string>; readonly alone: boolean },
    signal: AbortSignal,
  ): Promise<readonly PodTarget[]>;
}

/** Pods that are read at a time. */
export const mostPods = 20;

export function createPodFinder(client: KubeClient): PodFinder {
  const known = new Map<string, { readonly uid: string; readonly place: MetricsPlace | null }>();

  async function placeOf(workload: Workload, signal: AbortSignal): Promise<MetricsPlace | null> {
    const [pod] = workload.pods;
    const kept = known.get(workload.id);
    if (pod === undefined || (kept !== undefined && workload.pods.some(({ uid }) => uid === kept.uid))) return kept?.place ?? null;
    try {
      const { body } = await client.request(`/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}`, {
        signal,
        timeoutMs: 5_000,
      });
      const place = metricsPlace(body, workload.serves);
      known.set(workload.id, { uid: pod.uid, place });
      return place;
    } catch (caught) {
      const error = KubeError.from(caught);
      // It has gone meanwhile: the next look finds another one.
      if (error.kind === 'not-found') return null;
      throw error;
    }
  }

  return {
    async find(snapshot, { covered, alone }, signal) {
      const workloads = workloadsIn(snapshot).filter(({ id, serves }) => !covered.has(id) && (serves || alone));
      const looked = workloads.slice(0, mostWorkloads);
      const places = await eachAtOnce(looked, 4, (workload) => placeOf(workload, signal));
      const ids = new Set(workloads.map(({ id }) => id));
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
      return shared(looked.map(({ name, pods }, index) => pods.flatMap((pod) => targetOf(pod, name, places[index] ?? null))));
    },
  };
}

interface Workload {
  readonly id: string;
  readonly name: string;
  /** Whether it looks like a model server. */
  readonly serves: boolean;
  readonly pods: readonly Pod[];
}

function workloadsIn({ pods, deployments, statefulSets }: ClusterSnapshot): readonly Workload[] {
  const groups = new Map<string, { readonly name: string; readonly pods: Pod[] }>();
  for (const pod of pods.value?.values() ?? []) {
    if (pod.ready?.status !== 'True' || pod.deletedAt !== null || pod.mirror) continue;
    const name = workloadOfPod(pod);
    const id = `${pod.namespace}/${name}`;
    const group = groups.get(id) ?? { name, pods: [] };
    group.pods.push(pod);
    groups.set(id, group);
  }
  const workloads = [...groups].flatMap(([id, { name, pods: own }]): readonly Workload[] => {
    const [first] = own;
    if (first === undefined) return [];
    const isSystem = systemNamespaces.test(first.namespace);
    const images = (deployments.value?.get(id) ?? statefulSets.value?.get(id))?.images ?? [];
    const serves =
      first.deviceRequests !== null || images.some((image) => serverImages.test(image)) || (!isSystem && serverNames.test(`${name} ${first.app ?? ''}`));
    return isSystem && first.deviceRequests === null ? [] : [{ id, name, serves, pods: own.sort((a, b) => (a.name < b.name ? -1 : 1)) }];
  });
  return workloads.sort((a, b) => Number(b.serves) - Number(a.serves) || (a.id < b.id ? -1 : 1));
}

/** The Deployment behind a pod's ReplicaSet, else its owner, else the pod itself. */
export function workloadOfPod({ name, owner }: Pod): string {
  if (owner === null) return name;
  return owner.kind === 'ReplicaSet' ? owner.name.replace(/-[a-z0-9]+$/, '') : owner.name;
}

function targetOf(pod: Pod, workload: string, place: MetricsPlace | null): readonly PodTarget[] {
  if (place === null) return [];
  const scheme = place.scheme === 'https' ? 'https:' : '';
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${scheme}${encodeURIComponent(pod.name)}:${place.port}/proxy${place.path}`;
  return [{ pod, workload, path }];
}

/** Of each list the first, then of each the second, and so on until there are enough. */
function shared(lists: readonly (readonly PodTarget[])[]): readonly PodTarget[] {
  const chosen: PodTarget[] = [];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let place = 0; place < longest && chosen.length < mostPods; place++) {
    for (const list of lists) {
      const target = list[place];
      if (target !== undefined && chosen.length < mostPods) chosen.push(target);
    }
  }
  return chosen;
}

/** More than this many workloads are not opened to see whether they measure themselves. */
const mostWorkloads = 60;
const systemNamespaces = /^(?:kube-.*|.*-system|gpu-operator|monitoring|prometheus|observability|calico-.*|tigera-.*|cert-manager|ingress-nginx)$/;
const serverImages = /vllm|tritonserver|text-generation-inference|torchserve|kserve|sglang|tensorrt|inference/i;
const serverNames = /infer|serving|predict|llm|triton|tgi|torchserve|model|whisper|bert|resnet|embed|chat|llama|mistral|qwen/i;
