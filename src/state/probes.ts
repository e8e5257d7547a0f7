/** An HTTP round trip from here to something that should answer. */
export interface Probe {
  /** `API server`, `Prometheus`, `Grafana`, or the configured name. */
  readonly name: string;
  /** Without user, password or query. */
  readonly url: string;
  readonly status: 'ok' | 'failing' | 'waiting';
  readonly httpStatus: number | null;
  /** What went wrong at the last try, null when it went well. */
  readonly why: string | null;
  readonly roundTripMs: number | null;
  /** Newest last, oldest dropped after some minutes; null: no answer. */
  readonly history: readonly (number | null)[];
  /** notAfter of the server's certificate; null over plain HTTP or where it is not to be seen. */
  readonly certificateEndsAt: number | null;
  readonly at: number | null;
}
