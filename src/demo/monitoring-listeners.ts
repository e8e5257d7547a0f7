import { isIP } from 'node:net';
import type { Listener } from './controllers/endpoints.js';
import { startForwarder } from './forwarder.js';
import { startDemoMonitoring } from './monitoring/start.js';
import type { DemoMonitoring, DemoWorld } from './monitoring/world.js';

export interface MonitoringListeners extends DemoMonitoring {
  /** Of the demo's own Prometheus, whichever one the services lead to. */
  readonly ownPrometheusUrl: string;
  /** Where the endpoints of monitoring's services really are, by `namespace/service`. */
  readonly listeners: ReadonlyMap<string, Listener>;
  /** For the API server's proxies: only what the demo listens on can be reached, the addresses of pods lead nowhere. */
  dial(ip: string, port: number): Listener | null;
}

/**
 * Starts the demo's monitoring; with `prometheusUrl` the services of Prometheus lead to that one instead, whatever its scheme and path. Rejects
 * where that is no http or https URL.
 */
export async function startMonitoring(world: DemoWorld, prometheusUrl: string | undefined): Promise<MonitoringListeners> {
  const real = prometheusUrl === undefined ? null : parse(prometheusUrl);
  const demo = await startDemoMonitoring(world);
  const plain = real !== null && real.protocol === 'http:' && isIP(real.hostname) === 4 && real.pathname === '/';
  const forwarder = real === null || plain ? null : await startForwarder(real);
  const prometheus = listenerOf(forwarder?.url ?? real?.href ?? demo.prometheusUrl);
  const grafana = listenerOf(demo.grafanaUrl);
  const alertmanager = listenerOf(demo.alertmanagerUrl);
  const listeners = new Map([
    ['monitoring/prometheus-operated', prometheus],
    ['monitoring/kps-prometheus', prometheus],
    ['monitoring/kps-grafana', grafana],
    ['monitoring/alertmanager-operated', alertmanager],
    ['monitoring/kps-alertmanager', alertmanager],
  ]);
  const known = new Set([...listeners.values()].map(({ host, port }) => `${host}:${port}`));
  return {
    model: demo.model,
    prometheusUrl: prometheusUrl ?? demo.prometheusUrl,
    ownPrometheusUrl: demo.prometheusUrl,
    grafanaUrl: demo.grafanaUrl,
    alertmanagerUrl: demo.alertmanagerUrl,
    get exporters() {
      return demo.exporters;
    },
    listeners,
    dial: (host, port) => (known.has(`${host}:${port}`) ? { host, port } : null),
    async close() {
      await Promise.all([demo.close(), forwarder?.close()]);
    },
  };
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new Error(`"${text}" is no http or https URL of a Prometheus.`);
  return url;
}

function listenerOf(url: string): Listener {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port) };
}
