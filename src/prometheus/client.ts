import type { Alerts } from '../state/alerts.js';
import type { Target } from '../state/monitoring.js';
import { clean } from '../text/clean.js';
import { jsonAnswer, looksLikeHtml } from './answers.js';
import { recordAt, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';
import { createQueries, type Queries } from './queries.js';
import type { Road } from './road.js';
import { parseRules } from './rules.js';
import { type ClockReading, clockReading } from './server-clock.js';
import { describeItself, type SelfDescription } from './status.js';
import { parseTargets } from './targets.js';

/** Questions to one Prometheus, or to what answers like one (VictoriaMetrics, Thanos, Mimir). All reject with MonitoringError. */
export interface PrometheusClient extends Queries {
  readonly road: Road;
  /** Its version; null where it keeps that to itself. Rejects when there is no Prometheus API at the end of the road. */
  version(signal?: AbortSignal): Promise<{ readonly version: string | null; readonly roundTripMs: number }>;
  /** Whether it is ready to answer queries: not while it reads its log back after a start. */
  ready(signal?: AbortSignal): Promise<boolean>;
  /** Rejects with `not-found` where there is no such list, as behind Thanos and Mimir. */
  targets(signal?: AbortSignal): Promise<readonly Target[]>;
  /** Its rules with their alerts; null where it keeps none. */
  rules(signal?: AbortSignal): Promise<Alerts | null>;
  /** What it says of itself; what it does not say is null. */
  itself(signal?: AbortSignal): Promise<SelfDescription>;
  /** How far its clock is ahead of ours, as last measured; measured anew after a few minutes. Null where it cannot be told. */
  clock(signal?: AbortSignal): Promise<ClockReading | null>;
  /** This moment by its clock, ms since the epoch: what "now" means in a query. Ours where its clock is not to be had. */
  now(signal?: AbortSignal): Promise<number>;
}

export function createPrometheusClient(road: Road): PrometheusClient {
  const clock = measuredClock(road);
  return {
    road,
    ...createQueries(road),
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
    async rules(signal) {
      const body = await ifThere(road, '/api/v1/rules', signal);
      return body === null ? null : parseRules(body);
    },
    async itself(signal) {
      const pages = ['runtimeinfo', 'tsdb', 'flags'].map((page) => ifThere(road, `/api/v1/status/${page}`, signal));
      const [runtime, tsdb, flags] = await Promise.all(pages);
      return describeItself(runtime, tsdb, flags);
    },
    clock,
    async now(signal) {
      return Date.now() + ((await clock(signal))?.skewMs ?? 0);
    },
  };
}

async function adds(road: Road, signal: AbortSignal | undefined): Promise<number> {
  const answer = await road.get('/api/v1/query', { query: { query: '1' }, signal });
  const body = jsonAnswer(answer, road, 'Prometheus');
  if (textAt(body, 'status') !== 'success') throw new MonitoringError('not-prometheus', `${road.name} answers, but not as Prometheus does`);
  return answer.roundTripMs;
}

/** The page's answer; null where this relative of Prometheus has no such page. */
async function ifThere(road: Road, path: string, signal: AbortSignal | undefined): Promise<unknown> {
  const answer = await road.get(path, { timeoutMs: 15_000, signal });
  const isMissing = answer.status === 404 || answer.status === 405 || answer.status === 501;
  if (isMissing && !isApiServers(answer.text)) return null;
  return jsonAnswer(answer, road, 'Prometheus');
}

function measuredClock(road: Road): PrometheusClient['clock'] {
  let measured: { readonly at: number; readonly reading: ClockReading | null } | null = null;
  return async (signal) => {
    if (measured === null || performance.now() - measured.at > clockKeptMs) {
      const answer = await road.get('/api/v1/query', { query: { query: 'time()' }, signal });
      // An answer that was long on its way says little: the next one may be quicker.
      const reading = answer.status === 200 ? clockReading(answer, Date.now()) : null;
      if (reading === null || answer.roundTripMs > 2_000) return reading;
      measured = { at: performance.now(), reading };
    }
    return measured.reading;
  };
}

/** Whether the API server speaks, and not what is behind it. */
function isApiServers(text: string): boolean {
  return /^\s*\{.*"kind"\s*:\s*"Status"/s.test(text);
}

const clockKeptMs = 5 * 60_000;
