import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from './answer.js';
import { ApiError } from './api-error.js';
import { asKubeObject, readBody, readJson } from './body.js';
import type { ApiContext } from './context.js';
import { dryRunOf } from './deletion.js';
import { isObject, type JsonObject } from './json.js';
import type { KubeObject } from './object-store.js';
import { applyPatch, patchObject } from './patch-object.js';
import { answerLog, bind, evict, success } from './pod-subresources.js';
import { forward } from './proxy.js';
import { podTarget, serviceTarget, splitProxyName } from './proxy-target.js';
import { methodNotAllowed, pathNotFound } from './refusals.js';
import { answerObject, managerOf, type ResourceCall } from './resource-call.js';
import { scaled, scaleOf } from './scale.js';
import { existing, replaceObject } from './writes.js';

/** `status`, `scale`, `log`, `eviction`, `binding`, `finalize`, `approval` and the proxies. */
export async function answerSubresource(context: ApiContext, request: IncomingMessage, response: ServerResponse, call: ResourceCall): Promise<void> {
  const { type, info } = call;
  const named = type.subresources.some(({ name }) => name === info.subresource);
  const known = named || (info.subresource === 'status' && type.status) || (info.subresource === 'scale' && type.scale);
  if (!known) throw pathNotFound();
  if (info.subresource === 'proxy') {
    await answerProxy(context, request, response, call);
    return;
  }
  if (info.rest !== '' && info.rest !== '/') throw pathNotFound();
  const current = existing(context.store, type, info.name ?? '', type.namespaced ? info.namespace : undefined);
  switch (info.subresource) {
    case 'scale':
      await answerScale(context, request, response, call, current);
      return;
    case 'exec':
      throw new ApiError(400, 'BadRequest', 'Upgrade request required');
    case 'log':
      if (info.verb !== 'get') throw methodNotAllowed();
      await answerLog(context.hooks, request, response, current, call.query);
      return;
    case 'eviction':
    case 'binding': {
      if (info.verb !== 'create') throw methodNotAllowed();
      const body = await objectBody(request);
      if (info.subresource === 'eviction') evict(context.store, type, current, body);
      else bind(context.store, current, body);
      sendJson(request, response, 201, success);
      return;
    }
    default:
      await answerStatus(context, request, response, call, current);
  }
}

/** Also `finalize` and `approval`, which write the whole object. */
async function answerStatus(context: ApiContext, request: IncomingMessage, response: ServerResponse, call: ResourceCall, current: KubeObject): Promise<void> {
  const { type, info, query } = call;
  switch (info.verb) {
    case 'get':
      answerObject(request, response, call, 200, current);
      return;
    case 'update': {
      const sent = asKubeObject(await readJson(request), type, type.namespaced ? info.namespace : undefined, info.name);
      const options = { dryRun: dryRunOf(query.getAll('dryRun')), manager: managerOf(request, query) };
      const subresource = info.subresource === 'finalize' ? {} : { subresource: 'status' };
      answerObject(request, response, call, 200, replaceObject(context.store, type, current, sent, { ...options, ...subresource }));
      return;
    }
    case 'patch':
      answerObject(request, response, call, 200, patchObject(context, call, request, (await readBody(request)).toString()).object);
      return;
    default:
      throw methodNotAllowed();
  }
}

async function answerScale(context: ApiContext, request: IncomingMessage, response: ServerResponse, call: ResourceCall, current: KubeObject): Promise<void> {
  const { type, info, query } = call;
  if (info.verb === 'get') {
    sendJson(request, response, 200, scaleOf(current));
    return;
  }
  if (info.verb !== 'update' && info.verb !== 'patch') throw methodNotAllowed();
  const wanted =
    info.verb === 'update' ? await readJson(request) : applyPatch(request, { ...type, custom: false }, scaleOf(current), (await readBody(request)).toString());
  if (!isObject(wanted)) throw new ApiError(400, 'BadRequest', 'error decoding: not an object');
  const options = { dryRun: dryRunOf(query.getAll('dryRun')), manager: managerOf(request, query), subresource: 'scale' };
  sendJson(request, response, 200, scaleOf(replaceObject(context.store, type, current, scaled(current, wanted), options)));
}

async function answerProxy(context: ApiContext, request: IncomingMessage, response: ServerResponse, call: ResourceCall): Promise<void> {
  const { type, info, search } = call;
  const name = info.name ?? '';
  const base = info.path.slice(0, info.path.length - info.rest.length);
  const path = `${info.rest === '' ? '/' : info.rest}${search}`;
  if (type.storeName === 'services') {
    await forward(context.hooks, request, response, serviceTarget(context.store, info.namespace ?? '', name), base, path);
    return;
  }
  const parts = splitProxyName(name);
  const object = existing(context.store, type, parts.name, type.namespaced ? info.namespace : undefined);
  if (type.storeName === 'pods') {
    const own = request.method === 'GET' ? (context.hooks.podProxy?.(object, parts.port, info.rest) ?? null) : null;
    if (own !== null) {
      response.writeHead(own.status, { 'content-type': own.contentType });
      response.end(own.body);
      return;
    }
    await forward(context.hooks, request, response, podTarget(object, parts.scheme, parts.port), base, path);
    return;
  }
  const answer = (await context.hooks.nodeProxy?.(object, info.rest === '' ? '/' : info.rest, call.query)) ?? null;
  if (answer === null) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  response.writeHead(answer.status, { 'content-type': answer.contentType });
  response.end(answer.body);
}

async function objectBody(request: IncomingMessage): Promise<JsonObject> {
  const body = await readJson(request);
  if (!isObject(body)) throw new ApiError(400, 'BadRequest', 'error decoding: not an object');
  return body;
}
