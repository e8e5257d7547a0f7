import { exposition } from '../exporters/family.js';
import { grafanaCommit, grafanaFamilies, grafanaVersion } from '../exporters/services.js';
import type { ClusterModel } from '../model/cluster-model.js';
import { type Dashboards, installedDashboards } from './grafana-dashboards.js';
import { createSessions, type Sessions } from './grafana-sessions.js';
import { json, metrics, type Reply, type Request } from './reply.js';

/**
 * Grafana's HTTP server, with `auth.anonymous` for viewers: everybody sees its health, its dashboards and, as its own pages must, which data sources there are. What changes something, and the list of
 * data sources itself, is for admin with the password admin. What is stored is kept as long as the cluster.
 */
export function createGrafana(model: ClusterModel): (request: Request) => Reply {
  const dashboards = installedDashboards();
  const sessions = createSessions();
  return (request) => {
    // A Grafana that is down does not answer; its port is closed.
    if (model.world.faults.grafanaDown) return 'drop';
    return answerGrafana(model, dashboards, sessions, request);
  };
}

function answerGrafana(model: ClusterModel, dashboards: Dashboards, sessions: Sessions, request: Request): Reply {
  const { path, method } = request;
  if (path === '/api/health' || path === '/healthz') return json(200, { database: 'ok', version: grafanaVersion, commit: grafanaCommit });
  if (path === '/metrics') return metrics(exposition(grafanaFamilies(), model.now()));
  if (path === '/login' && method === 'POST') return sessions.logIn(request);
  if (path === '/logout') return sessions.logOut(request);
  if (path === '/login' || !path.startsWith('/api/')) return page(path);
  const who = sessions.whoAsks(request);
  return typeof who === 'string' ? answerApi(request, dashboards, who === 'admin') : who;
}

function answerApi({ path, method, parameters, body }: Request, dashboards: Dashboards, isAdmin: boolean): Reply {
  const uid = path.startsWith('/api/dashboards/uid/') ? path.slice('/api/dashboards/uid/'.length) : null;
  const changes = method === 'POST' && path === '/api/dashboards/db' ? 'dashboards:create' : method === 'DELETE' && uid !== null ? 'dashboards:delete' : null;
  if (changes !== null && !isAdmin) return accessDenied(changes);
  if (changes === 'dashboards:create') return dashboards.store(body);
  if (changes === 'dashboards:delete' && uid !== null) return dashboards.remove(uid);
  if (method !== 'GET') return json(405, { message: 'Method Not Allowed' });
  if (uid !== null) return dashboards.show(uid, isAdmin);
  switch (path) {
    case '/api/search':
      return dashboards.search(parameters);
    case '/api/org':
      return json(200, { id: 1, name: 'Main Org.' });
    case '/api/frontend/settings':
      return json(200, { anonymousEnabled: true, buildInfo, datasources: { [source.name]: source }, defaultDatasource: source.name });
    case '/api/datasources':
      return isAdmin ? json(200, [{ ...source, ...administered }]) : accessDenied('datasources:read');
    case '/api/datasources/uid/prometheus/health':
      return json(200, { status: 'OK', message: 'Successfully queried the Prometheus API.' });
    default:
      return json(404, { message: 'Not found' });
  }
}

const buildInfo = { version: grafanaVersion, commit: grafanaCommit, edition: 'Open Source', env: 'production' };

/** What everybody who looks at a dashboard gets to know of its data source. */
const source = {
  id: 1,
  uid: 'prometheus',
  name: 'Prometheus',
  type: 'prometheus',
  access: 'proxy',
  url: '/api/datasources/proxy/uid/prometheus',
  isDefault: true,
  readOnly: true,
  jsonData: { timeInterval: '15s' },
};

const administered = {
  orgId: 1,
  typeName: 'Prometheus',
  typeLogoUrl: 'public/app/plugins/datasource/prometheus/img/prometheus_logo.svg',
  url: 'http://kps-prometheus.monitoring:9090/',
  user: '',
  database: '',
  basicAuth: false,
};

function accessDenied(permission: string): Reply {
  return json(403, {
    accessErrorId: 'ACE0000000001',
    message: `You'll need additional permissions to perform this action. Permissions needed: ${permission}`,
    title: 'Access denied',
  });
}

function page(path: string): Reply {
  if (path === '/' || path === '/login' || path.startsWith('/d/') || path === '/dashboards') {
    return { status: 200, type: 'text/html; charset=UTF-8', body: '<!doctype html><html lang="en"><head><title>Grafana</title></head></html>' };
  }
  return { status: 404, type: 'text/html; charset=UTF-8', body: '<!doctype html><html lang="en"><head><title>Grafana</title></head></html>' };
}
