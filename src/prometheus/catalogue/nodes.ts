import { withNode } from '../common-labels.js';
import { type CatalogueQuery, panel } from './query.js';

const exporters = ['node-exporter'] as const;
const disks = '{device!~"loop.*|ram.*|dm-.*|sr.*"}';
const networks = '{device!~"lo|veth.*|cali.*|vxlan.*|flannel.*|cni.*|docker.*|br-.*|tunl.*|kube-ipvs.*"}';
const idle = 'rate(node_cpu_seconds_total{mode="idle"}[5m])';
const available = withNode('node_memory_MemAvailable_bytes');
const total = withNode('node_memory_MemTotal_bytes');

/** One value for each of the labels; a machine that is scraped by two jobs counts once. */
function per(labels: string, expr: string): string {
  return `max by (${labels}) (${expr})`;
}

export const cpuPercent = `100 * (1 - avg by (node) (${withNode(idle)}))`;
export const memoryPercent = `100 * (1 - ${per('node', available)} / ${per('node', total)})`;

/** The machines themselves: processors, memory, disks, network. */
export const nodeQueries: readonly CatalogueQuery[] = [
  {
    id: 'node-cpu',
    title: 'CPU in use',
    unit: 'percent',
    expr: cpuPercent,
    needs: ['node_cpu_seconds_total'],
    exporters,
    legend: '{{node}}',
    ...panel('system-resources', 'CPU'),
  },
  {
    id: 'node-cpu-cores',
    title: 'CPU in use, by core',
    unit: 'percent',
    expr: `100 * (1 - avg by (node, cpu) (${withNode(idle)}))`,
    needs: ['node_cpu_seconds_total'],
    exporters,
    legend: '{{node}} core {{cpu}}',
    ...panel('system-resources', 'CPU by core'),
  },
  {
    id: 'node-load1',
    title: 'load average over a minute',
    unit: 'count',
    expr: per('node', withNode('node_load1')),
    needs: ['node_load1'],
    exporters,
    legend: '{{node}}',
    ...panel('system-resources', 'Load average'),
  },
  {
    id: 'node-memory-used',
    title: 'memory used',
    unit: 'bytes',
    expr: `${per('node', total)} - ${per('node', available)}`,
    needs: ['node_memory_MemTotal_bytes', 'node_memory_MemAvailable_bytes'],
    exporters,
    legend: '{{node}} used',
    ...panel('system-resources', 'Memory'),
  },
  {
    id: 'node-memory-total',
    title: 'memory there is',
    unit: 'bytes',
    expr: per('node', total),
    needs: ['node_memory_MemTotal_bytes'],
    exporters,
    legend: '{{node}} total',
    ...panel('system-resources', 'Memory'),
  },
  {
    id: 'node-memory-available',
    title: 'memory available',
    unit: 'bytes',
    expr: per('node', available),
    needs: ['node_memory_MemAvailable_bytes'],
    exporters,
    legend: '{{node}} available',
    ...panel('system-resources', 'Memory'),
  },
  {
    id: 'node-memory',
    title: 'memory in use',
    unit: 'percent',
    expr: memoryPercent,
    needs: ['node_memory_MemTotal_bytes', 'node_memory_MemAvailable_bytes'],
    exporters,
    legend: '{{node}}',
    ...panel('system-resources', 'Memory in use'),
  },
  ...(['read', 'written'] as const).map(
    (way): CatalogueQuery => ({
      id: `node-disk-${way}`,
      title: `bytes ${way} per second`,
      unit: 'bytes/s',
      expr: per('node, device', withNode(`rate(node_disk_${way}_bytes_total${disks}[5m])`)),
      needs: [`node_disk_${way}_bytes_total`],
      exporters,
      legend: `{{node}} {{device}} ${way}`,
      ...panel('system-resources', 'Disks'),
    }),
  ),
  ...(['receive', 'transmit'] as const).map(
    (way): CatalogueQuery => ({
      id: `node-network-${way}`,
      title: `bytes ${way === 'receive' ? 'received' : 'sent'} per second`,
      unit: 'bytes/s',
      expr: per('node, device', withNode(`rate(node_network_${way}_bytes_total${networks}[5m])`)),
      needs: [`node_network_${way}_bytes_total`],
      exporters,
      legend: `{{node}} {{device}} ${way === 'receive' ? 'received' : 'sent'}`,
      ...panel('system-resources', 'Network'),
    }),
  ),
  {
    id: 'node-disk-free',
    title: 'root file system free',
    unit: 'percent',
    expr: per('node', withNode('(100 * node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"})')),
    needs: ['node_filesystem_avail_bytes', 'node_filesystem_size_bytes'],
    exporters,
    legend: '{{node}}',
    ...panel('system-resources', 'Root file system free'),
  },
  {
    id: 'node-uptime',
    title: 'time since boot',
    unit: 'seconds',
    expr: `time() - ${per('node', withNode('node_boot_time_seconds'))}`,
    needs: ['node_boot_time_seconds'],
    exporters,
    legend: '{{node}}',
    ...panel('system-resources', 'Uptime'),
  },
];
