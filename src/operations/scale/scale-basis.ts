import { at, list, number, text, textMap } from '../../kube/json.js';
import { KubeError } from '../../kube/kube-error.js';
import { selects } from '../../kube/label-selector.js';
import { listPages } from '../../kube/list-pages.js';
import { type PlacementNode, placementNode } from '../../kube/placement-node.js';
import { isDefaultScheduler, type PlacementPod, type PlacementRules, placementPod, placementRules } from '../../kube/placement-pod.js';
import { resources } from '../../kube/resources.js';
import type { Quantities } from '../../state/quantities.js';
import type { Autoscaler, ScaleTarget } from '../../state/scaling.js';
import { readObject, readObjects, uidOf } from '../cluster-reading.js';
import { Blocked } from '../fix.js';
import type { World } from '../operation.js';
import { autoscalersOf } from './autoscalers.js';
import { type ClaimRules, readClaims } from './claim-rules.js';
import { limitRefusal, withLimitDefaults } from './limit-range.js';
import { quotaUse } from './quota-ledger.js';
import { type ScalablePlace, scalablePlace } from './scalable.js';

/** What a forecast is made of, all read at one moment. */
export interface ScaleBasis {
  readonly at: number;
  /** null where they cannot be seen; `unseen` says why. */
  readonly nodes: readonly PlacementNode[] | null;
  readonly pods: readonly PlacementPod[] | null;
  readonly unseen: string | null;
  /** ResourceQuotas by namespace. */
  readonly quotas: ReadonlyMap<string, readonly unknown[]>;
  readonly workloads: readonly WorkloadBasis[];
}

export interface WorkloadBasis {
  readonly target: ScaleTarget;
  readonly place: ScalablePlace;
  readonly object: unknown;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number | null;
  /** spec.replicas of its Scale. */
  readonly replicas: number;
  /** status.selector of its Scale, as a query has it. */
  readonly selector: string;
  /** Its pods that have not ended. */
  readonly pods: readonly PlacementPod[];
  /** How a new pod would be; null where nothing shows it. */
  readonly template: PodShape | null;
  /** A StatefulSet that makes no pod before the one before is ready. */
  readonly ordered: boolean;
  readonly firstOrdinal: number;
  readonly autoscalers: readonly Autoscaler[];
  /** PodDisruptionBudgets that select its pods. */
  readonly budgets: readonly unknown[];
  /** What could not be looked at. */
  readonly unseen: readonly string[];
}

export interface PodShape {
  readonly rules: PlacementRules;
  readonly spec: unknown;
  readonly labels: ReadonlyMap<string, string>;
  readonly quotaUse: Quantities;
  /** Why admission refuses such a pod, by the LimitRanges of its namespace. */
  readonly refused: string | null;
  /** Why the scheduler's rules cannot say anything about it. */
  readonly unknown: string | null;
  readonly images: readonly string[];
  readonly claims: ClaimRules;
}

/** Reads all that it takes to foretell the scaling of these workloads. Throws Blocked for one that is not there, KubeError where the workload itself cannot be read. */
export async function readScaleBasis(world: World, targets: readonly ScaleTarget[]): Promise<ScaleBasis> {
  const places = await Promise.all(targets.map(({ kind, namespace, name }) => scalablePlace(world, kind, namespace, name)));
  const [nodes, pods] = await Promise.all([seen(() => readNodes(world)), seen(() => readPods(world))]);
  const namespaces = [...new Set(places.map(({ namespace }) => namespace))];
  const quotas = await Promise.all(
    namespaces.map(async (namespace) => [namespace, await seen(() => readObjects(world, inNamespace(namespace, 'resourcequotas')))] as const),
  );
  const workloads = await Promise.all(places.map((place) => readWorkload(world, place, pods.value)));
  const unseen = [nodes.why, pods.why].flatMap((why) => why ?? []);
  return {
    at: Date.now(),
    nodes: nodes.value,
    pods: pods.value,
    unseen: unseen.length === 0 ? null : unseen.join('; '),
    quotas: new Map(quotas.map(([namespace, { value }]) => [namespace, value ?? []])),
    workloads: workloads.map((workload) => {
      const why = quotas.find(([namespace]) => namespace === workload.place.namespace)?.[1].why ?? null;
      return why === null ? workload : { ...workload, unseen: [...workload.unseen, `quotas: ${why}`] };
    }),
  };
}

