import type { Grafana, GrafanaDataSource, GrafanaInside } from '../state/monitoring.js';
import { clean } from '../text/clean.js';
import { jsonAnswer } from './answers.js';
import { isRecord, parseJson, recordAt, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';
import type { Road } from './road.js';

/** `GET /api/health`, which needs no login: `{"commit":"…","database":"ok","version":"12.1.0"}`; 503 with `database: failing` while its database is away. */
export async function grafanaHealth(road: Road, signal?: AbortSignal): Promise<Omit<Grafana, 'foundBy' | 'inside'>> {
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

/** What is inside, as far as a visitor without a login (or with the given headers) may see it: Prometheus data sources, and which of the dashboards are there. */
export async function grafanaInside(
  road: Road,
  wanted: readonly { readonly uid: string; readonly title: string }[],
  signal?: AbortSignal,
): Promise<GrafanaInside> {
  try {
    const dataSources = await prometheusSources(road, signal);
    const found = await existingDashboards(road, signal);
    return { status: 'seen', dataSources, dashboards: wanted.map(({ uid, title }) => ({ uid, title, present: found.has(uid) })) };
  } catch (error) {
    if (!(error instanceof MonitoringError)) throw error;
    return error.kind === 'denied' ? { status: 'login-needed' } : { status: 'unknown', why: error.message };
  }
}

/** `GET /api/datasources`: `[{uid, name, type, isDefault}]`, those of type prometheus, each with its health. */
async function prometheusSources(road: Road, signal: AbortSignal | undefined): Promise<readonly GrafanaDataSource[]> {
  const answer = await road.get('/api/datasources', { signal });
  // Viewers may not list them, but Grafana's own pages have to know whom they may ask.
  const isForAdmins = answer.status === 403 && textAt(parseJson(answer.text), 'kind') !== 'Status';
  const body = isForAdmins ? await settingsSources(road, signal) : jsonAnswer(answer, road, 'Grafana');
  return Promise.all(prometheusSourcesIn(body).map(async (source) => ({ ...source, ...(await sourceHealth(road, source.uid, signal)) })));
}

/** `datasources` of `GET /api/frontend/settings`, by name: `{"Prometheus":{"uid":…,"name":…,"type":"prometheus","isDefault":true}}`. */
async function settingsSources(road: Road, signal: AbortSignal | undefined): Promise<readonly unknown[]> {
  const body = jsonAnswer(await road.get('/api/frontend/settings', { signal }), road, 'Grafana');
  return Object.values(recordAt(body, 'datasources') ?? {});
}

/** Those of type prometheus in an answer of `GET /api/datasources`. */
export function prometheusSourcesIn(body: unknown): readonly { readonly uid: string; readonly name: string; readonly isDefault: boolean }[] {
  return (Array.isArray(body) ? body : []).flatMap((source: unknown) => {
    const uid = textAt(source, 'uid');
    if (!isRecord(source) || uid === null || textAt(source, 'type') !== 'prometheus') return [];
    return [{ uid: clean(uid, 100), name: clean(textAt(source, 'name') ?? uid, 200), isDefault: source['isDefault'] === true }];
  });
}

/** `GET /api/datasources/uid/UID/health`: `{status:"OK", message:"…"}`; 400 with `status: ERROR` where it does not work, 404 in Grafana before 9. */
async function sourceHealth(road: Road, uid: string, signal: AbortSignal | undefined): Promise<Pick<GrafanaDataSource, 'health' | 'said'>> {
  const answer = await road.get(`/api/datasources/uid/${encodeURIComponent(uid)}/health`, { signal });
  const body = parseJson(answer.text);
  const said = textAt(body, 'message');
  const words = said === null ? null : clean(said, 300);
  if (answer.status === 404 || answer.status === 403 || answer.status === 401) return { health: 'unknown', said: words };
  return { health: textAt(body, 'status') === 'OK' ? 'ok' : 'failing', said: words };
}

/** `GET /api/search?type=dash-db`: `[{uid, title}]`. */
async function existingDashboards(road: Road, signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  const body = jsonAnswer(await road.get('/api/search', { query: { type: 'dash-db', limit: '5000' }, signal }), road, 'Grafana');
  return new Set((Array.isArray(body) ? body : []).flatMap((entry: unknown) => textAt(entry, 'uid') ?? []));
}
