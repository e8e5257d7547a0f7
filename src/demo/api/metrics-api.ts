import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from './answer.js';
import { ApiError, notFound } from './api-error.js';
import type { ApiHooks } from './hooks.js';
import type { ObjectStore } from './object-store.js';
import { plainPrinter } from './printers/printer.js';
import { methodNotAllowed, pathNotFound } from './refusals.js';
import type { ResourceRequest } from './request-info.js';
import { type ResourceType, resourceType } from './resource-type.js';
import { parseLabelSelector } from './selectors.js';

export const apiServicesResource = 'apiservices.apiregistration.k8s.io';

/** The resources of metrics-server, where somebody has registered it and it answers. */
export function metricsResources(store: ObjectStore): readonly ResourceType[] {
  const service = store.get(apiServicesResource, 'v1beta1.metrics.k8s.io');
  return service === null ? [] : types;
}

const types: readonly ResourceType[] = [
  {
    ...resourceType('metrics.k8s.io', 'v1beta1', { kind: 'NodeMetrics', plural: 'nodes', namespaced: false }, plainPrinter),
    singular: '',
    verbs: ['get', 'list'],
  },
  { ...resourceType('metrics.k8s.io', 'v1beta1', { kind: 'PodMetrics', plural: 'pods' }, plainPrinter), singular: '', verbs: ['get', 'list'] },
];

/** Answers what the API server passes on to metrics-server. */
export function answerMetrics(hooks: ApiHooks, request: IncomingMessage, response: ServerResponse, info: ResourceRequest, query: URLSearchParams): void {
  if (info.resource !== 'nodes' && info.resource !== 'pods') throw pathNotFound();
  if (info.verb !== 'list' && info.verb !== 'get') throw methodNotAllowed();
  const all = hooks.resourceMetrics?.(info.resource) ?? null;
  if (all === null) throw new ApiError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
  const namespace = info.resource === 'pods' ? info.namespace : undefined;
  const own = namespace === undefined ? all : all.filter((each) => each.metadata.namespace === namespace);
  if (info.name === undefined) {
    const kind = info.resource === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList';
    const isSelected = parseLabelSelector(query.get('labelSelector') ?? '') ?? (() => true);
    const items = own.filter(isSelected);
    sendJson(request, response, 200, { kind, apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items });
    return;
  }
  const found = own.find((each) => each.metadata.name === info.name);
  if (found === undefined) throw notFound(`${info.resource}.metrics.k8s.io`, info.name);
  sendJson(request, response, 200, found);
}
