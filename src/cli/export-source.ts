import { homedir } from 'node:os';
import { resolveConfig } from '../config/config.js';
import { openSettings } from '../config/settings-file.js';
import { createKubeClient } from '../kube/http-client.js';
import { type Kubeconfig, loadKubeconfig } from '../kube/kubeconfig.js';
import { chosenService } from '../prometheus/chosen-service.js';
import { createPrometheusClient, type PrometheusClient } from '../prometheus/client.js';
import { findPrometheus, reach } from '../prometheus/discovery.js';
import { MonitoringError } from '../prometheus/monitoring-error.js';
import { urlRoad } from '../prometheus/road.js';
import { seeServices } from '../prometheus/services.js';
import { urlAccess } from '../prometheus/url-access.js';
import type { ConnectionOptions } from './actions.js';

/** Prometheus alone, without watching the cluster around it. */
export interface OpenPrometheus {
  readonly client: PrometheusClient;
  close(): Promise<void>;
}

/** The Prometheus that the command line, the environment and the settings name, else the one in the cluster. Rejects with a sentence. */
export async function openPrometheus(options: ConnectionOptions, signal: AbortSignal): Promise<OpenPrometheus> {
  const settings = openSettings(process.env);
  const config = resolveConfig(options, process.env, settings.settings());
  if (config.prometheusUrl !== null && chosenService(config.prometheusUrl) === null) return atUrl(config.prometheusUrl, signal);
  const demo = config.demoScenario === null ? null : await (await import('../demo/cluster.js')).startDemoCluster({ scenario: config.demoScenario });
  const kubeconfig = loadKubeconfig({
    env: process.env,
    homeDir: homedir(),
    ...(demo === null ? {} : { text: demo.kubeconfig }),
    ...(config.kubeconfig === null || demo !== null ? {} : { kubeconfig: config.kubeconfig }),
    ...(config.context === null ? {} : { context: config.context }),
  });
  if (kubeconfig.status !== 'usable') throw new Error(whyUnusable(kubeconfig));
  const named = config.prometheusUrl ?? settings.context(kubeconfig.context).prometheusUrl;
  const service = named === null ? null : chosenService(named);
  if (named !== null && service === null) return atUrl(named, signal);
  const kube = createKubeClient(kubeconfig, { env: process.env });
  const close = async () => {
    kube.close();
    await demo?.close();
  };
  try {
    const found = await findPrometheus(kube, await seeServices(kube), signal, service);
    if (found.status === 'found') return { client: found.value, close };
    if (found.status === 'denied')
      throw new MonitoringError('denied-proxy', 'not allowed to get services/proxy: give the address of Prometheus with --prometheus URL');
    throw new MonitoringError('unreachable', found.status === 'none' ? `${found.why}; give its address with --prometheus URL` : found.why);
  } catch (error) {
    await close();
    throw error;
  }
}

async function atUrl(url: string, signal: AbortSignal): Promise<OpenPrometheus> {
  const road = await reach(
    urlRoad(url, urlAccess(process.env)),
    (candidate) => createPrometheusClient(candidate).version(signal),
    async () => [],
    signal,
  );
  return { client: createPrometheusClient(road), close: async () => undefined };
}

/** Why there is no cluster to ask, and what to do. */
export function whyUnusable(kubeconfig: Exclude<Kubeconfig, { status: 'usable' }>): string {
  if (kubeconfig.status === 'unconfigured') return `no kubeconfig found: looked in ${kubeconfig.looked.join(', ')}; give --kubeconfig FILE or --prometheus URL`;
  return kubeconfig.fix === null ? kubeconfig.why : `${kubeconfig.why}; ${kubeconfig.fix}`;
}
