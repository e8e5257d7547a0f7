import { DemoStorage } from './demo-storage.js';
import { answerAlertmanager } from './http/alertmanager-server.js';
import { answerExporter, exporterPath, scraped } from './http/exporter-server.js';
import { createGrafana } from './http/grafana-server.js';
import { answerPrometheus } from './http/prometheus-server.js';
import { listen } from './http/reply.js';
import { ClusterModel } from './model/cluster-model.js';
import type { DemoMonitoring, DemoWorld } from './world.js';

/**
 * Starts the demo cluster's Prometheus, Grafana, Alertmanager and exporters on free ports of 127.0.0.1. Nothing is computed until somebody asks,
 * and nothing runs while nobody does.
 */
export async function startDemoMonitoring(world: DemoWorld): Promise<DemoMonitoring> {
  const model = new ClusterModel(world);
  const storage = new DemoStorage(model);
  const [prometheus, grafana, alertmanager, exporters] = await Promise.all([
    listen((request) => answerPrometheus(storage, request)),
    listen(createGrafana(model)),
    listen((request) => answerAlertmanager(storage, request)),
    listen((request) => answerExporter(storage, request)),
  ]);
  return {
    model,
    prometheusUrl: prometheus.url,
    grafanaUrl: grafana.url,
    alertmanagerUrl: alertmanager.url,
    get exporters() {
      return scraped(storage).map((target) => ({ job: target.job, instance: target.instance, url: exporters.url + exporterPath(target) }));
    },
    async close() {
      model.close();
      await Promise.all([prometheus, grafana, alertmanager, exporters].map((server) => server.close()));
    },
  };
}
