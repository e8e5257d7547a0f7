import { withHonoredLabels, withNode } from '../common-labels.js';
import type { CatalogueQuery } from './query.js';

const kubeState = ['kube-state-metrics'] as const;
const gpus = (what: 'capacity' | 'allocatable') =>
  `sum by (node) (max by (node, resource) (${withHonoredLabels(`kube_node_status_${what}{resource=~"nvidia_com_(gpu|mig_.*)"}`, ['node'])}))`;

export const gpusMissing = `${gpus('capacity')} - ${gpus('allocatable')}`;
export const diskFullWithinADay = `max by (node, mountpoint) (${withNode('predict_linear(node_filesystem_avail_bytes{mountpoint=~"/|/var|/var/lib/.*",fstype!~"tmpfs|overlay|squashfs"}[6h], 86400)')})`;

/** What says in one number whether something is wrong. Most of them have no answer while all is well. */
export const statusQueries: readonly CatalogueQuery[] = [
  {
    id: 'targets-down',
    title: 'targets that are down, by job',
    unit: 'count',
    expr: 'count by (job) (up == 0)',
    needs: ['up'],
    exporters: ['prometheus'],
    legend: '{{job}}',
    panel: null,
  },
  {
    id: 'gpus-missing',
    title: 'GPUs that a node has and does not offer',
    unit: 'count',
    expr: `${gpusMissing} > 0`,
    needs: ['kube_node_status_capacity', 'kube_node_status_allocatable'],
    exporters: kubeState,
    legend: '{{node}}',
    panel: null,
  },
  {
    id: 'pods-evicted',
    title: 'evicted pods that lie about',
    unit: 'count',
    expr: `sum(max by (namespace, pod) (${withHonoredLabels('kube_pod_status_reason{reason="Evicted"}', ['namespace', 'pod'])}))`,
    needs: ['kube_pod_status_reason'],
    exporters: kubeState,
    legend: 'evicted',
    panel: null,
  },
  {
    id: 'nodes-under-pressure',
    title: 'pressure conditions of nodes',
    unit: 'state',
    expr: `max by (node, condition) (${withHonoredLabels('kube_node_status_condition{condition=~"DiskPressure|MemoryPressure|PIDPressure",status="true"}', ['node'])}) == 1`,
    needs: ['kube_node_status_condition'],
    exporters: kubeState,
    legend: '{{node}} {{condition}}',
    panel: null,
  },
  {
    id: 'disk-full-within-a-day',
    title: 'file systems that are full within a day at this pace: bytes left then',
    unit: 'bytes',
    expr: `${diskFullWithinADay} < 0`,
    needs: ['node_filesystem_avail_bytes'],
    exporters: ['node-exporter'],
    legend: '{{node}} {{mountpoint}}',
    panel: null,
  },
];
