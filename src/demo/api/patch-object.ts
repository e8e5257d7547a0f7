import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './api-error.js';
import { asKubeObject, mediaType, parseText } from './body.js';
import type { ApiContext } from './context.js';
import { dryRunOf } from './deletion.js';
import type { KubeObject, ObjectStore } from './object-store.js';
import { applyJsonPatch } from './patches/json-patch.js';
import { applyMergePatch } from './patches/merge-patch.js';
import { applyServerSide } from './patches/server-side-apply.js';
import { applyStrategicMergePatch } from './patches/strategic-merge-patch.js';
import { isTrue } from './request-info.js';
import { managerOf, type ResourceCall } from './resource-call.js';
import type { ResourceType } from './resource-type.js';
import { existing, replaceObject, storeApplied, timestamp, type WriteOptions } from './writes.js';

/** Does a PATCH on an object or its status, in any of the four kinds of patches. */
export function patchObject(
  { store, hooks }: Pick<ApiContext, 'store' | 'hooks'>,
  call: ResourceCall,
  request: IncomingMessage,
  text: string,
): { object: KubeObject; created: boolean } {
  const { type, info, query } = call;
  const dryRun = dryRunOf(query.getAll('dryRun'));
  const name = info.name ?? '';
  const namespace = type.namespaced ? info.namespace : undefined;
  if (mediaType(request) === 'application/apply-patch+yaml') {
    return apply(store, type, asKubeObject(parseText(text), type, namespace, name), call, { dryRun, ...hooks });
  }
  const current = existing(store, type, name, namespace);
  const patched = asKubeObject(applyPatch(request, type, current, text), type, namespace, name);
  const options = { dryRun, manager: managerOf(request, query), ...(info.subresource === undefined ? {} : { subresource: info.subresource }) };
  return { object: replaceObject(store, type, current, patched, options), created: false };
}

/** The patched document; throws ApiError 415 for a media type that is no patch for this kind. */
export function applyPatch(request: IncomingMessage, type: ResourceType, document: KubeObject, text: string): unknown {
  const media = mediaType(request);
  const patch = parseText(text);
  switch (media) {
    case 'application/json-patch+json':
      return applyJsonPatch(document, patch);
    case 'application/merge-patch+json':
      return applyMergePatch(document, patch);
    case 'application/strategic-merge-patch+json':
      if (!type.custom) return applyStrategicMergePatch(document.kind, document, patch);
  }
  const accepted = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(type.custom ? [] : ['application/strategic-merge-patch+json']),
    'application/apply-patch+yaml',
  ];
  throw new ApiError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`);
}

function apply(
  store: ObjectStore,
  type: ResourceType,
  applied: KubeObject,
  call: ResourceCall,
  options: Pick<WriteOptions, 'dryRun' | 'admitPod'>,
): { object: KubeObject; created: boolean } {
  const manager = call.query.get('fieldManager') ?? '';
  if (manager === '') throw new ApiError(422, 'Invalid', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  if ((applied.metadata.managedFields ?? []).length > 0) throw badRequest('metadata.managedFields must be nil');
  const force = call.query.has('force') && isTrue(call.query.get('force'));
  const live = store.get(type.storeName, applied.metadata.name, applied.metadata.namespace);
  if (live === null && call.info.subresource !== undefined) existing(store, type, applied.metadata.name, applied.metadata.namespace);
  const merged = applyServerSide(live, applied, { manager, force, now: timestamp() });
  if (live !== null && call.info.subresource === 'status') {
    return { object: replaceObject(store, type, live, merged, { dryRun: options.dryRun, manager, subresource: 'status' }), created: false };
  }
  return { object: storeApplied(store, type, live, merged, options), created: live === null };
}
