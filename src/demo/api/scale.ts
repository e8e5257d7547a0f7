import { badRequest } from './api-error.js';
import { at, type JsonObject, numberAt, objectAt, stringsAt } from './json.js';
import type { KubeObject } from './object-store.js';
import { formatLabelSelector } from './selectors.js';

/** The `scale` subresource of a workload, as autoscaling/v1 has it. */
export function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = at(object, 'spec', 'selector');
  const text =
    object.kind === 'ReplicationController' ? formatLabelSelector({ matchLabels: stringsAt(object, 'spec', 'selector') }) : formatLabelSelector(selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') },
    status: { replicas: numberAt(object, 'status', 'replicas'), selector: text === '<none>' ? '' : text },
  };
}

/** The workload as a Scale wants it; a resourceVersion in the Scale is a precondition. */
export function scaled(object: KubeObject, scale: JsonObject): KubeObject {
  const replicas = at(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  const version = at(scale, 'metadata', 'resourceVersion');
  const { resourceVersion: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: typeof version === 'string' && version !== '' ? { ...metadata, resourceVersion: version } : metadata,
    spec: { ...objectAt(object, 'spec'), replicas },
  };
}
