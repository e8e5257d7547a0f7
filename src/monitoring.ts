import type { ContextSettings } from './config/settings.js';
import type { KubeClient } from './kube/client.js';
import type { PrometheusClient } from './prometheus/client.js';
import { startPrometheusFeed } from './prometheus/feed.js';
import type { LatencyFeed } from './prometheus/latency-feed.js';
import type { LoadFeed } from './prometheus/load-feed.js';
import type { Probes } from './prometheus/probes.js';
import { urlAccess } from './prometheus/url-access.js';
import type { LatencyHistory } from './state/latency.js';
import type { Store } from './state/store.js';

/** What watches the cluster, and what is measured through it, as the session holds it. */
export interface Monitoring {
  /** The screen that is looked at; nothing is measured before there is one. */
  lookAt(screen: string): void;
  /** One service over a longer time. Rejects with an Error whose message is a sentence. */
  history(service: string, rangeMs: number, signal: AbortSignal): Promise<LatencyHistory>;
  /** The Prometheus that was found, for further questions; rejects with MonitoringError. */
  prometheus(signal?: AbortSignal): Promise<PrometheusClient>;
  refresh(): void;
  close(): void;
}

export interface MonitoringOptions {
  readonly client: KubeClient;
  readonly store: Store;
  readonly prometheusUrl: string | null;
  readonly settings: Pick<ContextSettings, 'latency' | 'slo' | 'probes'>;
  readonly everyMs: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts looking at Prometheus and Grafana; latency, load and round trips follow when a screen shows them. */
export function startMonitoring({ client, store, prometheusUrl, settings, everyMs, env }: MonitoringOptions): Monitoring {
  const feed = startPrometheusFeed({ client, store, prometheusUrl, access: urlAccess(env), everyMs });
  let screen = '';
  let closed = false;
  let measuring: Promise<Measuring | null> | null = null;
  let measured: Measuring | null = null;

  const measure = async (): Promise<Measuring | null> => {
    const [{ startLatencyFeed }, { startLoadFeed }, { startProbes }] = await Promise.all([
      import('./prometheus/latency-feed.js'),
      import('./prometheus/load-feed.js'),
      import('./prometheus/probes.js'),
    ]);
    if (closed) return null;
    measured = {
      latency: startLatencyFeed({ store, client, prometheus: feed.prometheus, settings }),
      load: startLoadFeed({ store, prometheus: feed.prometheus }),
      probes: startProbes({ store, client, prometheusUrl, configured: settings.probes, env }),
    };
    attend(measured, screen);
    return measured;
  };

  const begun = () => {
    measuring ??= measure();
    return measuring;
  };

  return {
    lookAt(shown) {
      screen = shown;
      feed.setAttention(shown === 'monitoring');
      if (measured !== null) attend(measured, shown);
      else if (shown !== '') void begun();
    },
    async history(service, rangeMs, signal) {
      const all = await begun();
      if (all === null) throw new Error('this cluster has been left');
      return all.latency.history(service, rangeMs, signal);
    },
    prometheus: feed.prometheus,
    refresh() {
      feed.refresh();
      measured?.latency.refresh();
      measured?.load.refresh();
      measured?.probes.refresh();
    },
    close() {
      closed = true;
      feed.close();
      measured?.latency.close();
      measured?.load.close();
      measured?.probes.close();
    },
  };
}

interface Measuring {
  readonly latency: LatencyFeed;
  readonly load: LoadFeed;
  readonly probes: Probes;
}

function attend({ latency, probes }: Measuring, screen: string): void {
  latency.setAttention(screen);
  probes.setAttention(screen === 'monitoring' || screen === 'overview');
}
