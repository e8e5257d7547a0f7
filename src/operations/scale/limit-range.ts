import { at, isObject, list, text } from '../../kube/json.js';
import { amountOf } from '../../text/amount.js';
import { quantityOrNull } from '../../text/quantity.js';

/** A pod's spec with the requests and limits that the LimitRanges of its namespace fill in (admission plugin LimitRanger). */
export function withLimitDefaults(spec: unknown, ranges: readonly unknown[]): unknown {
  const items = ranges.flatMap((range) => list(at(range, 'spec', 'limits'))).filter((item) => at(item, 'type') === 'Container');
  if (items.length === 0 || !isObject(spec)) return spec;
  const filled = (container: unknown) => {
    const limits = { ...merged(items, 'default'), ...fields(at(container, 'resources', 'limits')) };
    // A limit that was written down is the request where none stands; only then the range's own default.
    const requests = { ...merged(items, 'defaultRequest'), ...fields(at(container, 'resources', 'limits')), ...fields(at(container, 'resources', 'requests')) };
    return { ...(isObject(container) ? container : {}), resources: { ...fields(at(container, 'resources')), limits, requests } };
  };
  const { initContainers } = spec;
  return {
    ...spec,
    containers: list(spec['containers']).map(filled),
    ...(initContainers === undefined ? {} : { initContainers: list(initContainers).map(filled) }),
  };
}

/** Why the LimitRanges refuse such a pod, in the words of the admission plugin; null where they let it in. */
export function limitRefusal(spec: unknown, ranges: readonly unknown[]): string | null {
  for (const item of ranges.flatMap((range) => list(at(range, 'spec', 'limits')))) {
    const type = text(at(item, 'type')) ?? '';
    const containers = list(at(spec, 'containers'));
    const own = type === 'Container' ? containers.map((container) => [container]) : type === 'Pod' ? [containers] : [];
    for (const group of own) {
      const why = refused(item, type, group);
      if (why !== null) return why;
    }
  }
  return null;
}

function refused(item: unknown, type: string, containers: readonly unknown[]): string | null {
  const sum = (field: 'requests' | 'limits', resource: string) => {
    const given = containers.map((container) => quantityOrNull(at(container, 'resources', field, resource)));
    return given.some((amount) => amount === null) ? null : given.reduce<number>((all, amount) => all + (amount ?? 0), 0);
  };
  for (const [resource, quantity] of Object.entries(fields(at(item, 'max')))) {
    const most = quantityOrNull(quantity);
    const limit = sum('limits', resource);
    if (most === null) continue;
    if (limit === null) return `maximum ${resource} usage per ${type} is ${String(quantity)}. No limit is specified`;
    if (limit > most) return `maximum ${resource} usage per ${type} is ${String(quantity)}, but limit is ${amountOf(resource, limit)}`;
  }
  for (const [resource, quantity] of Object.entries(fields(at(item, 'min')))) {
    const least = quantityOrNull(quantity);
    const request = sum('requests', resource);
    if (least === null) continue;
    if (request === null) return `minimum ${resource} usage per ${type} is ${String(quantity)}. No request is specified`;
    if (request < least) return `minimum ${resource} usage per ${type} is ${String(quantity)}, but request is ${amountOf(resource, request)}`;
  }
  return null;
}

function merged(items: readonly unknown[], field: 'default' | 'defaultRequest'): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...items.map((item) => fields(at(item, field))));
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
