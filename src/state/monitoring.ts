/** A scrape target as Prometheus sees it now. */
export interface Target {
  readonly job: string;
  readonly instance: string;
  readonly pool: string;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  /** null when the last scrape went well. */
  readonly lastError: string | null;
  /** ms since the epoch; null before the first scrape. */
  readonly lastScrapeAt: number | null;
  readonly scrapeDurationSeconds: number | null;
  readonly scrapeIntervalSeconds: number | null;
  readonly scrapeTimeoutSeconds: number | null;
  readonly labels: ReadonlyMap<string, string>;
}

/** A Prometheus that answers. */
export interface Prometheus {
  /** Where it was reached: a URL, or the path of the API server's service proxy. */
  readonly url: string;
  /** How it was found, for the screen: "service monitoring/prometheus-operated" or "--prometheus". */
  readonly foundBy: string;
  readonly version: string | null;
  readonly ready: boolean;
  readonly roundTripMs: number;
}

/** A Grafana that answers. */
export interface Grafana {
  readonly url: string;
  readonly foundBy: string;
  readonly version: string | null;
  /** `database` of /api/health. */
  readonly database: 'ok' | 'failing';
  readonly roundTripMs: number;
}
