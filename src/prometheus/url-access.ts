import { readFile } from 'node:fs/promises';
import type { Agent as HttpAgent } from 'node:http';
import { createAgent } from '../kube/agent.js';
import { envProxy } from '../kube/env-proxy.js';
import { clean } from '../text/clean.js';
import { textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';

/** What a Prometheus at a URL may want beside user and password, which the URL itself can hold. */
export interface UrlAccess {
  readonly bearerToken: string | null;
  /** A PEM file with the authorities that may have signed its certificate; null: those this machine trusts. */
  readonly ca: string | null;
}

export const plainAccess: UrlAccess = { bearerToken: null, ca: null };

/** From the environment, where a token does not lie about in a file of settings. */
export function urlAccess(env: NodeJS.ProcessEnv): UrlAccess {
  const given = (name: string) => (env[name] === undefined || env[name] === '' ? null : env[name]);
  return { bearerToken: given('GPUK8S_TUI_PROMETHEUS_TOKEN'), ca: given('GPUK8S_TUI_PROMETHEUS_CA') };
}

/** Gives the connections to a URL that trust the authorities of a file, made at the first call. Rejects with MonitoringError where it cannot be read. */
export function trusting(url: URL, ca: string, env: NodeJS.ProcessEnv): () => Promise<HttpAgent> {
  let agent: HttpAgent | null = null;
  return async () => {
    const pem = await readFile(ca).catch((error: unknown) => {
      throw new MonitoringError('unreachable', `cannot read ${clean(ca, 200)}, the authorities for ${url.host}: ${textAt(error, 'code') ?? 'unreadable'}`);
    });
    agent ??= createAgent(url, { ca: pem, cert: null, key: null, skipVerify: false, serverName: null }, envProxy(url, env));
    return agent;
  };
}
