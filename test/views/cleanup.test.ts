import { describe, expect, it } from 'vitest';
import type { EndedPodGroup, EndedPodInventory } from '../../src/state/ended-pods.js';
import { live } from '../../src/state/freshness.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aPlan } from '../builders/operations.js';
import { now } from '../builders/snapshot.js';

const hour = 3_600_000;

function aGroup(overrides: Partial<EndedPodGroup> = {}): EndedPodGroup {
  const { namespace = 'monitoring', owner = 'deployment grafana', reason = 'Evicted', node = 'gpu-1' } = overrides;
  return {
    id: [namespace, owner, reason, node].join('|'),
    namespace,
    owner,
    reason,
    node,
    fate: 'replaced',
    words: `replaced by 1 running pod of ${owner}`,
    running: 1,
    endedAt: Array.from({ length: 1501 }, (_, index) => now - (1501 - index) * hour),
    terminating: 0,
    ...overrides,
  };
}

const job = aGroup({
  namespace: 'ai',
  owner: 'job train-7',
  reason: 'Error',
  node: 'gpu-2',
  fate: 'history',
  words: 'the record of job train-7',
  running: 0,
  endedAt: [now - 50 * hour],
});

const inventory: EndedPodInventory = {
  at: now,
  groups: [aGroup(), job],
  pressures: [{ node: 'gpu-1', type: 'DiskPressure', since: now - 3 * hour }],
  collector: { threshold: 12_500, known: true },
};

function cleanup(options: Parameters<typeof aSession>[1] = {}) {
  const counts = { failed: 1502, succeeded: 0, failedByReason: new Map([['Evicted', 1501]]) };
  const session = aSession(aLab({ deadPods: live(counts, now) }), { endedPods: async () => inventory, plan: async () => aPlan({ risk: 'safe' }), ...options });
  return { session, app: anApp(session, { screen: 'cleanup', columns: 120, rows: 40 }) };
}

describe('the clean-up of ended pods', () => {
  it('tells the cause first, then why they pile up, and what c would delete: not the record of a Job', async () => {
    const { app } = cleanup();
    const screen = await app.until((shown) => shown.includes('grafana'));
    expect(screen).toContain('! gpu-1 has had DiskPressure for 3h: clearing now will not last; free disk first [d]');
    expect(screen).toContain('1,502 ended pods: the controller-manager clears up only above 12,500 (terminated-pod-gc-threshold)');
    expect(screen).toContain('c deletes 1,501 pods of 1 group');
    expect(screen).toMatch(/· ai +job\/train-7 +Error +gpu-2 +1 /);
    await app.close();
  });

  it('chooses by ticks, age and how many to keep, and plans exactly that', async () => {
    const wishes: unknown[] = [];
    const plan = async (ref: unknown) => {
      wishes.push(ref);
      return aPlan({ risk: 'safe' });
    };
    const { app } = cleanup({ plan });
    await app.until((shown) => shown.includes('grafana'));
    app.type('oo');
    await app.until((shown) => shown.includes('over 24h ago') && shown.includes('c deletes 1,478 pods'));
    app.type('n');
    await app.until((shown) => shown.includes('keeps the newest of each owner'));
    app.type('j ');
    await app.until((shown) => shown.includes('c deletes 0 pods of 1 ticked group'));
    app.type('c');
    await app.until((shown) => shown.includes('enter does it'));
    expect(wishes).toEqual([{ id: 'clean-pods', input: { groups: job.id, olderThan: '24h', keep: '1', jobs: 'yes' } }]);
    await app.close();
  });

  it('offers no key that changes anything in a read-only session', async () => {
    const { app } = cleanup({ readOnly: true });
    await app.until((shown) => shown.includes('grafana'));
    app.type('cd');
    const screen = await app.screen();
    expect(screen).toContain('read-only; a clean-up would delete 1,501 pods of 1 group');
    expect(screen).not.toContain('c clean up');
    expect(screen).toContain('grafana');
    await app.close();
  });

  it('says why there is nothing to see where pods may not be listed', async () => {
    const { app } = cleanup({ endedPods: () => Promise.reject(new Error('pods is forbidden: User "viewer" cannot list resource "pods"')) });
    await app.until((shown) => shown.includes('cannot list resource "pods"'));
    await app.close();
  });
});
