import type { Target } from '../state/monitoring.js';
import { clean } from '../text/clean.js';
import { jsonAnswer, looksLikeHtml } from './answers.js';
import { recordAt, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';
import type { Road } from './road.js';
import { parseTargets } from './targets.js';

/** Questions to one Prometheus, or to what answers like one (VictoriaMetrics, Thanos, Mimir). All reject with MonitoringError. */
export interface PrometheusClient {
  readonly road: Road;
  /** Its version; null where it keeps that to itself. Rejects when there is no Prometheus API at the end of the road. */
  version(signal?: AbortSignal): Promise<{ readonly version: string | null; readonly roundTripMs: number }>;
  /** Whether it is ready to answer queries: not while it reads its log back after a start. */
  ready(signal?: AbortSignal): Promise<boolean>;
  targets(signal?: AbortSignal): Promise<readonly Target[]>;
}

export function createPrometheusClient(road: Road): PrometheusClient {
  return {
    road,
    async version(signal) {
      const answer = await road.get('/api/v1/status/buildinfo', { signal });
      // Thanos and older relatives have no build information, but any of them can add.
      if (answer.status === 404 && !isApiServers(answer.text)) return { version: null, roundTripMs: await adds(road, signal) };
      const body = jsonAnswer(answer, road, 'Prometheus');
      if (textAt(body, 'status') !== 'success') throw new MonitoringError('not-prometheus', `${road.name} answers, but not as Prometheus does`);
      const version = textAt(recordAt(body, 'data'), 'version');
      return { version: version === null || version === '' ? null : clean(version, 100), roundTripMs: answer.roundTripMs };
    },
    async ready(signal) {
      const answer = await road.get('/-/ready', { signal });
      if (answer.status === 503) {
        if (isApiServers(answer.text)) jsonAnswer(answer, road, 'Prometheus');
        return false;
      }
      // Behind a path prefix of a proxy only the API may be let through: what answers queries is ready.
      return answer.status < 500 || looksLikeHtml(answer);
    },
    async targets(signal) {
      const answer = await road.get('/api/v1/targets', { query: { state: 'active' }, timeoutMs: 15_000, signal });
      const body = jsonAnswer(answer, road, 'Prometheus');
      if (recordAt(body, 'data') === null) throw new MonitoringError('not-prometheus', `${road.name} answers, but without a list of targets`);
      return parseTargets(body);
    },
  };
}

async function adds(road: Road, signal: AbortSignal | undefined): Promise<number> {
  const answer = await road.get('/api/v1/query', { query: { query: '1' }, signal });
  const body = jsonAnswer(answer, road, 'Prometheus');
  if (textAt(body, 'status') !== 'success') throw new MonitoringError('not-prometheus', `${road.name} answers, but not as Prometheus does`);
  return answer.roundTripMs;
}

/** Whether the API server speaks, and not what is behind it. */
function isApiServers(text: string): boolean {
  return /^\s*\{.*"kind"\s*:\s*"Status"/s.test(text);
}
