import { type DemoStorage, scrapeDuration } from '../demo-storage.js';
import { scrapeError, scrapeUrl } from '../health.js';
import { lastScrape, type Target, targetsOf } from '../targets.js';

/** The data of /api/v1/targets; `state` and `scrapePool` filter as Prometheus' do. */
export function targetsAnswer(storage: DemoStorage, parameters: URLSearchParams): unknown {
  const { model, health } = storage;
  const now = model.now();
  const targets = targetsOf(model).filter(({ until }) => until > now);
  health.notice(targets);
  const state = parameters.get('state') ?? '';
  const pool = parameters.get('scrapePool') ?? '';
  const active = state === 'dropped' ? [] : targets.filter(({ job }) => pool === '' || job === pool);
  return {
    activeTargets: active.map((target) => answerOf(target, scrapeError(model, target), now)),
    droppedTargets: [],
    droppedTargetCounts: {},
  };
}

function answerOf(target: Target, error: string | null, now: number): unknown {
  const { job, instance, address, scheme, path } = target;
  const last = lastScrape(target, now);
  const seen = last >= target.from;
  return {
    discoveredLabels: {
      __address__: address,
      __metrics_path__: path,
      __scheme__: scheme,
      __scrape_interval__: '15s',
      __scrape_timeout__: '10s',
      ...meta(target),
      job,
    },
    labels: target.labels,
    scrapePool: job,
    scrapeUrl: scrapeUrl(target),
    globalUrl: instance.startsWith('localhost') ? `http://prometheus-0:9090${path}` : scrapeUrl(target),
    lastError: seen ? (error ?? '') : '',
    lastScrape: seen ? stamp(last) : '0001-01-01T00:00:00Z',
    lastScrapeDuration: seen ? (error === null ? scrapeDuration(target, last) : failedAfter(error)) : 0,
    health: seen ? (error === null ? 'up' : 'down') : 'unknown',
    scrapeInterval: '15s',
    scrapeTimeout: '10s',
  };
}

function meta({ pod, node }: Target): Record<string, string> {
  if (pod !== null) {
    return {
      __meta_kubernetes_namespace: pod.namespace,
      __meta_kubernetes_pod_name: pod.name,
      __meta_kubernetes_pod_node_name: pod.node ?? '',
      __meta_kubernetes_pod_ip: pod.podIp,
    };
  }
  return node === null ? {} : { __meta_kubernetes_node_name: node.name, __meta_kubernetes_node_address_InternalIP: node.address };
}

/** A refused connection fails at once, a silent one at the timeout. */
function failedAfter(error: string): number {
  return error.includes('deadline') ? 10.000412 : 0.000691;
}

/** RFC 3339 with nanoseconds, as Go writes it. */
function stamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('Z', `${String(Math.floor(seconds * 1e6) % 1000).padStart(3, '0')}412Z`);
}
