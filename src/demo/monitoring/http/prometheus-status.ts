import type { DemoStorage } from '../demo-storage.js';
import { retention } from '../demo-storage.js';
import { prometheusRevision, prometheusVersion } from '../exporters/services.js';
import { BadData } from './api-error.js';

/** The data of /api/v1/status/NAME; throws BadData for a name there is not. */
export function statusOf(storage: DemoStorage, name: string): unknown {
  const answer = answers[name];
  if (answer === undefined) throw new BadData(`unknown status ${JSON.stringify(name)}`);
  return answer(storage);
}

const answers: Readonly<Record<string, (storage: DemoStorage) => unknown>> = {
  buildinfo: () => ({
    version: prometheusVersion,
    revision: prometheusRevision,
    branch: 'HEAD',
    buildUser: 'root@buildkitsandbox',
    buildDate: '20261014-09:12:44',
    goVersion: 'go1.25.3',
  }),
  runtimeinfo: ({ model }) => ({
    startTime: new Date(model.world.startedAt - 1000 * retention).toISOString(),
    CWD: '/prometheus',
    hostname: 'prometheus-0',
    serverTime: new Date(model.now() * 1000).toISOString(),
    reloadConfigSuccess: true,
    lastConfigTime: new Date(model.world.startedAt - 1000 * retention).toISOString(),
    corruptionCount: 0,
    goroutineCount: 96,
    GOMAXPROCS: 4,
    GOMEMLIMIT: 9_223_372_036_854_776_000,
    GOGC: '75',
    GODEBUG: '',
    storageRetention: '30d or 45GiB',
  }),
  tsdb: ({ model }) => ({
    headStats: {
      numSeries: 18_412,
      numLabelPairs: 3_977,
      chunkCount: 73_648,
      minTime: Math.floor(model.now() / 7200 - 1) * 7_200_000,
      maxTime: Math.floor(model.now() * 1000),
    },
    seriesCountByMetricName: [],
    labelValueCountByLabelName: [],
    memoryInBytesByLabelName: [],
    seriesCountByLabelValuePair: [],
  }),
  flags: () => ({
    'config.file': '/etc/prometheus/prometheus.yml',
    'query.lookback-delta': '5m',
    'query.max-concurrency': '20',
    'query.timeout': '2m',
    'storage.tsdb.path': '/prometheus',
    'storage.tsdb.retention.size': '45GiB',
    'storage.tsdb.retention.time': '30d',
    'web.enable-admin-api': 'false',
    'web.enable-lifecycle': 'true',
    'web.listen-address': '0.0.0.0:9090',
  }),
  config: () => ({ yaml: configuration }),
};

const configuration = `global:
  scrape_interval: 15s
  scrape_timeout: 10s
  evaluation_interval: 15s
rule_files:
- /etc/prometheus/rules/*.yaml
scrape_configs:
- job_name: prometheus
- job_name: node-exporter
- job_name: dcgm-exporter
- job_name: kube-state-metrics
  honor_labels: true
- job_name: kubelet
  scheme: https
- job_name: kubelet-cadvisor
  metrics_path: /metrics/cadvisor
  scheme: https
- job_name: apiserver
  scheme: https
- job_name: coredns
- job_name: grafana
- job_name: alertmanager
- job_name: inference
`;
