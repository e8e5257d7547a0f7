import { exposition } from '../exporters/family.js';
import { grafanaCommit, grafanaFamilies, grafanaVersion } from '../exporters/services.js';
import type { ClusterModel } from '../model/cluster-model.js';
import { json, metrics, type Reply, type Request } from './reply.js';

/** Grafana's HTTP server: health for everybody, the rest for the user admin, as after a plain install. */
export function answerGrafana(model: ClusterModel, request: Request): Reply {
  const { path, method, headers } = request;
  // A Grafana that is down does not answer; its port is closed.
  if (model.world.faults.grafanaDown) return 'drop';
  if (path === '/api/health' || path === '/healthz') return json(200, { database: 'ok', version: grafanaVersion, commit: grafanaCommit });
  if (path === '/metrics') return metrics(exposition(grafanaFamilies(), model.now()));
  if (path === '/login')
    return { status: 200, type: 'text/html; charset=UTF-8', body: '<!doctype html><html lang="en"><head><title>Grafana</title></head></html>' };
  if (!path.startsWith('/api/'))
    return { status: 302, type: 'text/html; charset=utf-8', body: '<a href="/login">Found</a>.\n\n', headers: { Location: '/login' } };
  if (!isAdmin(headers.authorization)) return refusal(headers.authorization);
  if (method !== 'GET') return json(405, { message: 'Method Not Allowed' });
  return answerApi(path, request.parameters);
}

const dashboards = [
  { uid: 'system-resources', title: 'System resources' },
  { uid: 'gpu-performance', title: 'GPU performance' },
  { uid: 'containers', title: 'Containers' },
  { uid: 'pressure', title: 'Pressure' },
  { uid: 'inference', title: 'Inference' },
].map((dashboard, index) => ({ ...dashboard, id: index + 1 }));

const source = {
  id: 1,
  uid: 'prometheus',
  orgId: 1,
  name: 'Prometheus',
  type: 'prometheus',
  typeName: 'Prometheus',
  typeLogoUrl: 'public/app/plugins/datasource/prometheus/img/prometheus_logo.svg',
  access: 'proxy',
  url: 'http://prometheus.monitoring.svc:9090',
  user: '',
  database: '',
  basicAuth: false,
  isDefault: true,
  jsonData: { timeInterval: '15s' },
  readOnly: false,
};

function answerApi(path: string, parameters: URLSearchParams): Reply {
  if (path === '/api/datasources') return json(200, [source]);
  if (path === '/api/datasources/uid/prometheus/health') return json(200, { status: 'OK', message: 'Successfully queried the Prometheus API.' });
  if (path === '/api/org') return json(200, { id: 1, name: 'Main Org.' });
  if (path === '/api/search') return json(200, searched(parameters.get('query') ?? '', parameters.get('type')));
  const uid = path.startsWith('/api/dashboards/uid/') ? path.slice('/api/dashboards/uid/'.length) : null;
  const dashboard = dashboards.find((each) => each.uid === uid);
  if (dashboard !== undefined) {
    return json(200, {
      meta: { type: 'db', canSave: true, canEdit: true, slug: dashboard.uid, url: `/d/${dashboard.uid}/${dashboard.uid}`, version: 1 },
      dashboard: { ...dashboard, tags: ['gpuk8s'], timezone: 'browser', schemaVersion: 42, version: 1, panels: [] },
    });
  }
  return json(404, { message: uid === null ? 'Not found' : 'Dashboard not found' });
}

function searched(query: string, type: string | null): unknown[] {
  if (type !== null && type !== 'dash-db') return [];
  return dashboards
    .filter(({ title }) => title.toLowerCase().includes(query.toLowerCase()))
    .map(({ id, uid, title }) => ({
      id,
      uid,
      title,
      uri: `db/${uid}`,
      url: `/d/${uid}/${uid}`,
      slug: '',
      type: 'dash-db',
      tags: ['gpuk8s'],
      isStarred: false,
      sortMeta: 0,
      isDeleted: false,
    }));
}

function refusal(authorization: string | undefined): Reply {
  if (authorization === undefined) return json(401, { extra: null, message: 'Unauthorized', messageId: 'auth.unauthorized', statusCode: 401, traceID: '' });
  return json(401, { message: 'Invalid username or password', messageId: 'password-auth.failed', statusCode: 401, traceID: '' });
}

function isAdmin(authorization: string | undefined): boolean {
  const [scheme, encoded] = (authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'basic' && Buffer.from(encoded ?? '', 'base64').toString('utf8') === 'admin:admin';
}
