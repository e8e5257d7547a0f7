import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/state/alerts.js';
import { absent, live, stale } from '../../src/state/freshness.js';
import type { Probe } from '../../src/state/probes.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { missingExporters } from '../../views/screens/monitoring/missing-exporters.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab, aTarget } from '../builders/lab.js';
import { aWorkload, collection, now } from '../builders/snapshot.js';

process.env['TZ'] = 'UTC';

const minute = 60_000;
const day = 24 * 60 * minute;
const sizes = [
  [80, 24],
  [120, 40],
] as const;

function anAlert(overrides: Partial<Alert> = {}): Alert {
  const name = overrides.name ?? 'GpuMissing';
  const severity = overrides.severity === undefined ? 'critical' : overrides.severity;
  return {
    name,
    state: 'firing',
    severity,
    labels: new Map([
      ['alertname', name],
      ['severity', severity ?? ''],
      ['node', 'gpu-2'],
    ]),
    summary: 'gpu-2 offers fewer GPUs than it has',
    activeAt: now - 3 * minute,
    value: 8,
    ...overrides,
  };
}

function aProbe(name: string, overrides: Partial<Probe> = {}): Probe {
  return {
    name,
    url: `https://10.0.0.10:6443/${name.toLowerCase().replaceAll(' ', '-')}`,
    status: 'ok',
    httpStatus: 200,
    why: null,
    roundTripMs: 12,
    history: Array.from({ length: 40 }, (_, index) => (index === 22 ? null : 10 + (index % 7))),
    certificateEndsAt: now + 200 * day,
    at: now - 2_000,
    ...overrides,
  };
}

function watched(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const lab = aLab();
  return aLab({
    prometheus:
      lab.prometheus.value === null
        ? lab.prometheus
        : live(
            {
              ...lab.prometheus.value,
              others: ['monitoring/thanos-query:9090'],
              about: {
                startedAt: now - 12 * day,
                retention: '15d',
                headSeries: 184_220,
                storageBytes: 41 * 2 ** 30,
                disk: { availableBytes: 20 * 2 ** 30, sizeBytes: 100 * 2 ** 30 },
                clockSkewMs: null,
                troubles: [],
              },
            },
            now,
          ),
    grafana:
      lab.grafana.value === null
        ? lab.grafana
        : live(
            {
              ...lab.grafana.value,
              inside: {
                status: 'seen',
                dataSources: [{ uid: 'p', name: 'Prometheus', isDefault: true, health: 'ok', said: null }],
                dashboards: [1, 2, 3, 4, 5].map((index) => ({ uid: `d${index}`, title: `Dashboard ${index}`, present: index < 4 })),
              },
            },
            now,
          ),
    alertmanager: live(
      { url: 'https://10.0.0.10:6443/proxy', foundBy: 'service monitoring/alertmanager', version: '0.28.1', ready: true, peers: 1, roundTripMs: 8 },
      now,
    ),
    alerts: live(
      {
        alerts: [
          anAlert(),
          anAlert({ name: 'GpuHot', state: 'pending', severity: 'warning', activeAt: now - 70_000, summary: null }),
          anAlert({ name: 'Watchdog', severity: 'none', activeAt: now - 12 * day, summary: 'Always fires' }),
        ],
        brokenRules: [{ group: 'gpu.rules', name: 'GpuThrottled', error: 'vector contains metrics with the same labelset after applying rule labels' }],
        rules: 138,
        notes: [],
      },
      now,
    ),
    probes: live(
      [
        aProbe('API server'),
        aProbe('Prometheus', { certificateEndsAt: null, roundTripMs: 31 }),
        aProbe('Grafana', { certificateEndsAt: null, status: 'failing', httpStatus: 503, why: 'it answers 503 Service Unavailable: database is locked' }),
        aProbe('gateway', { certificateEndsAt: now + 5 * day, url: 'https://gw.lab/healthz' }),
      ],
      now,
    ),
    ...overrides,
  });
}

