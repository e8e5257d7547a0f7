import type { Grafana } from '../state/monitoring.js';
import { clean } from '../text/clean.js';
import { jsonAnswer } from './answers.js';
import { parseJson, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';
import type { Road } from './road.js';

/** `GET /api/health`, which needs no login: `{"commit":"…","database":"ok","version":"12.1.0"}`; 503 with `database: failing` while its database is away. */
export async function grafanaHealth(road: Road, signal?: AbortSignal): Promise<Omit<Grafana, 'foundBy'>> {
  const answer = await road.get('/api/health', { signal });
  const failing = answer.status === 503 ? parseJson(answer.text) : undefined;
  const body = textAt(failing, 'database') === null ? jsonAnswer(answer, road, 'Grafana') : failing;
  const database = textAt(body, 'database');
  if (database === null) throw new MonitoringError('not-prometheus', `${road.name} answers, but not as Grafana does`);
  const version = textAt(body, 'version');
  return {
    url: road.url,
    version: version === null ? null : clean(version, 100),
    database: database === 'ok' ? 'ok' : 'failing',
    roundTripMs: answer.roundTripMs,
  };
}
