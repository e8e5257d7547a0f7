/** What to start. */
export interface DemoOptions {
  /** Name of a file in assets/demo/, without `.json`. */
  readonly scenario: string;
  /** In `evictions`: how many evicted pods; elsewhere: how many living pods, filled up with small ones. Default: as the scenario says. */
  readonly pods?: number;
  /** How many nodes, filled up with plain GPU workers. Default: as the scenario says. */
  readonly nodes?: number;
  /** Changes of pods per second, for measuring. Default 0. */
  readonly churn?: number;
  /** A real Prometheus to put behind the cluster's service proxy instead of the demo's own. */
  readonly prometheusUrl?: string;
}

/** A running demo cluster; everything listens on 127.0.0.1. */
export interface DemoCluster {
  readonly scenario: string;
  /** https://127.0.0.1:PORT */
  readonly server: string;
  /** kubeconfig documents as YAML text, CA and token inside; context name `demo`. */
  readonly kubeconfig: string;
  readonly viewerKubeconfig: string;
  /** Base URL at which the demo's Prometheus answers directly. */
  readonly prometheusUrl: string;
  /** Scrape URLs of the demo's exporters, for a real Prometheus. */
  readonly exporters: readonly { readonly job: string; readonly instance: string; readonly url: string }[];
  close(): Promise<void>;
}