async function readWorkload(world: World, place: ScalablePlace, all: readonly PlacementPod[] | null): Promise<WorkloadBasis> {
  const [object, scale] = await Promise.all([readObject(world, place.path), readObject(world, place.scalePath)]);
  if (object === null || scale === null) throw new Blocked(`there is no ${place.words}`);
  const { namespace } = place;
  const selector = text(at(scale, 'status', 'selector'), 4096) ?? '';
  const [own, limits, hpas, scaled, budgets] = await Promise.all([
    seen(() => (selector === '' ? Promise.resolve([]) : readObjects(world, inNamespace(namespace, 'pods'), { labelSelector: selector }))),
    seen(() => readObjects(world, inNamespace(namespace, 'limitranges'))),
    seen(() => readObjects(world, `/apis/autoscaling/v2/namespaces/${encodeURIComponent(namespace)}/horizontalpodautoscalers`)),
    seen(() => readObjects(world, `/apis/keda.sh/v1alpha1/namespaces/${encodeURIComponent(namespace)}/scaledobjects`)),
    seen(() => readObjects(world, `/apis/policy/v1/namespaces/${encodeURIComponent(namespace)}/poddisruptionbudgets`)),
  ]);
  const uids = await controllers(world, place, object, selector);
  const mine = (own.value ?? []).filter((pod) => uids === null || uids.all.has(controllerOf(pod)));
  const model = newest(mine.filter((pod) => uids === null || uids.newest === null || controllerOf(pod) === uids.newest));
  const names = new Set(mine.map((pod) => uidOf(pod)));
  const template = await shapeOf(world, place, object, model, limits.value ?? []);
  return {
    target: { kind: place.kind, namespace, name: place.name },
    place,
    object,
    uid: uidOf(scale),
    resourceVersion: text(at(scale, 'metadata', 'resourceVersion')) ?? '',
    generation: number(at(object, 'metadata', 'generation')),
    replicas: number(at(scale, 'spec', 'replicas')) ?? 0,
    selector,
    pods: all === null ? mine.flatMap((pod) => placementPod(pod) ?? []) : all.filter(({ uid }) => names.has(uid)),
    template,
    ordered: place.kind === 'StatefulSet' && at(object, 'spec', 'podManagementPolicy') !== 'Parallel',
    firstOrdinal: number(at(object, 'spec', 'ordinals', 'start')) ?? 0,
    autoscalers: autoscalersOf(place, hpas.value ?? [], scaled.value ?? []),
    budgets: (budgets.value ?? []).filter((budget) => template !== null && selects(at(budget, 'spec', 'selector'), template.labels)),
    unseen: [
      ['its pods', own.why],
      ['limit ranges', limits.why],
      ['whether an autoscaler undoes it', hpas.why],
      ['disruption budgets', budgets.why],
    ].flatMap(([what, why]) => (why === null ? [] : [`${what}: ${why}`])),
  };
}

