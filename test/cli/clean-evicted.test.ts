import { describe, expect, it } from 'vitest';
import { type CleanEvictedCommand, runCleanEvicted } from '../../src/cli/clean-evicted.js';
import { at } from '../../src/kube/json.js';
import type { OperationRun } from '../../src/state/operations.js';
import { aSession } from '../builders/fake-session.js';
import { aPlan, aRun } from '../builders/operations.js';
import { aSnapshot } from '../builders/snapshot.js';
import { demoSession } from './demo-session.js';
import { written } from './written.js';

const command: CleanEvictedCommand = {
  output: 'json',
  namespace: null,
  reason: 'Evicted',
  olderThan: null,
  keep: 0,
  jobs: false,
  dryRun: false,
  yes: true,
  confirm: null,
  signal: new AbortController().signal,
};

const plan = aPlan({
  risk: 'safe',
  confirmName: 'lab',
  items: ['a', 'b', 'c', 'd'].map((name, index) => ({ id: String(index), object: `pod/${index < 2 ? 'ai' : 'web'}/${name}`, text: '', exact: '' })),
  warnings: ['gpu-1 has had DiskPressure for 3h: clearing now will not last; free disk first'],
});

function planning(run: Partial<OperationRun> = {}, overrides: Partial<typeof plan> = {}, readOnly = false) {
  return aSession(aSnapshot(), {
    readOnly,
    plan: async () => ({ ...plan, ...overrides }),
    finished: async () => aRun({ plan, state: 'done', endedAt: aRun().startedAt + 1500, ...run }),
  });
}

describe('clean evicted', () => {
  it('deletes the evicted pods of the demo cluster and nothing else, and says how many where', async () => {
    await using demo = await demoSession({ scenario: 'evictions', pods: 500 });
    const out = written();
    expect(await runCleanEvicted(demo.session, command, out)).toBe(0);
    expect(out.json()).toMatchObject({ schemaVersion: 1, planned: 500, deleted: 500, alreadyGone: 0, failed: [] });
    expect(at(out.json(), 'byNamespace', 'tigera-operator')).toEqual({ planned: 350, deleted: 350, alreadyGone: 0, failed: 0 });
    const again = written();
    expect(await runCleanEvicted(demo.session, { ...command, output: 'text' }, again)).toBe(0);
    expect(again.text()).toBe('nothing to do: no failed pod of reason Evicted lies about\n');
  });

  it('only shows what would go in a dry run, by groups, and keeps the newest of each owner', async () => {
    await using demo = await demoSession({ scenario: 'evictions', pods: 200 });
    const out = written();
    expect(await runCleanEvicted(demo.session, { ...command, output: 'text', dryRun: true, keep: 3, namespace: 'ai' }, out)).toBe(0);
    expect(out.text()).toContain('Delete 17 pods of reason Evicted in ai');
    expect(out.text()).toMatch(/ai +deployment distilbert-inference +Evicted +gpu-1 +17 +\d+d +1 running/);
    const all = written();
    await runCleanEvicted(demo.session, { ...command, dryRun: true }, all);
    expect(all.json()).toMatchObject({ dryRun: true, planned: 200, deleted: 0 });
  });

  it('refuses where it may not, and says why', async () => {
    await using demo = await demoSession({ scenario: 'evictions', pods: 20 }, { asViewer: true });
    const out = written();
    expect(await runCleanEvicted(demo.session, command, out)).toBe(2);
    expect(out.errors()).toContain('cannot be done as things are: this user may not delete pods in tigera-operator');
    const readOnly = written();
    expect(await runCleanEvicted(planning({}, {}, true), command, readOnly)).toBe(2);
    expect(readOnly.errors()).toContain('this session is read-only');
  });

  it('changes nothing without --yes, and what nothing makes anew only with the name of the context', async () => {
    const session = planning();
    const out = written();
    expect(await runCleanEvicted(session, { ...command, yes: false }, out)).toBe(2);
    expect(out.errors()).toContain('warning: gpu-1 has had DiskPressure for 3h');
    expect(out.errors()).toContain('nothing was deleted: --yes does it');
    const destructive = planning({}, { risk: 'destructive' });
    expect(await runCleanEvicted(destructive, command, written())).toBe(2);
    expect(destructive.asked.filter((asked) => asked.startsWith('start'))).toEqual([]);
    expect(await runCleanEvicted(destructive, { ...command, confirm: 'lab' }, written())).toBe(0);
    expect(destructive.asked).toContain('start set-runtime-class lab');
  });

  it('tells deleted, gone and failed ones apart, and fails where some failed', async () => {
    const items = [
      { id: '0', state: 'done', said: null },
      { id: '1', state: 'done', said: 'already gone' },
      { id: '2', state: 'failed', said: 'admission webhook denied the request' },
      { id: '3', state: 'skipped', said: 'cancelled before it began' },
    ] as const;
    const out = written();
    expect(await runCleanEvicted(planning({ state: 'failed', items }), command, out)).toBe(1);
    expect(out.json()).toEqual({
      schemaVersion: 1,
      dryRun: false,
      planned: 4,
      deleted: 1,
      alreadyGone: 1,
      failed: [{ namespace: 'web', name: 'c', error: 'admission webhook denied the request' }],
      durationSeconds: 1.5,
      byNamespace: { ai: { planned: 2, deleted: 1, alreadyGone: 1, failed: 0 }, web: { planned: 2, deleted: 0, alreadyGone: 0, failed: 1 } },
    });
    const text = written();
    await runCleanEvicted(planning({ state: 'cancelled', items }), { ...command, output: 'text' }, text);
    expect(text.text()).toContain('1 pod deleted in 1.5s; 1 were gone already; 1 failed; 1 not begun: the same command goes on with them');
  });
});
