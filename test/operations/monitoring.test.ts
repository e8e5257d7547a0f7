import { describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/kube-error.js';
import { applyAlertRules } from '../../src/operations/monitoring/apply-alert-rules.js';
import { importDashboards } from '../../src/operations/monitoring/import-dashboards.js';
import type { World } from '../../src/operations/operation.js';
import { runPlanned } from '../../src/operations/run.js';
import { clientFor } from '../kube/client-for.js';
import { grafanaServer } from '../prometheus/grafana-server.js';
import { aWorld } from './a-world.js';

async function run(operation: typeof importDashboards, input: Readonly<Record<string, string>>, world: World, signal = new AbortController().signal) {
  const planned = await operation.plan(input, world);
  const said = new Map<string, string | null>();
  let end = '';
  for await (const event of runPlanned(planned, world, signal)) {
    if (event.event === 'item' && event.progress.state !== 'running') said.set(event.progress.id, `${event.progress.state}: ${event.progress.said}`);
    if (event.event === 'ended') end = `${event.state}: ${event.verification?.text ?? ''}`;
  }
  return { plan: planned.plan, said, end };
}

const login = { user: 'admin', password: 'right' };

describe('importing the dashboards', () => {
  it('puts all of them into Grafana with its data source chosen, and leaves no session behind', async () => {
    await using grafana = await grafanaServer();
    using client = clientFor(grafana.url, { user: { token: 'kube-token' } });
    const { plan, said, end } = await run(importDashboards, login, { ...aWorld(), client });
    expect(plan).toMatchObject({ blockers: [], asks: [], warnings: ['they ask the data source Prometheus; another can be chosen in each dashboard'] });
    expect([...said.values()]).toEqual(Array(5).fill('done: new'));
    expect(end).toMatch(/^done: 5 dashboards are in Grafana/);
    expect([...grafana.dashboards.keys()].sort()).toEqual(
      ['containers', 'gpu-performance', 'inference', 'pressure', 'system-resources'].map((id) => `gpuk8s-${id}`),
    );
    expect(JSON.stringify(grafana.dashboards.get('gpuk8s-pressure'))).toContain('"value":"prom-1"');
    expect(grafana.sessions.size).toBe(0);
  });

  it('replaces what is there, and says so before', async () => {
    await using grafana = await grafanaServer();
    using client = clientFor(grafana.url);
    grafana.dashboards.set('gpuk8s-inference', { model: { uid: 'gpuk8s-inference', title: 'Mine', panels: [] }, version: 7 });
    const { plan, said } = await run(importDashboards, login, { ...aWorld(), client });
    expect(plan.items.map(({ text }) => text)).toContain('Replace Inference performance (version 7)');
    expect(plan.warnings).toContain('what was changed by hand in Inference performance is replaced');
    expect(said.get('gpuk8s-inference')).toBe('done: version 8, in place of 7');
  });

  it('imports none when one is refused: new ones go again, replaced ones are put back', async () => {
    await using grafana = await grafanaServer();
    using client = clientFor(grafana.url);
    grafana.dashboards.set('gpuk8s-system-resources', { model: { uid: 'gpuk8s-system-resources', title: 'Mine', panels: ['mine'] }, version: 3 });
    grafana.refused.set('gpuk8s-containers', 'A dashboard with the same name in the folder already exists');
    const { said, end } = await run(importDashboards, login, { ...aWorld(), client });
    expect(said.get('gpuk8s-containers')).toMatch(/^failed: .* answers 412: A dashboard with the same name/);
    expect(said.get('gpuk8s-gpu-performance')).toBe('failed: taken back: Container metrics could not be stored');
    expect(said.get('gpuk8s-inference')).toBe('failed: not tried: Container metrics could not be stored');
    expect(end).toMatch(/^failed/);
    expect([...grafana.dashboards.keys()]).toEqual(['gpuk8s-system-resources']);
    expect(grafana.dashboards.get('gpuk8s-system-resources')?.model).toMatchObject({ title: 'Mine', panels: ['mine'] });
  });

  it('asks for a user and password where Grafana wants them', async () => {
    await using grafana = await grafanaServer();
    using client = clientFor(grafana.url);
    const { plan } = await importDashboards.plan({}, { ...aWorld(), client });
    expect(plan.blockers).toEqual(['service monitoring/grafana wants a user and password: give those of somebody who may edit dashboards']);
    expect(plan.asks?.map(({ field, secret }) => [field, secret])).toEqual([
      ['user', false],
      ['password', true],
    ]);
  });

  it('says that the password is wrong after one try, and asks again', async () => {
    await using grafana = await grafanaServer();
    using client = clientFor(grafana.url);
    const { plan } = await importDashboards.plan({ user: 'admin', password: 'wr0ng' }, { ...aWorld(), client });
    expect(plan.blockers).toEqual(['service monitoring/grafana does not know this user and password']);
    expect(grafana.asked.filter((line) => line === 'POST /login')).toHaveLength(1);
    expect(plan.asks).toHaveLength(2);
  });

  it('keeps the login out of its plan', async () => {
    await using grafana = await grafanaServer({ password: 's3cret' });
    using client = clientFor(grafana.url);
    const { plan } = await importDashboards.plan({ user: 'admin', password: 's3cret' }, { ...aWorld(), client });
    expect(plan.blockers).toEqual([]);
    expect(JSON.stringify(plan)).not.toMatch(/s3cret|admin/);
  });

  it('needs no login where visitors may edit', async () => {
    await using grafana = await grafanaServer({ anonymous: true });
    using client = clientFor(grafana.url);
    expect((await run(importDashboards, {}, { ...aWorld(), client })).end).toMatch(/^done/);
  });

  it('leaves alone what Grafana reads from files, and a Grafana without Prometheus', async () => {
    await using grafana = await grafanaServer();
    using client = clientFor(grafana.url);
    grafana.dashboards.set('gpuk8s-containers', { model: { uid: 'gpuk8s-containers', panels: [] }, version: 1, provisioned: true });
    grafana.sources.length = 0;
    const { plan } = await importDashboards.plan(login, { ...aWorld(), client });
    expect(plan.blockers).toEqual([
      'Grafana has no data source of type prometheus: add one under Connections > Data sources',
      'provisioned from a file, where they have to be changed: Container metrics',
    ]);
  });
});

const group = '/apis/monitoring.coreos.com/v1';
const missing = () => new KubeError('not-found', 'not found', { status: 404 });
const answer = (body: unknown) => ({ status: 200, headers: {}, body, roundTripMs: 1 });

describe('applying the alert rules', () => {
  const world = (answers: Readonly<Record<string, unknown>>) =>
    aWorld({
      request: async (path) => {
        const body = answers[path];
        if (body === undefined) throw missing();
        return answer(body);
      },
    });

  it('says where to put the plain file where there is no operator', async () => {
    const { plan } = await applyAlertRules.plan({ namespace: 'monitoring' }, world({}));
    expect(plan.blockers[0]).toMatch(/no Prometheus operator here .*gpuk8s\.rules\.yaml.*rule_files/);
  });

  it('gives the rules the labels that the operator’s Prometheus selects by', async () => {
    const prometheuses = { items: [{ metadata: { namespace: 'monitoring', name: 'kps' }, spec: { ruleSelector: { matchLabels: { release: 'kps' } } } }] };
    const { plan } = await applyAlertRules.plan({ namespace: 'monitoring' }, world({ [group]: { resources: [] }, [`${group}/prometheuses`]: prometheuses }));
    expect(plan).toMatchObject({ blockers: [], warnings: [], risk: 'safe' });
    expect(plan.items[0]?.exact).toContain(
      'PATCH /apis/monitoring.coreos.com/v1/namespaces/monitoring/prometheusrules/gpuk8s?fieldManager=gpuk8s-tui&force=true',
    );
    expect(plan.items[0]?.exact).toContain('"release":"kps"');
  });

  it('warns where that Prometheus does not read rules of the namespace', async () => {
    const prometheuses = { items: [{ metadata: { namespace: 'monitoring', name: 'kps' }, spec: {} }] };
    const { plan } = await applyAlertRules.plan({ namespace: 'ai' }, world({ [group]: { resources: [] }, [`${group}/prometheuses`]: prometheuses }));
    expect(plan.warnings[0]).toMatch(/reads rules of its own namespace alone \(monitoring\)/);
  });
});
