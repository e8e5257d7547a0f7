import { MonitoringError } from './monitoring-error.js';
import type { Road } from './road.js';

/**
 * The same road with the path prefix that the program behind it is served under. `works` is a request that fails with `not-found` (or a redirect) where
 * the prefix is wrong. Tried in turn: none, the place that `/` redirects to, `more` (from the pods' own flags).
 */
export async function withRoutePrefix(
  road: Road,
  works: (road: Road) => Promise<unknown>,
  more: () => Promise<readonly string[]>,
  signal?: AbortSignal,
): Promise<Road> {
  const trouble = await attempt(road, works);
  if (trouble === null) return road;
  if (trouble.kind !== 'not-found' && trouble.kind !== 'not-prometheus') throw trouble;
  const front = await road.get('/', { signal });
  const redirected = front.location === null ? null : prefixIn(front.location, road.url);
  const tried = new Set(['']);
  for (const prefixes of [async () => (redirected === null ? [] : [redirected]), more]) {
    for (const prefix of await prefixes()) {
      if (tried.has(prefix)) continue;
      tried.add(prefix);
      const candidate = road.withPrefix(prefix);
      if ((await attempt(candidate, works)) === null) return candidate;
    }
  }
  throw trouble;
}

/**
 * The prefix in a redirect of `/`: `/prometheus`, `/prometheus/graph`, `./query`, `/grafana/login`; or, where the API server rewrote it,
 * `/api/v1/namespaces/…/proxy/prometheus/query`. Null for a redirect to another host or without a prefix.
 */
export function prefixIn(location: string, from: string): string | null {
  if (!URL.canParse(location, `${from}/`)) return null;
  const base = new URL(`${from}/`);
  const target = new URL(location, base);
  if (target.host !== base.host) return null;
  const proxied = /^(?:\/.*?)?\/api\/v1\/namespaces\/[^/]+\/services\/[^/]+\/proxy(?=\/|$)/.exec(target.pathname)?.[0];
  const path = target.pathname.slice(proxied?.length ?? 0);
  const prefix = path.replace(/\/(?:graph|query|classic\/graph|login|new\/graph|vmui)?\/*$/, '');
  return /^(?:\/[\w.~-]+)+$/.test(prefix) ? prefix : null;
}

/** The prefix in a Prometheus' flags: `--web.route-prefix` before the path of `--web.external-url`. */
export function prefixesInFlags(flags: readonly string[]): readonly string[] {
  const route = flagValue('web.route-prefix', flags);
  if (route !== null) return [trimmed(route)];
  const external = flagValue('web.external-url', flags);
  if (external === null) return [];
  return [trimmed(URL.canParse(external) ? new URL(external).pathname : external)];
}

function flagValue(flag: string, flags: readonly string[]): string | null {
  const index = flags.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  const word = flags[index];
  if (word === undefined) return null;
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : (flags[index + 1] ?? null);
}

function trimmed(path: string): string {
  const bare = path.replace(/^\/*|\/*$/g, '');
  return bare === '' ? '' : `/${bare}`;
}

async function attempt(road: Road, works: (road: Road) => Promise<unknown>): Promise<MonitoringError | null> {
  try {
    await works(road);
    return null;
  } catch (error) {
    if (error instanceof MonitoringError) return error;
    throw error;
  }
}
