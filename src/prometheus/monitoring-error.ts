/** Why Prometheus or Grafana could not be asked, as one sentence in `message`, without secrets. */
export class MonitoringError extends Error {
  readonly kind: MonitoringErrorKind;

  constructor(kind: MonitoringErrorKind, message: string) {
    super(message);
    this.name = 'MonitoringError';
    this.kind = kind;
  }
}

/**
 * unreachable: refused, reset, timed out, name unknown, TLS. no-endpoints: a Service without ready pods. starting: Prometheus reads its
 * log back. denied: 401 or 403 from the program itself. denied-proxy: the API server does not let this user through to the Service. not-found: nothing at this path. not-prometheus: an answer that is no API's (a login page).
 * bad-query: the query is not understood or cannot be carried out. slow: the query took longer than it may. aborted: we no longer wanted to know. server: other trouble.
 */
export type MonitoringErrorKind =
  | 'unreachable'
  | 'no-endpoints'
  | 'starting'
  | 'denied'
  | 'denied-proxy'
  | 'not-found'
  | 'not-prometheus'
  | 'bad-query'
  | 'slow'
  | 'aborted'
  | 'server';
