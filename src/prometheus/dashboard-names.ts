import type { DashboardId } from './catalogue/query.js';

/** The dashboards that come with the program, by the uid they have in every Grafana. */
export const dashboardNames: readonly { readonly id: DashboardId; readonly uid: string; readonly title: string }[] = [
  { id: 'system-resources', uid: 'gpuk8s-system-resources', title: 'System resources' },
  { id: 'gpu-performance', uid: 'gpuk8s-gpu-performance', title: 'GPU performance' },
  { id: 'containers', uid: 'gpuk8s-containers', title: 'Container metrics' },
  { id: 'pressure', uid: 'gpuk8s-pressure', title: 'System pressure' },
  { id: 'inference', uid: 'gpuk8s-inference', title: 'Inference performance' },
];
