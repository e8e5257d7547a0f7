import { clean } from '../text/clean.js';
import { jsonAnswer } from './answers.js';
import { prometheusSourcesIn } from './grafana-client.js';
import { isRecord, type JsonRecord, parseJson, recordAt, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';
import type { Answer, Road } from './road.js';

/** A Grafana with somebody logged in, or as a visitor. All reject with MonitoringError, `denied` where the login does not reach. */
export interface GrafanaVisit {
  /** The data sources of type prometheus. */
  dataSources(): Promise<readonly { readonly uid: string; readonly name: string; readonly isDefault: boolean }[]>;
  /** A dashboard as it is stored; null where there is none of that uid. */
  dashboard(uid: string): Promise<StoredDashboard | null>;
  /** Stores a dashboard in place of whatever has its uid; resolves to its version. */
  store(model: JsonRecord, folderUid: string | null, message: string): Promise<number | null>;
  remove(uid: string): Promise<void>;
  /** Ends the login. */
  leave(): Promise<void>;
}

export interface StoredDashboard {
  readonly model: JsonRecord;
  readonly version: number | null;
  readonly folderUid: string | null;
  /** Read from a file: Grafana lets nobody change it. */
  readonly isProvisioned: boolean;
}

export interface GrafanaLogin {
  readonly user: string;
  readonly password: string;
}

/**
 * Logs in by Grafana's own form and goes on with its cookie: an Authorization header would not get past the API server's proxy, which keeps it for itself. Without a login, as a
 * visitor. Rejects with `denied` for a wrong one.
 */
export async function visitGrafana(road: Road, login: GrafanaLogin | null): Promise<GrafanaVisit> {
  const headers: Readonly<Record<string, string>> = login === null ? {} : { cookie: await sessionCookie(road, login) };
  const said = (answer: Answer): unknown => {
    const body = parseJson(answer.text);
    if (answer.status === 401) throw new MonitoringError('denied', `${road.name} wants a user and password`);
    const message = clean(textAt(body, 'message') ?? '', 300);
    if (answer.status === 403 && textAt(body, 'kind') !== 'Status')
      throw new MonitoringError('denied', `this user of ${road.name} may not do that${message === '' ? '' : ` (${message})`}`);
    if (answer.status >= 400 && message !== '' && textAt(body, 'kind') !== 'Status')
      throw new MonitoringError('server', `${road.name} answers ${answer.status}: ${message}`);
    return jsonAnswer(answer, road, 'Grafana');
  };
  return {
    async dataSources() {
      return prometheusSourcesIn(said(await road.get('/api/datasources', { headers })));
    },
    async dashboard(uid) {
      const answer = await road.get(`/api/dashboards/uid/${encodeURIComponent(uid)}`, { headers });
      if (answer.status === 404 && textAt(parseJson(answer.text), 'kind') !== 'Status') return null;
      const body = said(answer);
      const model = recordAt(body, 'dashboard');
      const meta = recordAt(body, 'meta');
      if (model === null) throw new MonitoringError('not-prometheus', `${road.name} answers, but not as Grafana does`);
      const folderUid = textAt(meta, 'folderUid');
      return {
        model,
        version: typeof model['version'] === 'number' ? model['version'] : null,
        folderUid: folderUid === null || folderUid === '' ? null : folderUid,
        isProvisioned: meta?.['provisioned'] === true,
      };
    },
    async store(model, folderUid, message) {
      const json = { dashboard: { ...model, id: null }, overwrite: true, message, ...(folderUid === null ? {} : { folderUid }) };
      const body = said(await road.send('POST', '/api/dashboards/db', { headers, json, timeoutMs: 20_000 }));
      const version = isRecord(body) ? body['version'] : null;
      return typeof version === 'number' ? version : null;
    },
    async remove(uid) {
      const answer = await road.send('DELETE', `/api/dashboards/uid/${encodeURIComponent(uid)}`, { headers });
      if (answer.status !== 404) said(answer);
    },
    async leave() {
      if (login !== null) await road.get('/logout', { headers }).catch(() => undefined);
    },
  };
}

async function sessionCookie(road: Road, { user, password }: GrafanaLogin): Promise<string> {
  const answer = await road.send('POST', '/login', { json: { user, password } });
  if (answer.status === 401 || answer.status === 403 || answer.status === 400) {
    if (textAt(parseJson(answer.text), 'kind') === 'Status') jsonAnswer(answer, road, 'Grafana');
    throw new MonitoringError('denied', `${road.name} does not know this user and password`);
  }
  if (answer.status >= 300) jsonAnswer(answer, road, 'Grafana');
  const cookies = answer.cookies.filter((cookie) => /^grafana_session/.test(cookie));
  if (cookies.length === 0) throw new MonitoringError('denied', `${road.name} lets nobody log in with user and password`);
  return cookies.join('; ');
}