/** UIDs of what owns the workload's pods: itself, or a Deployment's ReplicaSets with the newest of them; null where that is not known for such a kind. */
async function controllers(world: World, { kind, namespace }: ScalablePlace, object: unknown, labelSelector: string) {
  const uid = uidOf(object);
  if (['StatefulSet', 'ReplicaSet', 'ReplicationController'].includes(kind)) return { all: new Set([uid]), newest: uid };
  if (kind !== 'Deployment') return null;
  const sets = await seen(() => readObjects(world, `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/replicasets`, { labelSelector }));
  if (sets.value === null) return null;
  const own = sets.value.filter((set) => controllerOf(set) === uid);
  const revision = (set: unknown) => Number(text(at(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision')) ?? 0);
  const [last] = [...own].sort((a, b) => revision(b) - revision(a));
  return { all: new Set(own.map(uidOf)), newest: last === undefined ? null : uidOf(last) };
}

/**
 * A pod of the newest kind as admission left it, where one is there: it has all that webhooks put into it. Else the template with what Kubernetes' own admission
 * is known to add.
 */
async function shapeOf(world: World, place: ScalablePlace, object: unknown, model: unknown, limits: readonly unknown[]): Promise<PodShape | null> {
  const template = at(object, 'spec', 'template');
  const source = model ?? template;
  if (at(source, 'spec', 'containers') === undefined) return null;
  const spec = model === undefined ? withLimitDefaults(await admitted(world, at(template, 'spec')), limits) : at(model, 'spec');
  const labels = textMap(at(source, 'metadata', 'labels'));
  const claimed = list(at(spec, 'resourceClaims')).length > 0;
  return {
    rules: placementRules(place.namespace, labels, spec),
    spec,
    labels,
    quotaUse: quotaUse(spec),
    refused: limitRefusal(spec, limits),
    unknown: claimed
      ? 'its pods ask for devices by resource claims (DRA), which are not looked at here'
      : isDefaultScheduler(spec)
        ? null
        : `its pods are placed by the scheduler ${text(at(spec, 'schedulerName')) ?? ''}, whose rules are not known here`,
    images: [...list(at(spec, 'initContainers')), ...list(at(spec, 'containers'))].flatMap((container) => text(at(container, 'image')) ?? []),
    claims: await readClaims(world, place, object, spec),
  };
}

/** RuntimeClass (overhead, node selector, tolerations), PriorityClass and DefaultTolerationSeconds. */
async function admitted(world: World, spec: unknown): Promise<unknown> {
  const runtimeName = text(at(spec, 'runtimeClassName'));
  const priorityName = text(at(spec, 'priorityClassName'));
  const [runtime, priority] = await Promise.all([
    runtimeName === null ? null : seen(() => readObject(world, `/apis/node.k8s.io/v1/runtimeclasses/${encodeURIComponent(runtimeName)}`)),
    priorityName === null ? null : seen(() => readObject(world, `/apis/scheduling.k8s.io/v1/priorityclasses/${encodeURIComponent(priorityName)}`)),
  ]);
  const eviction = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute' }));
  const scheduling = at(runtime?.value, 'scheduling');
  const overhead = at(runtime?.value, 'overhead', 'podFixed');
  const selector = { ...record(at(scheduling, 'nodeSelector')), ...record(at(spec, 'nodeSelector')) };
  return {
    ...record(spec),
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    tolerations: [...list(at(spec, 'tolerations')), ...list(at(scheduling, 'tolerations')), ...eviction],
    ...(overhead === undefined ? {} : { overhead }),
    ...(priority === null ? {} : { priority: number(at(priority.value, 'value')) ?? 0 }),
  };
}

async function readNodes(world: World): Promise<readonly PlacementNode[]> {
  return (await readObjects(world, resources.nodes.path)).flatMap((node) => placementNode(node) ?? []);
}

async function readPods(world: World): Promise<readonly PlacementPod[]> {
  let pods: PlacementPod[] = [];
  await listPages(world.client, resources.pods, {
    pageSize: 500,
    signal: new AbortController().signal,
    item: (object) => {
      const pod = placementPod(object);
      if (pod !== null) pods.push(pod);
    },
    restart: () => {
      pods = [];
    },
  });
  return pods;
}

function newest(pods: readonly unknown[]): unknown {
  const created = (pod: unknown) => text(at(pod, 'metadata', 'creationTimestamp')) ?? '';
  const living = pods.filter(
    (pod) => !['Failed', 'Succeeded'].includes(text(at(pod, 'status', 'phase')) ?? '') && at(pod, 'metadata', 'deletionTimestamp') === undefined,
  );
  return living.reduce<unknown>((last, pod) => (last === undefined || created(pod) > created(last) ? pod : last), undefined);
}

function controllerOf(object: unknown): string {
  return (
    text(
      at(
        list(at(object, 'metadata', 'ownerReferences')).find((owner) => at(owner, 'controller') === true),
        'uid',
      ),
    ) ?? ''
  );
}

function inNamespace(namespace: string, plural: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** What is not there is none; what may not be looked at has a reason. Trouble on the way to the server is not hidden. */
async function seen<T>(read: () => Promise<T>): Promise<{ readonly value: T | null; readonly why: string | null }> {
  try {
    return { value: await read(), why: null };
  } catch (error) {
    if (!(error instanceof KubeError) || (error.kind !== 'forbidden' && error.kind !== 'not-found')) throw error;
    return { value: null, why: error.kind === 'forbidden' ? error.message : null };
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}
