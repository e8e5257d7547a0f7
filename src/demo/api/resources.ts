import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from './answer.js';
import { asKubeObject, readBody, readJson } from './body.js';
import type { ApiContext } from './context.js';
import { deleteObject, deleteOptions, dryRunOf } from './deletion.js';
import { answerList, selected, selection } from './list.js';
import { acceptedForm } from './negotiation.js';
import type { KubeObject } from './object-store.js';
import { patchObject } from './patch-object.js';
import { methodNotAllowed, pathNotFound } from './refusals.js';
import { includeObject, listForm } from './representation.js';
import { answerObject, managerOf, type ResourceCall } from './resource-call.js';
import type { ResourceType } from './resource-type.js';
import { answerSubresource } from './subresources.js';
import { answerWatch } from './watch.js';
import { createObject, existing, replaceObject } from './writes.js';

/** Does what a request for a resource says, and answers it. */
export async function answerResource(context: ApiContext, request: IncomingMessage, response: ServerResponse, call: ResourceCall): Promise<void> {
  const { type, info, query } = call;
  const namespace = type.namespaced ? info.namespace : undefined;
  if (info.subresource !== undefined) {
    await answerSubresource(context, request, response, call);
    return;
  }
  if (info.name !== undefined && type.namespaced && namespace === undefined) throw pathNotFound();
  switch (info.verb) {
    case 'list':
      await answerList(context, request, response, type, namespace, query);
      return;
    case 'watch':
      await answerWatch(context.store, request, response, type, namespace, watchQuery(query, info.name));
      return;
    case 'deletecollection':
      await deleteCollection(context, request, response, type, namespace, query);
      return;
    case 'get':
      answerObject(request, response, call, 200, existing(context.store, type, info.name ?? '', namespace));
      return;
    case 'create':
      if (info.name !== undefined || (type.namespaced && namespace === undefined)) throw methodNotAllowed();
      answerObject(request, response, call, 201, warned(context, response, await create(context, request, call), null));
      return;
    case 'update': {
      if (info.name === undefined) throw methodNotAllowed();
      const before = context.store.get(type.storeName, info.name, namespace);
      answerObject(request, response, call, 200, warned(context, response, await update(context, request, call), before));
      return;
    }
    case 'patch': {
      if (info.name === undefined) throw methodNotAllowed();
      const before = context.store.get(type.storeName, info.name, namespace);
      const { object, created } = patchObject(context, call, request, (await readBody(request)).toString());
      answerObject(request, response, call, created ? 201 : 200, warned(context, response, object, before));
      return;
    }
    case 'delete':
      await remove(context, request, response, call);
      return;
    default:
      throw methodNotAllowed();
  }
}

/** With the warnings that go with it, as headers. */
function warned({ hooks }: ApiContext, response: ServerResponse, object: KubeObject, previous: KubeObject | null): KubeObject {
  const warnings = hooks.warnings?.(object, previous) ?? [];
  if (warnings.length > 0)
    response.setHeader(
      'warning',
      warnings.map((text) => `299 - ${JSON.stringify(text)}`),
    );
  return object;
}

async function create(context: ApiContext, request: IncomingMessage, { type, info, query }: ResourceCall): Promise<KubeObject> {
  acceptedForm(request.headers.accept);
  const sent = asKubeObject(await readJson(request), type, type.namespaced ? info.namespace : undefined, undefined);
  return createObject(context.store, type, sent, { ...context.hooks, dryRun: dryRunOf(query.getAll('dryRun')), manager: managerOf(request, query) });
}

async function update(context: ApiContext, request: IncomingMessage, { type, info, query }: ResourceCall): Promise<KubeObject> {
  const namespace = type.namespaced ? info.namespace : undefined;
  const sent = asKubeObject(await readJson(request), type, namespace, info.name);
  const current = existing(context.store, type, info.name ?? '', namespace);
  return replaceObject(context.store, type, current, sent, { dryRun: dryRunOf(query.getAll('dryRun')), manager: managerOf(request, query) });
}

async function remove(context: ApiContext, request: IncomingMessage, response: ServerResponse, call: ResourceCall): Promise<void> {
  const { type, info, query } = call;
  const options = deleteOptions(await readJson(request), query);
  const current = existing(context.store, type, info.name ?? '', type.namespaced ? info.namespace : undefined);
  const { object, gone } = deleteObject(context.store, type, current, options);
  if (!gone || returnsObject.includes(type.storeName)) {
    answerObject(request, response, call, !gone && options.propagationPolicy === 'Foreground' ? 202 : 200, object);
    return;
  }
  const { name, uid } = object.metadata;
  const details = { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.plural, uid };
  sendJson(request, response, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

/** These answer a delete with what was deleted, the others with a Status. */
const returnsObject = ['pods', 'services', 'serviceaccounts', 'persistentvolumes', 'persistentvolumeclaims', 'podtemplates', 'resourcequotas'];

async function deleteCollection(
  context: ApiContext,
  request: IncomingMessage,
  response: ServerResponse,
  type: ResourceType,
  namespace: string | undefined,
  query: URLSearchParams,
): Promise<void> {
  if ((type.namespaced && namespace === undefined) || type.kind === 'Namespace' || type.kind === 'Service') throw methodNotAllowed();
  const options = deleteOptions(await readJson(request), query);
  const limit = Number(query.get('limit') ?? 0);
  const found = selected(context.store, type, namespace, selection(type, query));
  const chosen = limit > 0 ? found.slice(0, limit) : found;
  const deleted: KubeObject[] = [];
  for (const [index, object] of chosen.entries()) {
    // By name, from a list that may be old by now: neither phase nor UID is looked at again, as on the real server.
    const current = context.store.get(type.storeName, object.metadata.name, namespace);
    if (current !== null) deleted.push(deleteObject(context.store, type, current, options).object);
    if (index % 100 === 99) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const { head, items, item } = listForm(type, acceptedForm(request.headers.accept), includeObject(query));
  sendJson(request, response, 200, { ...head, metadata: { resourceVersion: String(context.store.resourceVersion) }, [items]: deleted.map(item) });
}

/** `watch/pods/x` and a GET of one object with `watch=1` are watches of that name. */
function watchQuery(query: URLSearchParams, name: string | undefined): URLSearchParams {
  if (name === undefined) return query;
  const selector = query.get('fieldSelector') ?? '';
  const named = new URLSearchParams(query);
  named.set('fieldSelector', selector === '' ? `metadata.name=${name}` : `${selector},metadata.name=${name}`);
  return named;
}
