import type { ApiService, ServiceRef, Webhook } from '../../state/cluster-services.js';
import { at, list, text, time } from '../json.js';

/** apiregistration.k8s.io/v1 APIService, slim; null for one that the API server serves itself. */
export function projectApiService(object: unknown): ApiService | null {
  const name = text(at(object, 'metadata', 'name'));
  const service = serviceRef(at(object, 'spec', 'service'));
  if (name === null || service === null) return null;
  const condition = list(at(object, 'status', 'conditions')).find((candidate) => at(candidate, 'type') === 'Available');
  return {
    name,
    service,
    available: condition === undefined ? null : at(condition, 'status') === 'True',
    reason: text(at(condition, 'reason')) ?? '',
    message: text(at(condition, 'message'), 1024) ?? '',
    since: time(at(condition, 'lastTransitionTime')),
  };
}

/** The webhooks of an admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration or MutatingWebhookConfiguration; their endpoints are not known yet. */
export function projectWebhooks(object: unknown, kind: Webhook['kind']): readonly Webhook[] {
  const configuration = text(at(object, 'metadata', 'name'));
  if (configuration === null) return [];
  return list(at(object, 'webhooks')).flatMap((webhook) => {
    const name = text(at(webhook, 'name'));
    if (name === null) return [];
    const failurePolicy = at(webhook, 'failurePolicy') === 'Ignore' ? 'Ignore' : 'Fail';
    return [{ kind, configuration, name, failurePolicy, service: serviceRef(at(webhook, 'clientConfig', 'service')), endpoints: null }];
  });
}

function serviceRef(value: unknown): ServiceRef | null {
  const namespace = text(at(value, 'namespace'));
  const name = text(at(value, 'name'));
  return namespace === null || name === null ? null : { namespace, name };
}
