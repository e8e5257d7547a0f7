import type { DemoStorage } from '../demo-storage.js';
import { exposition } from '../exporters/family.js';
import { alertmanagerFamilies, alertmanagerRevision, alertmanagerVersion } from '../exporters/services.js';
import { json, metrics, notFound, type Reply, type Request, text } from './reply.js';

/** Alertmanager's HTTP server: its health pages and its API v2, with the alerts that the demo's Prometheus fires. */
export async function answerAlertmanager(storage: DemoStorage, { method, path, parameters }: Request): Promise<Reply> {
  const { model } = storage;
  if (model.world.faults.alertmanagerDown) return 'drop';
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'Method Not Allowed\n');
  switch (path) {
    case '/-/ready':
    case '/-/healthy':
      return text(200, 'OK');
    case '/metrics':
      return metrics(exposition(alertmanagerFamilies(), model.now()));
    case '/api/v2/status':
      return json(200, status(model.world.startedAt));
    case '/api/v2/alerts': {
      // Rules need the query language, which is loaded when somebody asks.
      const { alertmanagerAlerts } = await import('./alertmanager-alerts.js');
      return alertmanagerAlerts(storage, parameters);
    }
    case '/api/v2/receivers':
      return json(200, [{ name: 'null' }]);
    case '/api/v2/silences':
      return json(200, []);
    default:
      return notFound;
  }
}

function status(startedAt: number): unknown {
  const name = '01JBQ3M7Z5V9W8X4T2R6P0N1KD';
  return {
    cluster: { name, peers: [{ address: '10.244.1.12:9094', name }], status: 'ready' },
    config: { original: 'route:\n  receiver: "null"\nreceivers:\n- name: "null"\n' },
    uptime: new Date(startedAt - 30 * 86_400_000).toISOString(),
    versionInfo: {
      branch: 'HEAD',
      buildDate: '20260918-11:20:31',
      buildUser: 'root@buildkitsandbox',
      goVersion: 'go1.25.3',
      revision: alertmanagerRevision,
      version: alertmanagerVersion,
    },
  };
}
