import { withHonoredLabels } from '../common-labels.js';
import { type CatalogueQuery, panel, type Unit } from './query.js';

const kubelet = ['kubelet'] as const;
const kubeState = ['kube-state-metrics'] as const;
/** Containers themselves: not their pod's cgroup, and not the sandbox. */
const containers = 'container!="",container!="POD"';
const ofApp = 'pod=~"($app).*"';

/**
 * The kubelet's pages tell some things twice (/metrics/cadvisor and /metrics/resource), and a container that was restarted is there twice for a while: within one
 * container the largest counts, over containers the sum.
 */
function perPod(expr: string, within = 'container'): string {
  return `sum by (namespace, pod) (max by (namespace, pod, ${within}) (${expr}))`;
}

const cpu = (matchers: string) => perPod(`rate(container_cpu_usage_seconds_total{${matchers}}[5m])`);
const memory = (matchers: string) => perPod(`container_memory_working_set_bytes{${matchers}}`);

/** Pods as the kubelet and kube-state-metrics see them. */
export const containerQueries: readonly CatalogueQuery[] = [
  ofKubelet('app-cpu', 'CPU of the chosen apps', 'cores', cpu(`${containers},${ofApp}`), 'container_cpu_usage_seconds_total', 'CPU of the chosen apps'),
  ofKubelet(
    'app-memory',
    'memory of the chosen apps',
    'bytes',
    memory(`${containers},${ofApp}`),
    'container_memory_working_set_bytes',
    'Memory of the chosen apps',
  ),
  ofKubelet('pod-cpu', 'CPU of all pods', 'cores', cpu(containers), 'container_cpu_usage_seconds_total', 'CPU of all pods'),
  ofKubelet('pod-memory', 'memory of all pods', 'bytes', memory(containers), 'container_memory_working_set_bytes', 'Memory of all pods'),
  ...(['receive', 'transmit'] as const).map((way) => ({
    // The network belongs to the pod: there is no container label to filter by.
    ...ofKubelet(
      `pod-network-${way}`,
      `bytes ${way === 'receive' ? 'received' : 'sent'} by pods`,
      'bytes/s',
      perPod(`rate(container_network_${way}_bytes_total{pod!=""}[5m])`, 'interface'),
      `container_network_${way}_bytes_total`,
      'Network',
    ),
    legend: `{{namespace}}/{{pod}} ${way === 'receive' ? 'received' : 'sent'}`,
  })),
  ofKubelet(
    'pod-disk',
    'file systems of containers',
    'bytes',
    perPod(`container_fs_usage_bytes{${containers}}`, 'container, device'),
    'container_fs_usage_bytes',
    'File systems of containers',
  ),
  {
    ...ofKubelet(
      'pod-throttled',
      'part of CPU periods in which a container was held back',
      'percent',
      `100 * ${perPod(`rate(container_cpu_cfs_throttled_periods_total{${containers}}[5m])`)} / ${perPod(`rate(container_cpu_cfs_periods_total{${containers}}[5m])`)}`,
      'container_cpu_cfs_throttled_periods_total',
      'CPU held back by limits',
    ),
    needs: ['container_cpu_cfs_throttled_periods_total', 'container_cpu_cfs_periods_total'],
  },
  {
    id: 'pod-phase',
    title: 'phases of pods',
    unit: 'state',
    expr: `max by (namespace, pod, phase) (${withHonoredLabels('kube_pod_status_phase', ['namespace', 'pod'])}) == 1`,
    needs: ['kube_pod_status_phase'],
    exporters: kubeState,
    legend: '{{namespace}}/{{pod}} {{phase}}',
    ...panel('containers', 'Pods'),
  },
  {
    id: 'pod-waiting',
    title: 'containers that wait, and why',
    unit: 'state',
    expr: `max by (namespace, pod, container, reason) (${withHonoredLabels('kube_pod_container_status_waiting_reason', ['namespace', 'pod', 'container'])}) == 1`,
    needs: ['kube_pod_container_status_waiting_reason'],
    exporters: kubeState,
    legend: '{{namespace}}/{{pod}} {{reason}}',
    ...panel('containers', 'Waiting containers'),
  },
  {
    id: 'pod-restarts',
    title: 'restarts within an hour',
    unit: 'count',
    expr: `sum by (namespace, pod) (max by (namespace, pod, container) (${withHonoredLabels('increase(kube_pod_container_status_restarts_total[1h])', ['namespace', 'pod', 'container'])})) > 0`,
    needs: ['kube_pod_container_status_restarts_total'],
    exporters: kubeState,
    legend: '{{namespace}}/{{pod}}',
    ...panel('containers', 'Restarts within an hour'),
  },
];

function ofKubelet(id: string, title: string, unit: Unit, expr: string, metric: string, panelTitle: string): CatalogueQuery {
  return { id, title, unit, expr, needs: [metric], exporters: kubelet, legend: '{{namespace}}/{{pod}}', ...panel('containers', panelTitle) };
}
