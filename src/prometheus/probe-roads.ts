import { readFile } from 'node:fs/promises';
import type { Agent as HttpAgent } from 'node:http';
import { createAgent } from '../kube/agent.js';
import type { KubeClient } from '../kube/client.js';
import { envProxy } from '../kube/env-proxy.js';
import { shownCertificate } from '../kube/transport-error.js';
import { clean } from '../text/clean.js';
import { masked } from '../text/masked.js';
import { MonitoringError } from './monitoring-error.js';
import { type RoundTrip, roundTrip } from './round-trip.js';

/** Something to ask from here, again and again. */
export interface ProbeRoad {
  readonly name: string;
  /** For the screen: without user, password or query. */
  readonly url: string;
  ask(timeoutMs: number, signal: AbortSignal): Promise<RoundTrip>;
  close(): void;
}

/** A path of the API server, with the kubeconfig's own credentials. What lies behind its service proxy shows no certificate of its own. */
export function apiServerRoad(name: string, client: KubeClient, path: string, isItself: boolean): ProbeRoad {
  return {
    name,
    url: clean(`${client.server}${path}`),
    async ask(timeoutMs, signal) {
      try {
        const { baseUrl, agent, headers } = await client.road();
        const went = await roundTrip({ url: new URL(`${baseUrl}${path}`), agent, headers, timeoutMs, signal });
        return isItself ? went : { ...went, certificateEndsAt: null };
      } catch (error) {
        // No credentials: a plugin that fails, a token file that is gone.
        return silence(error);
      }
    },
    close: () => undefined,
  };
}

/** A URL. User and password are sent where it holds them, and to no other host. Goes by the environment's proxy. */
export function urlProbe(options: {
  readonly name: string;
  readonly url: string;
  readonly ca: string | null;
  readonly bearerToken?: string | null;
  readonly env: NodeJS.ProcessEnv;
  readonly accepts?: (status: number) => boolean;
}): ProbeRoad {
  const url = new URL(options.url);
  const login = url.username === '' && url.password === '' ? null : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const { bearerToken = null } = options;
  const authorization = login !== null ? `Basic ${Buffer.from(login).toString('base64')}` : bearerToken === null ? null : `Bearer ${bearerToken}`;
  const headers: Readonly<Record<string, string>> = authorization === null ? {} : { authorization };
  const proxy = envProxy(url, options.env);
  let agent: HttpAgent | null = null;
  let seen: { readonly endsAt: number | null; readonly at: number } | null = null;

  const opened = async (): Promise<HttpAgent> => {
    const ca = options.ca === null ? null : await readFile(options.ca);
    agent ??= createAgent(url, { ca, cert: null, key: null, skipVerify: false, serverName: null }, proxy);
    return agent;
  };
  // A certificate that is refused is looked at once an hour, in a handshake over which nothing is sent.
  const refusedEnd = async (): Promise<number | null> => {
    if (seen === null || performance.now() - seen.at > hour) {
      const ms = Date.parse((await shownCertificate({ server: url, tlsServerName: null, proxied: proxy !== null }))?.valid_to ?? '');
      seen = { at: performance.now(), endsAt: Number.isNaN(ms) ? null : ms };
    }
    return seen.endsAt;
  };

  return {
    name: options.name,
    url: shownUrl(url),
    async ask(timeoutMs, signal) {
      try {
        const { accepts } = options;
        const went = await roundTrip({ url, agent: await opened(), headers, timeoutMs, signal, ...(accepts === undefined ? {} : { accepts }) });
        return went.isUntrusted ? { ...went, certificateEndsAt: await refusedEnd() } : went;
      } catch (error) {
        return silence(error);
      }
    },
    close: () => agent?.destroy(),
  };
}

const hour = 3_600_000;

function shownUrl(url: URL): string {
  return clean(`${url.origin}${url.pathname === '/' ? '' : url.pathname}`, 300);
}

function silence(error: unknown): RoundTrip {
  const message = error instanceof MonitoringError || error instanceof Error ? error.message : 'it cannot be asked';
  return { httpStatus: null, why: clean(masked(message), 300), roundTripMs: null, certificateEndsAt: null, isUntrusted: false };
}
