/** One question to Prometheus, with what it takes to understand its answer. */
export interface CatalogueQuery {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** Where it is shown in the dashboards: the dashboard's id and the panel's title; null for what is only asked from here. */
  readonly panel: { readonly dashboard: DashboardId; readonly title: string } | null;
  /** PromQL. `$app` in it stands for a regular expression (see `filled`); Grafana knows it as a variable. */
  readonly expr: string;
  /** Metrics without which there is no answer. Those that only add to it are not named. */
  readonly needs: readonly string[];
  readonly exporters: readonly Exporter[];
  /** How a series is called, by its labels: `{{node}} {{gpu}}`. */
  readonly legend: string;
}

export type DashboardId = 'system-resources' | 'gpu-performance' | 'containers' | 'pressure' | 'inference';

export type Unit = 'percent' | 'bytes' | 'bytes/s' | 'seconds' | '1/s' | 'count' | 'celsius' | 'watts' | 'megahertz' | 'cores' | 'state';

export type Exporter = 'node-exporter' | 'dcgm-exporter' | 'kubelet' | 'kube-state-metrics' | 'inference server' | 'prometheus';

/** Fields that queries of one panel share. */
export function panel(dashboard: DashboardId, title: string): { readonly panel: { readonly dashboard: DashboardId; readonly title: string } } {
  return { panel: { dashboard, title } };
}
