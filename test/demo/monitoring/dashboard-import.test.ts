import { expect, it } from 'vitest';
import { demoSession } from '../../cli/demo-session.js';
import { until } from '../../kube/until.js';

it('the dashboards go into the demo’s Grafana with a login that is asked for, and monitoring then sees all five', { timeout: 60_000 }, async () => {
  await using demo = await demoSession({ scenario: 'healthy' });
  const { session } = demo;
  session.lookAt('monitoring');
  const seen = () => {
    const { value } = session.snapshot().grafana;
    return value?.inside.status === 'seen' ? value.inside : null;
  };
  const present = () => seen()?.dashboards.filter((one) => one.present).length;
  await until(() => present() === 0, 20_000);
  expect(seen()?.dataSources).toEqual([
    { uid: 'prometheus', name: 'Prometheus', isDefault: true, health: 'ok', said: 'Successfully queried the Prometheus API.' },
  ]);
  const asked = await session.plan({ id: 'import-dashboards', input: {} });
  expect(asked.blockers.join()).toContain('give those of somebody who may edit dashboards');
  expect(asked.asks?.map(({ field, secret }) => [field, secret])).toEqual([
    ['user', false],
    ['password', true],
  ]);
  const mistaken = await session.plan({ id: 'import-dashboards', input: { user: 'admin', password: 'changed-since' } });
  expect(mistaken.blockers.join()).toContain('does not know this user and password');
  const plan = await session.plan({ id: 'import-dashboards', input: { user: 'admin', password: 'admin' } });
  expect(plan.blockers).toEqual([]);
  const run = await session.finished(await session.start(plan, null));
  expect(run).toMatchObject({ state: 'done', verification: { seen: true } });
  await until(() => present() === 5, 20_000);
  await until(() => session.snapshot().alertmanager.freshness.status === 'live', 20_000);
  expect(session.snapshot().alertmanager.value).toMatchObject({ version: '0.32.0', ready: true, peers: 1 });
  expect(JSON.stringify([plan, run, session.snapshot().journal.value])).not.toContain('changed-since');
});
