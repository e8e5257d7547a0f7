import type { DemoStorage } from '../demo-storage.js';
import { exposition } from '../exporters/family.js';
import { prometheusFamilies } from '../exporters/services.js';
import { metrics, notFound, type Reply, type Request, text } from './reply.js';

/** Prometheus' HTTP server: its API, its health pages, and little more than a sign where the web interface would be. */
export async function answerPrometheus(storage: DemoStorage, request: Request): Promise<Reply> {
  const { path } = request;
  // While the write-ahead log is replayed it lives, but answers nothing else.
  if (path === '/-/healthy') return text(200, 'Prometheus Server is Healthy.\n');
  if (storage.model.world.faults.prometheusDown) return text(503, 'Service Unavailable');
  if (path.startsWith('/api/v1/')) {
    // The query language with its parser is loaded when somebody asks.
    const { prometheusApi } = await import('./prometheus-api.js');
    return prometheusApi(storage, request);
  }
  switch (path) {
    case '/-/ready':
      return text(200, 'Prometheus Server is Ready.\n');
    case '/metrics':
      return metrics(exposition(prometheusFamilies(), storage.model.now()));
    case '/':
      return { status: 302, type: 'text/html; charset=utf-8', body: '<a href="/query">Found</a>.\n\n', headers: { Location: '/query' } };
    case '/query':
    case '/graph':
    case '/targets':
    case '/alerts':
      return { status: 200, type: 'text/html; charset=utf-8', body: page };
    default:
      return notFound;
  }
}

const page =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Prometheus Time Series Collection and Processing Server</title></head><body><div id="root"></div></body></html>';