describe('the Monitoring screen', () => {
  it.each(sizes)('shows a dead target, a firing alert and a failing probe at %d×%d', async (columns, rows) => {
    const app = anApp(aSession(watched()), { screen: 'monitoring', columns, rows });
    const screen = await app.until((shown) => shown.includes('dcgm-exporter'));
    expect(app.scrolledOff()).toBe(0);
    expect(app.wrapped()).toBe(0);
    expect(screen).toMatchSnapshot();
    await app.close();
  });

  it('goes round targets, alerts and probes with tab, one at a time on a low screen', async () => {
    const app = anApp(aSession(watched()), { screen: 'monitoring' });
    await app.until((shown) => shown.includes('Targets 11'));
    app.type('\t');
    expect(await app.until((shown) => shown.includes('Alerts 4'))).toMatchSnapshot();
    app.type('\t');
    expect(await app.until((shown) => shown.includes('Probes 4'))).toMatchSnapshot();
    app.type('\t');
    await app.until((shown) => shown.includes('Targets 11'));
    await app.close();
  });

  it('opens an alert, a rule in error and a probe in full', async () => {
    const app = anApp(aSession(watched()), { screen: 'monitoring', columns: 120, rows: 40 });
    await app.until((shown) => shown.includes('Targets 11'));
    app.type('\t\r');
    expect(await app.until((shown) => shown.includes('Alert GpuMissing'))).toContain('gpu-2 offers fewer GPUs than it has');
    app.type('\x1b');
    await app.until((shown) => shown.includes('Alerts 4'));
    app.type('j\r');
    await app.until((shown) => shown.includes('Rule GpuThrottled') && shown.includes('vector contains metrics'));
    app.type('\x1b');
    await app.until((shown) => shown.includes('Alerts 4'));
    app.type('\tjj\r');
    const probe = await app.until((shown) => shown.includes('Probe Grafana'));
    expect(probe).toContain('40, 1 without an answer');
    expect(probe).toContain('it answers 503 Service Unavailable: database is locked');
    await app.close();
  });

  it('mends what is missing with f: the dashboards that are not in Grafana', async () => {
    const session = aSession(watched());
    const app = anApp(session, { screen: 'monitoring' });
    await app.until((shown) => shown.includes('3 of 5 dashboards') && shown.includes('f fix'));
    app.type('f');
    await app.until(() => session.asked.includes('plan import-dashboards'));
    await app.close();
  });

  it('says what is not there and where it was looked for, and how old the rest is', async () => {
    const lab = watched();
    const why = 'connection refused at 10.0.0.10';
    const { targets, prometheus } = lab;
    const gone = watched({
      grafana: absent('looked for services named or labelled grafana in all namespaces'),
      alertmanager: absent('no such service'),
      ...(targets.value === null || prometheus.value === null
        ? {}
        : { targets: stale(targets.value, now - 250_000, why), prometheus: stale(prometheus.value, now - 250_000, why) }),
    });
    const app = anApp(aSession(gone), { screen: 'monitoring', columns: 120, rows: 40 });
    const screen = await app.until((shown) => shown.includes('no Grafana: looked for'));
    expect(screen).toContain(why);
    expect(screen).toContain('4m10s old');
    await app.close();
  });
});

describe('exporters that are missing altogether', () => {
  const texts = (overrides: Partial<ClusterSnapshot>) => missingExporters(aLab(overrides)).map(({ text }) => text);

  it('are none where every node and every GPU is scraped', () => {
    expect(missingExporters(aLab())).toEqual([]);
  });

  it('are told by the nodes that lack one', () => {
    const targets = live(
      (aLab().targets.value ?? []).filter(({ instance }) => instance !== '10.0.0.12:9100'),
      now,
    );
    expect(texts({ targets })).toEqual(['node exporter on 2 of 3 nodes: not on gpu-2']);
  });

  it('are told where none is scraped, and where one runs that is not', () => {
    const targets = live([aTarget({ job: 'kubelet', instance: '10.0.0.10:10250' })], now);
    const daemonSets = collection(aWorkload({ kind: 'DaemonSet', namespace: 'monitoring', name: 'node-exporter', desired: 3 }));
    expect(texts({ targets, daemonSets })).toEqual([
      'node exporter runs on 3 nodes, but Prometheus does not scrape it: CPU, memory, disk and pressure are not known',
      'no DCGM exporter is scraped: GPU metrics are not known',
      'kubelet on 1 of 3 nodes: not on gpu-1 and gpu-2',
      'no kube-state-metrics is scraped: replicas, requests and conditions are not known to Prometheus',
    ]);
  });

  it('can be a DaemonSet that wants no node, because its label is missing', () => {
    const daemonSets = collection(
      aWorkload({ kind: 'DaemonSet', namespace: 'gpu', name: 'dcgm-exporter', desired: 0, nodeSelector: new Map([['nvidia.com/gpu.present', 'true']]) }),
    );
    const [missing] = missingExporters(aLab({ daemonSets }));
    expect(missing?.text).toBe('DCGM exporter runs nowhere (0 wanted): no node is labelled nvidia.com/gpu.present=true');
    expect(missing?.fixes).toHaveLength(3);
    expect(missing?.fixes[1]).toEqual({ id: 'label-node', input: { node: 'gpu-1', key: 'nvidia.com/gpu.present', value: 'true' } });
  });

  it('are not guessed from what is old', () => {
    expect(texts({ targets: stale([], now, 'timed out') })).toEqual([]);
  });
});
