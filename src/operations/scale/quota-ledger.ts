import { at, isObject, list, text } from '../../kube/json.js';
import { podRequests } from '../../kube/projections/pod-requests.js';
import type { Quantities } from '../../state/quantities.js';
import { amountOf } from '../../text/amount.js';
import { quantityOrNull } from '../../text/quantity.js';

/** What one pod counts against a ResourceQuota, by the quota's own names (`requests.cpu`, `limits.memory`, `requests.nvidia.com/gpu`, `pods`). */
export type QuotaUse = Quantities;

/** The ResourceQuotas of one namespace on paper: each pod admitted uses them up. */
export interface QuotaLedger {
  /** Why the next pod is refused, in the words of the admission plugin; null when it was let in. */
  admit(use: QuotaUse, spec: unknown): string | null;
  /** A pod that goes gives back what it used. */
  release(use: QuotaUse, spec: unknown): void;
}

/** @param quotas v1.ResourceQuota objects, with what is used as their status says. */
export function createQuotaLedger(quotas: readonly unknown[]): QuotaLedger {
  const all = quotas.map((quota) => ({
    name: text(at(quota, 'metadata', 'name')) ?? '',
    covers: (spec: unknown) => inScope(quota, spec),
    hard: amounts(at(quota, 'spec', 'hard')),
    used: new Map(amounts(at(quota, 'status', 'used'))),
  }));
  return {
    admit(use, spec) {
      const own = all.filter(({ covers }) => covers(spec));
      for (const { name, hard, used } of own) {
        const unset = [...hard.keys()].filter((resource) => mustBeSet.test(resource) && !use.has(resource));
        if (unset.length > 0) return `failed quota: ${name}: must specify ${unset.sort().join(',')}`;
        const over = [...hard.keys()].sort().filter((resource) => {
          const asked = use.get(resource) ?? 0;
          return asked > 0 && (used.get(resource) ?? 0) + asked > (hard.get(resource) ?? 0) + 1e-6;
        });
        if (over.length > 0) {
          const told = (from: Quantities) => over.map((resource) => `${resource}=${shown(resource, from.get(resource) ?? 0)}`).join(',');
          return `exceeded quota: ${name}, requested: ${told(use)}, used: ${told(used)}, limited: ${told(hard)}`;
        }
      }
      for (const { hard, used } of own) count(hard, used, use, 1);
      return null;
    },
    release(use, spec) {
      for (const { covers, hard, used } of all) if (covers(spec)) count(hard, used, use, -1);
    },
  };
}

/** What a pod of this spec uses. */
export function quotaUse(spec: unknown): QuotaUse {
  const requests = podRequests(spec) ?? new Map<string, number>();
  const limitsOnly = (container: unknown) => ({ ...(isObject(container) ? container : {}), resources: { requests: at(container, 'resources', 'limits') } });
  const limits =
    podRequests({ containers: list(at(spec, 'containers')).map(limitsOnly), initContainers: list(at(spec, 'initContainers')).map(limitsOnly) }) ??
    new Map<string, number>();
  const plain = [...requests].filter(([resource]) => !resource.includes('/'));
  return new Map([
    ...plain,
    ...[...requests].map(([resource, amount]) => [`requests.${resource}`, amount] as const),
    ...[...limits].map(([resource, amount]) => [`limits.${resource}`, amount] as const),
    ['pods', 1],
    ['count/pods', 1],
  ]);
}

const mustBeSet = /^(?:(?:requests|limits)\.)?(?:cpu|memory)$/;

function count(hard: Quantities, used: Map<string, number>, use: QuotaUse, times: 1 | -1): void {
  for (const resource of hard.keys()) used.set(resource, Math.max(0, (used.get(resource) ?? 0) + times * (use.get(resource) ?? 0)));
}

/** Whether the quota is about such pods: spec.scopes and spec.scopeSelector, each of which must hold. */
function inScope(quota: unknown, spec: unknown): boolean {
  const plain = list(at(quota, 'spec', 'scopes')).map((scope) => ({ scopeName: scope, operator: 'Exists' }));
  return [...plain, ...list(at(quota, 'spec', 'scopeSelector', 'matchExpressions'))].every((expression) => {
    const operator = at(expression, 'operator');
    const positive = operator === 'Exists' || operator === 'In';
    switch (at(expression, 'scopeName')) {
      case 'Terminating':
        return (at(spec, 'activeDeadlineSeconds') !== undefined) === positive;
      case 'NotTerminating':
        return (at(spec, 'activeDeadlineSeconds') === undefined) === positive;
      case 'BestEffort':
        return isBestEffort(spec) === positive;
      case 'NotBestEffort':
        return isBestEffort(spec) !== positive;
      case 'PriorityClass': {
        const own = at(spec, 'priorityClassName');
        return (operator === 'Exists' || operator === 'DoesNotExist' ? own !== undefined : list(at(expression, 'values')).includes(own)) === positive;
      }
      default:
        return false;
    }
  });
}

function isBestEffort(spec: unknown): boolean {
  const use = quotaUse(spec);
  return !['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'].some((resource) => use.has(resource));
}

function amounts(resources: unknown): Map<string, number> {
  const entries = Object.entries(isObject(resources) ? resources : {});
  return new Map(entries.flatMap(([name, quantity]) => (quantityOrNull(quantity) === null ? [] : [[name, quantityOrNull(quantity) ?? 0] as const])));
}

function shown(resource: string, amount: number): string {
  return amountOf(resource.replace(/^(?:requests|limits)\./, ''), amount).replace(' ', '');
}
