import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asking, ask } from './asking.js';
import { aWorld } from './world.js';

let asking: Asking;

beforeAll(async () => {
  asking = await ask(aWorld());
});
afterAll(() => asking.close());

const pressure = (resource: string, kind = 'waiting'): string => `rate(node_pressure_${resource}_${kind}_seconds_total[5m])`;
const cpu = '100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))';

/** The queries of dashboards and checks, how many series they give here, and between which values. */
test.each<[string, number, number, number]>([
  ['100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))', 3, 0.5, 90],
  ['100 * (1 - rate(node_cpu_seconds_total{mode="idle"}[5m]))', 192, 0, 100],
  ['100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)', 3, 1, 95],
  ['rate(node_disk_read_bytes_total{device!~"loop.*|ram.*|dm-.*"}[5m])', 6, 1e3, 1e9],
  ['rate(node_network_receive_bytes_total{device!~"lo|veth.*|cali.*|vxlan.*|flannel.*|cni.*|docker.*"}[5m])', 3, 1e4, 1e10],
  ['DCGM_FI_DEV_GPU_UTIL', 17, 0, 100],
  ['DCGM_FI_DEV_FB_USED * 1048576', 17, 0, 80 * 2 ** 30],
  ['100 * DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE + DCGM_FI_DEV_FB_RESERVED)', 17, 0, 100],
  ['DCGM_FI_DEV_GPU_TEMP', 17, 20, 80],
  ['DCGM_FI_DEV_POWER_USAGE', 17, 40, 400],
  ['DCGM_FI_DEV_SM_CLOCK', 17, 210, 1410],
  ['rate(DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION[5m]) / 1000', 17, 40, 400],
  ['DCGM_FI_DEV_GPU_UTIL or 100 * DCGM_FI_PROF_GR_ENGINE_ACTIVE', 17, 0, 100],
  ['sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container!="", pod=~"(resnet50|whisper).*"}[5m]))', 4, 0.5, 10],
  ['sum by (namespace, pod) (container_memory_working_set_bytes{container!=""})', 14, 1e6, 1e11],
  ['sum by (namespace, pod) (rate(container_network_receive_bytes_total[5m]))', 10, 100, 1e8],
  ['kube_pod_status_phase{namespace=~".+"} == 1', 14, 1, 1],
  [`100 * ${pressure('cpu')}`, 3, 0, 60],
  [`100 * ${pressure('memory', 'stalled')}`, 3, 0, 1],
  [`clamp_max(100 * (${pressure('cpu')} + ${pressure('memory')} + ${pressure('io')}), 100)`, 3, 0, 100],
  ['histogram_quantile(0.50, sum by (le, app) (rate(inference_latency_seconds_bucket{app="resnet50-inference"}[5m])))', 1, 0.002, 0.2],
  ['histogram_quantile(0.99, sum by (le, app) (rate(inference_latency_seconds_bucket[5m])))', 2, 0.01, 100],
  ['sum by (app) (rate(inference_requests_total[5m]))', 2, 0.3, 1000],
  ['sum by (app) (inference_queue_depth)', 2, 0, 100],
  ['sum by (app) (rate(inference_latency_seconds_sum[5m])) / sum by (app) (rate(inference_latency_seconds_count[5m]))', 2, 0.003, 30],
  ['count(up == 0) by (job)', 0, 0, 0],
  [
    'sum by (node) (kube_node_status_capacity{resource="nvidia_com_gpu"} - on(node,resource) kube_node_status_allocatable{resource="nvidia_com_gpu"}) > 0',
    0,
    0,
    0,
  ],
  ['sum(kube_pod_status_reason{reason="Evicted"})', 1, 0, 0],
  ['time() - node_boot_time_seconds', 3, 2_590_000, 2_592_000],
  ['100 * node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"}', 3, 20, 80],
  ['kube_node_status_condition{condition=~"DiskPressure|MemoryPressure|PIDPressure",status="true"} == 1', 0, 0, 0],
  ['predict_linear(node_filesystem_avail_bytes{mountpoint="/"}[6h], 24*3600) < 0', 0, 0, 0],
  [`(${cpu} >= bool 10) + (${cpu} >= bool 40) + (${cpu} > bool 60) + (${cpu} >= bool 70) + (${cpu} > bool 90)`, 1, 0, 3],
])('%s', async (query, series, low, high) => {
  const values = [...(await asking.values(query)).values()];
  const charted = [...(await asking.chart(query, 1800, 60)).values()].flat();
  expect(values.length).toBe(series);
  for (const value of [...values, ...charted]) {
    expect(value).toBeGreaterThanOrEqual(low);
    expect(value).toBeLessThanOrEqual(high);
  }
});
