import { at, isObject, list, number, text } from '../../kube/json.js';
import type { Autoscaler } from '../../state/scaling.js';
import { counted } from '../../text/wording.js';
import { type Change, patchChange } from '../steps.js';
import type { ScalablePlace } from './scalable.js';

/** The autoscalers of a workload among the HorizontalPodAutoscalers (autoscaling/v2) and KEDA's ScaledObjects (keda.sh/v1alpha1) of its namespace. */
export function autoscalersOf(place: ScalablePlace, pods: readonly unknown[], scaledObjects: readonly unknown[]): readonly Autoscaler[] {
  const keda = scaledObjects.filter((object) => isFor(object, place)).map((object) => scaledObject(object, place.namespace));
  // The HPA that KEDA makes is KEDA's: changing it is of no use.
  const plain = pods.filter(
    (object) => isFor(object, place) && !list(at(object, 'metadata', 'ownerReferences')).some((owner) => at(owner, 'kind') === 'ScaledObject'),
  );
  return [...plain.map((object) => horizontal(object, place.namespace)), ...keda];
}

/** What an autoscaler makes of a number of replicas; null where it lets it be. */
export function autoscalerWarning({ kind, namespace, name, least, most, pausedAt }: Autoscaler, replicas: number): string | null {
  const own = `${kind === 'ScaledObject' ? 'KEDA ScaledObject' : kind} ${namespace}/${name}`;
  if (pausedAt !== null) return pausedAt === replicas ? null : `${own} is paused at ${counted(pausedAt, 'replica')} and sets it back to that`;
  if (kind === 'HorizontalPodAutoscaler' && replicas === 0) return `${own} stands still while there are 0 replicas, and goes on once there are more`;
  const range = `${least} to ${counted(most, 'replica')}`;
  if (replicas < least || replicas > most) {
    return `${own} keeps it at ${range}: it will set it to ${replicas < least ? least : most} within half a minute`;
  }
  return `${own} keeps it at ${range} as its load asks for: it may undo this at any moment`;
}

/** How an autoscaler is held at a number: KEDA can be paused, an HPA has no such thing, so its least and most become that number. Null where there is no need. */
export function pinChange(autoscaler: Autoscaler, replicas: number): Change | null {
  const { kind, namespace, name, uid, least, most, pausedAt } = autoscaler;
  const path = autoscalerPath(autoscaler);
  if (kind === 'ScaledObject') {
    if (pausedAt === replicas) return null;
    const annotations = { [pausedReplicas]: String(replicas) };
    return patchChange({
      object: `scaledobject/${namespace}/${name}`,
      text: `Pause KEDA ScaledObject ${name} at ${replicas}`,
      path,
      type: 'merge',
      uid,
      patch: { metadata: { annotations } },
    });
  }
  if (replicas === 0 || (least === replicas && most === replicas)) return null;
  return patchChange({
    object: `horizontalpodautoscaler/${namespace}/${name}`,
    text: `Hold HorizontalPodAutoscaler ${name} at ${replicas} (it has no pause; it was ${least} to ${most})`,
    path,
    type: 'merge',
    uid,
    patch: { spec: { minReplicas: replicas, maxReplicas: replicas } },
  });
}

/** The words of kubectl that take a pin back. */
export function unpinWords({ kind, name, least, most, pausedAt }: Autoscaler): readonly string[] {
  if (kind === 'ScaledObject')
    return [
      'annotate',
      'scaledobject',
      name,
      pausedAt === null ? `${pausedReplicas}-` : `${pausedReplicas}=${pausedAt}`,
      ...(pausedAt === null ? [] : ['--overwrite']),
    ];
  return ['patch', 'hpa', name, '--type=merge', '-p', JSON.stringify({ spec: { minReplicas: least, maxReplicas: most } })];
}

const pausedReplicas = 'autoscaling.keda.sh/paused-replicas';

function autoscalerPath({ kind, namespace, name }: Autoscaler): string {
  const root = kind === 'ScaledObject' ? '/apis/keda.sh/v1alpha1' : '/apis/autoscaling/v2';
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${kind === 'ScaledObject' ? 'scaledobjects' : 'horizontalpodautoscalers'}/${encodeURIComponent(name)}`;
}

function isFor(object: unknown, { kind, group, name }: ScalablePlace): boolean {
  const target = at(object, 'spec', 'scaleTargetRef');
  if (!isObject(target) || at(target, 'name') !== name || (text(at(target, 'kind')) ?? 'Deployment') !== kind) return false;
  const apiVersion = text(at(target, 'apiVersion'));
  return apiVersion === null || (apiVersion.includes('/') ? apiVersion.split('/')[0] : '') === group;
}

function horizontal(object: unknown, namespace: string): Autoscaler {
  const least = number(at(object, 'spec', 'minReplicas')) ?? 1;
  return { kind: 'HorizontalPodAutoscaler', namespace, ...named(object), least, most: number(at(object, 'spec', 'maxReplicas')) ?? least, pausedAt: null };
}

function scaledObject(object: unknown, namespace: string): Autoscaler {
  const paused = text(at(object, 'metadata', 'annotations', pausedReplicas));
  return {
    kind: 'ScaledObject',
    namespace,
    ...named(object),
    least: number(at(object, 'spec', 'minReplicaCount')) ?? 0,
    most: number(at(object, 'spec', 'maxReplicaCount')) ?? 100,
    pausedAt: paused !== null && /^\d+$/.test(paused) ? Number(paused) : null,
  };
}

function named(object: unknown): { readonly name: string; readonly uid: string } {
  return { name: text(at(object, 'metadata', 'name')) ?? '', uid: text(at(object, 'metadata', 'uid')) ?? '' };
}
