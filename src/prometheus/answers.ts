import { clean } from '../text/clean.js';
import { isRecord, parseJson, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';
import type { Answer, Road } from './road.js';

/** The answer's JSON when it is a good one; else throws MonitoringError with a sentence on what came instead. `wanted` is "Prometheus" or "Grafana". */
export function jsonAnswer(answer: Answer, road: Road, wanted: string): unknown {
  const body = parseJson(answer.text);
  if (answer.status >= 200 && answer.status < 300) {
    if (body !== undefined) return body;
    throw new MonitoringError(
      'not-prometheus',
      `${road.name} answers with ${looksLikeHtml(answer) ? 'a web page' : 'text'} instead of the ${wanted} API (a login page, or another program)`,
    );
  }
  throw troubleIn(answer, body, road, wanted);
}

export function looksLikeHtml(answer: Answer): boolean {
  return /html/i.test(answer.contentType) || /^\s*</.test(answer.text);
}

function troubleIn(answer: Answer, body: unknown, road: Road, wanted: string): MonitoringError {
  const { status } = answer;
  if (road.viaApiServer && textAt(body, 'kind') === 'Status') return apiServersTrouble(status, textAt(body, 'message') ?? '', road, wanted);
  if (status >= 300 && status < 400) {
    return new MonitoringError(
      'not-prometheus',
      `${road.name} sends us elsewhere (${status} to ${clean(answer.location ?? 'nowhere', 200)}): a login, or another address`,
    );
  }
  if (status === 401) return new MonitoringError('denied', `${road.name} wants a login (401): give one in the URL as https://user:password@host`);
  if (status === 403) return new MonitoringError('denied', `${road.name} refuses us (403)`);
  if (status === 404) return new MonitoringError('not-found', `${road.name} has no ${wanted} API at this path (404): it may be served below another path`);
  const said = textAt(body, 'error') ?? (looksLikeHtml(answer) || isRecord(body) ? '' : answer.text);
  const words = clean(said, 200).trim();
  const problem = textAt(body, 'errorType');
  if (problem === 'timeout' || problem === 'canceled') return new MonitoringError('slow', `${road.name} took too long over the query (${words})`);
  if ((status === 400 || status === 422) && textAt(body, 'status') === 'error')
    return new MonitoringError('bad-query', `${road.name} refuses the query: ${words}`);
  if (status === 503)
    return new MonitoringError(
      'starting',
      `${road.name} is not ready (503${words === '' ? '' : `: ${words}`}): ${wanted} is still starting, or has no room to work`,
    );
  return new MonitoringError('server', `${road.name} answers ${status}${words === '' ? '' : `: ${words}`}`);
}

/** What the API server itself says when it cannot pass a request on. */
function apiServersTrouble(status: number, message: string, road: Road, wanted: string): MonitoringError {
  const words = clean(message, 300);
  if (status === 401) return new MonitoringError('denied', 'the API server does not know this user any more (401)');
  if (status === 403) return new MonitoringError('denied-proxy', `not allowed to get services/proxy of ${road.name}`);
  if (/no endpoints available/.test(words)) return new MonitoringError('no-endpoints', `${road.name} has no ready pods`);
  if (status === 404) return new MonitoringError('not-found', `${road.name} is gone`);
  const reason = /error trying to reach service: (.*)$/.exec(words)?.[1];
  return new MonitoringError(
    status === 503 || status === 502 ? 'unreachable' : 'server',
    `${wanted} cannot be reached behind ${road.name}: ${reason ?? (words || status)}`,
  );
}
