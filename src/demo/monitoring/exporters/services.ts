import { textAt } from '../../fields.js';
import type { ClusterModel } from '../model/cluster-model.js';
import { noise } from '../model/noise.js';
import { flow, steady } from '../model/steps.js';
import { counter, type Family, gauge, series, single } from './family.js';

/** The API server's own metrics: the few that show whether it is well. */
export function apiServerFamilies(model: ClusterModel): Family[] {
  const requests = (verb: string, resource: string, rate: number) => {
    const count = grown(`apiserver/${verb}/${resource}`, rate);
    return series({ code: '200', component: 'apiserver', group: '', resource, scope: 'cluster', subresource: '', verb, version: 'v1' }, count);
  };
  return [
    counter(
      'apiserver_request_total',
      'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      () => [
        requests('GET', 'nodes', 0.8),
        requests('LIST', 'pods', 0.3),
        requests('WATCH', 'pods', 0.05),
        requests('PATCH', 'nodes', 0.4),
        requests('PUT', 'leases', 1.9),
      ],
    ),
    gauge('apiserver_storage_objects', 'Number of stored objects at the time of last check split by kind.', () => [
      series({ resource: 'pods' }, model.world.store.list('pods').length),
      series({ resource: 'nodes' }, model.world.store.list('nodes').length),
    ]),
    gauge(
      'kubernetes_build_info',
      "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
      () => [series({ git_version: kubeletVersion(model), major: '1', platform: 'linux/amd64' }, 1)],
    ),
    ...processFamilies('apiserver', 0.12, 480),
  ];
}

export function coreDnsFamilies(pod: string): Family[] {
  return [
    counter('coredns_dns_requests_total', 'Counter of DNS requests made per zone, protocol and family.', () => [
      series({ family: '1', proto: 'udp', server: 'dns://:53', type: 'A', view: '', zone: '.' }, grown(`${pod}/A`, 6)),
      series({ family: '1', proto: 'udp', server: 'dns://:53', type: 'AAAA', view: '', zone: '.' }, grown(`${pod}/AAAA`, 6)),
    ]),
    counter('coredns_dns_responses_total', 'Counter of response status codes.', () => [
      series({ plugin: '', rcode: 'NOERROR', server: 'dns://:53', view: '', zone: '.' }, grown(`${pod}/noerror`, 9)),
      series({ plugin: '', rcode: 'NXDOMAIN', server: 'dns://:53', view: '', zone: '.' }, grown(`${pod}/nxdomain`, 3)),
    ]),
    single('counter', 'coredns_health_request_failures_total', 'The number of times the health check failed.', 0),
    ...processFamilies(pod, 0.004, 42),
  ];
}

export function prometheusFamilies(): Family[] {
  return [
    gauge(
      'prometheus_build_info',
      "A metric with a constant '1' value labeled by version, revision, branch, goversion from which prometheus was built, and the goos and goarch for the build.",
      () => [
        series(
          {
            branch: 'HEAD',
            goarch: 'amd64',
            goos: 'linux',
            goversion: 'go1.25.3',
            revision: prometheusRevision,
            tags: 'netgo,builtinassets',
            version: prometheusVersion,
          },
          1,
        ),
      ],
    ),
    single('gauge', 'prometheus_ready', 'Whether Prometheus startup was fully completed and the server is ready for normal operation.', 1),
    single('gauge', 'prometheus_config_last_reload_successful', 'Whether the last configuration reload attempt was successful.', 1),
    single('gauge', 'prometheus_tsdb_head_series', 'Total number of series in the head block.', 18_412),
    single('counter', 'prometheus_tsdb_head_samples_appended_total', 'Total number of appended samples.', grown('prometheus/samples', 1227)),
    single('counter', 'prometheus_target_scrapes_exceeded_sample_limit_total', 'Total number of scrapes that hit the sample limit and were rejected.', 0),
    ...processFamilies('prometheus', 0.06, 610),
  ];
}

export function alertmanagerFamilies(): Family[] {
  return [
    gauge(
      'alertmanager_build_info',
      "A metric with a constant '1' value labeled by version, revision, branch, goversion from which alertmanager was built, and the goos and goarch for the build.",
      () => [series({ branch: 'HEAD', goversion: 'go1.25.3', revision: alertmanagerRevision, version: alertmanagerVersion }, 1)],
    ),
    gauge('alertmanager_alerts', 'How many alerts by state.', () => ['active', 'suppressed', 'unprocessed'].map((state) => series({ state }, 0))),
    single('gauge', 'alertmanager_config_last_reload_successful', 'Whether the last configuration reload attempt was successful.', 1),
    ...processFamilies('alertmanager', 0.003, 38),
  ];
}

export function grafanaFamilies(): Family[] {
  return [
    gauge('grafana_build_info', "A metric with a constant '1' value labeled by version, revision, branch, and goversion from which Grafana was built", () => [
      series({ branch: 'HEAD', edition: 'oss', goversion: 'go1.25.3', revision: grafanaCommit, version: grafanaVersion }, 1),
    ]),
    counter('grafana_http_request_duration_seconds_count', 'Requests answered.', () => [
      series({ handler: '/api/ds/query', method: 'POST', status_code: '200' }, grown('grafana/query', 0.4)),
    ]),
    single('gauge', 'grafana_stat_totals_dashboard', 'total amount of dashboards', 5),
    ...processFamilies('grafana', 0.02, 190),
  ];
}

export const prometheusVersion = '3.14.0';
export const prometheusRevision = '0d1b9f1c7b7a3c5c5e5a2f0d6f8f1f9a6f6e2a41';
export const alertmanagerVersion = '0.32.0';
export const alertmanagerRevision = 'c1f4a2d7';
export const grafanaVersion = '12.3.0';
export const grafanaCommit = '20051fb1fc604fc54aae76356da1c14612af41d0';

function processFamilies(name: string, cores: number, megabytes: number): Family[] {
  const swing = noise(`${name}/memory`, 0.1);
  return [
    single('counter', 'process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', grown(`${name}/process`, cores)),
    single(
      'gauge',
      'process_resident_memory_bytes',
      'Resident memory size in bytes.',
      (time) => Math.round((megabytes * 1_048_576 * swing.at(time)) / 4096) * 4096,
    ),
    single('gauge', 'process_open_fds', 'Number of open file descriptors.', 41),
    single('gauge', 'go_goroutines', 'Number of goroutines that currently exist.', (time) => Math.round(120 * swing.at(time))),
  ];
}

/** A counter that has grown steadily for long. */
function grown(name: string, rate: number): (time: number) => number {
  const count = flow(steady(rate), noise(name, 0.4), longAgo);
  return (time) => (rate < 1 ? Math.floor(count(time) * 100) / 100 : Math.floor(count(time)));
}

// All that runs here has run at least since then: 2026-01-01.
const longAgo = 1_767_225_600;

function kubeletVersion(model: ClusterModel): string {
  return textAt(model.world.store.list('nodes')[0], 'status', 'nodeInfo', 'kubeletVersion') ?? 'v1.36.2';
}
