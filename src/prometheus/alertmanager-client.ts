import type { Alertmanager } from '../state/alerts.js';
import { clean } from '../text/clean.js';
import { jsonAnswer } from './answers.js';
import { listAt, recordAt, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';
import type { Road } from './road.js';

/** `GET /api/v2/status` (`{cluster:{status, peers:[…]}, versionInfo:{version}}`) and `/-/ready` of an Alertmanager. Rejects with MonitoringError. */
export async function alertmanagerStatus(road: Road, signal?: AbortSignal): Promise<Omit<Alertmanager, 'foundBy'>> {
  const answer = await road.get('/api/v2/status', { signal });
  const body = jsonAnswer(answer, road, 'Alertmanager');
  const cluster = recordAt(body, 'cluster');
  const version = textAt(recordAt(body, 'versionInfo'), 'version');
  if (cluster === null && version === null) throw new MonitoringError('not-prometheus', `${road.name} answers, but not as Alertmanager does`);
  const ready = await road.get('/-/ready', { signal });
  const status = textAt(cluster, 'status');
  return {
    url: road.url,
    version: version === null ? null : clean(version, 100),
    ready: ready.status < 500,
    // With clustering switched off there are no peers to speak of.
    peers: status === 'disabled' || cluster === null ? null : listAt(cluster, 'peers').length,
    roundTripMs: answer.roundTripMs,
  };
}
