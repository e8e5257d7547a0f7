/** What Prometheus' rules say, and Alertmanager. */
export interface Alerts {
  /** Firing first, then pending, oldest first. */
  readonly alerts: readonly Alert[];
  /** Rules whose last evaluation failed. */
  readonly brokenRules: readonly { readonly group: string; readonly name: string; readonly error: string }[];
  readonly rules: number;
  /** Warnings that Prometheus gave with them. */
  readonly notes: readonly string[];
}

export interface Alert {
  readonly name: string;
  readonly state: 'firing' | 'pending';
  readonly severity: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly summary: string | null;
  readonly activeAt: number | null;
  /** NaN and ±Inf are null. */
  readonly value: number | null;
}

export interface Alertmanager {
  readonly url: string;
  readonly foundBy: string;
  readonly version: string | null;
  readonly ready: boolean;
  /** Peers of its cluster; null where it does not say. */
  readonly peers: number | null;
  readonly roundTripMs: number;
}
