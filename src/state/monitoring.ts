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
  /** Other ones in the cluster, as `namespace/service:port`, best first; a person may choose one of them in the settings. */
  readonly others: readonly string[];
  /** What it says of itself; null before it was asked, and while it is not ready. */
  readonly about: PrometheusAbout | null;
}

/** What a Prometheus says of itself; null where it does not, as relatives of it (Thanos, VictoriaMetrics, Mimir) leave out what does not apply to them. */
export interface PrometheusAbout {
  /** ms since the epoch. */
  readonly startedAt: number | null;
  /** "15d", "15d or 10GB". */
  readonly retention: string | null;
  readonly headSeries: number | null;
  /** What its storage takes: blocks, head and write-ahead log. */
  readonly storageBytes: number | null;
  /** The volume that its storage lies on. */
  readonly disk: { readonly availableBytes: number; readonly sizeBytes: number } | null;
  /** How far its clock is ahead of ours; null where it cannot be told, or they agree as far as can be told. */
  readonly clockSkewMs: number | null;
  /** What is wrong with it, in sentences. */
  readonly troubles: readonly string[];
}

/** A Grafana that answers. */
export interface Grafana {
  readonly url: string;
  readonly foundBy: string;
  readonly version: string | null;
  /** `database` of /api/health. */
  readonly database: 'ok' | 'failing';
  readonly roundTripMs: number;
  readonly inside: GrafanaInside;
}

/** What a Grafana shows to those who are let in. */
export type GrafanaInside =
  | {
      readonly status: 'seen';
      /** Those of type prometheus. */
      readonly dataSources: readonly GrafanaDataSource[];
      /** Our dashboards by title, and whether they are there. */
      readonly dashboards: readonly { readonly uid: string; readonly title: string; readonly present: boolean }[];
    }
  /** It wants a user and password, which are not kept here: the import of dashboards asks for them. */
  | { readonly status: 'login-needed' }
  | { readonly status: 'unknown'; readonly why: string };

export interface GrafanaDataSource {
  readonly uid: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly health: 'ok' | 'failing' | 'unknown';
  /** What Grafana says of its health; null where it says nothing. */
  readonly said: string | null;
}
