import { describe, expect, it } from 'vitest';
import { limitRefusal, withLimitDefaults } from '../../../src/operations/scale/limit-range.js';
import { createQuotaLedger, quotaUse } from '../../../src/operations/scale/quota-ledger.js';

const spec = {
  containers: [
    { name: 'server', resources: { requests: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' }, limits: { memory: '8Gi', 'nvidia.com/gpu': '1' } } },
  ],
};

function quota(hard: Readonly<Record<string, string>>, used: Readonly<Record<string, string>> = {}, rest: Readonly<Record<string, unknown>> = {}) {
  return { metadata: { name: 'team' }, spec: { hard, ...rest }, status: { used } };
}

function admitted(most: number, ...quotas: readonly unknown[]) {
  const ledger = createQuotaLedger(quotas);
  for (let index = 0; index < most; index += 1) {
    const why = ledger.admit(quotaUse(spec), spec);
    if (why !== null) return { pods: index, why };
  }
  return { pods: most, why: null };
}

describe('a quota', () => {
  it('lets in what it has room for, whatever it counts', () => {
    expect(admitted(9, quota({ pods: '5' }, { pods: '2' }))).toEqual({
      pods: 3,
      why: 'exceeded quota: team, requested: pods=1, used: pods=5, limited: pods=5',
    });
    expect(admitted(9, quota({ 'requests.nvidia.com/gpu': '4' })).pods).toBe(4);
    expect(admitted(9, quota({ 'limits.memory': '20Gi' }))).toEqual({
      pods: 2,
      why: 'exceeded quota: team, requested: limits.memory=8GiB, used: limits.memory=16GiB, limited: limits.memory=20GiB',
    });
    expect(admitted(9, quota({ cpu: '100', pods: '50' })).why).toBeNull();
  });

  it('refuses a pod that does not say what it counts', () => {
    expect(admitted(1, quota({ 'limits.cpu': '10' })).why).toBe('failed quota: team: must specify limits.cpu');
  });

  it('counts only the pods it is about', () => {
    expect(admitted(9, quota({ pods: '1' }, {}, { scopes: ['BestEffort'] })).pods).toBe(9);
    expect(admitted(9, quota({ pods: '1' }, {}, { scopes: ['NotTerminating'] })).pods).toBe(1);
    const scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] };
    expect(admitted(9, quota({ pods: '1' }, {}, { scopeSelector })).pods).toBe(9);
  });
});

describe('a limit range', () => {
  const range = (item: Readonly<Record<string, unknown>>) => [{ spec: { limits: [{ type: 'Container', ...item }] } }];

  it('fills in what a pod leaves out', () => {
    const filled = withLimitDefaults({ containers: [{ name: 'server' }] }, range({ default: { cpu: '2' }, defaultRequest: { cpu: '500m' } }));
    expect(filled).toEqual({ containers: [{ name: 'server', resources: { limits: { cpu: '2' }, requests: { cpu: '500m' } } }] });
  });

  it('refuses what is too large, too small, or does not say', () => {
    expect(limitRefusal(spec, range({ max: { memory: '4Gi' } }))).toBe('maximum memory usage per Container is 4Gi, but limit is 8 GiB');
    expect(limitRefusal(spec, range({ max: { cpu: '4' } }))).toBe('maximum cpu usage per Container is 4. No limit is specified');
    expect(limitRefusal(spec, range({ min: { cpu: '3' } }))).toBe('minimum cpu usage per Container is 3, but request is 2');
    expect(limitRefusal(spec, range({ max: { memory: '16Gi' } }))).toBeNull();
  });
});
