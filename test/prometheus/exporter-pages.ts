/** What exporters say on /metrics, in the variants that operators and versions make of it: short, and made for the tests. */

/** dcgm-exporter before 4.8.3 (label Hostname) with two GPUs, one of them held by a pod. */
export function dcgmPage({ host = 'gpu-1', hostLabel = 'Hostname', reserved = true, util = [91, 12] }: DcgmPage = {}): string {
  const gpus = util.map((busy, index) => {
    const holder = index === 0 ? ',container="server",namespace="ai",pod="resnet50-6d5f-abcde"' : ',container="",namespace="",pod=""';
    return {
      busy,
      labels: `gpu="${index}",UUID="GPU-${host}-${index}",device="nvidia${index}",modelName="NVIDIA A100-SXM4-40GB",${hostLabel}="${host}",DCGM_FI_DRIVER_VERSION="580.105.08"${holder}`,
    };
  });
  const gauge = (name: string, value: (busy: number) => number) => [
    `# TYPE ${name} gauge`,
    ...gpus.map(({ labels, busy }) => `${name}{${labels}} ${value(busy)}`),
  ];
  return [
    ...gauge('DCGM_FI_DEV_GPU_UTIL', (busy) => busy),
    ...gauge('DCGM_FI_DEV_MEM_COPY_UTIL', (busy) => busy / 2),
    ...gauge('DCGM_FI_DEV_FB_USED', (busy) => 400 * busy),
    ...gauge('DCGM_FI_DEV_FB_FREE', (busy) => 40_000 - 400 * busy),
    ...(reserved ? gauge('DCGM_FI_DEV_FB_RESERVED', () => 960) : []),
    ...gauge('DCGM_FI_DEV_GPU_TEMP', (busy) => 30 + busy / 2),
    ...gauge('DCGM_FI_DEV_POWER_USAGE', (busy) => 60 + 3 * busy),
    ...gauge('DCGM_FI_DEV_SM_CLOCK', () => 1410),
    ...gauge('DCGM_FI_DEV_MEM_CLOCK', () => 1215),
    ...gauge('DCGM_FI_DEV_XID_ERRORS', () => 0),
    ...gauge('DCGM_FI_PROF_GR_ENGINE_ACTIVE', (busy) => busy / 100),
    ...gauge('DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', (busy) => busy / 300),
    '',
  ].join('\n');
}

export interface DcgmPage {
  readonly host?: string;
  readonly hostLabel?: 'Hostname' | 'hostname';
  readonly reserved?: boolean;
  readonly util?: readonly number[];
}

/** A GPU cut into two parts: no utilisation, engines by part. */
export const migPage = [0, 1]
  .map((part) => {
    const labels = `gpu="0",UUID="GPU-mig",device="nvidia0",modelName="NVIDIA A100-SXM4-40GB",GPU_I_PROFILE="3g.20gb",GPU_I_ID="${part + 1}",Hostname="gpu-2",container="",namespace="",pod=""`;
    return `DCGM_FI_PROF_GR_ENGINE_ACTIVE{${labels}} ${0.25 + part / 4}\nDCGM_FI_DEV_FB_USED{${labels}} 1000\nDCGM_FI_DEV_FB_FREE{${labels}} 19000\n`;
  })
  .join('');

/** kube-state-metrics with a node that offers fewer GPUs than it has, evicted pods, and the exporter's pod. */
export const kubeStatePage = `
kube_node_status_capacity{node="gpu-1",resource="nvidia_com_gpu",unit="integer"} 2
kube_node_status_allocatable{node="gpu-1",resource="nvidia_com_gpu",unit="integer"} 1
kube_node_status_capacity{node="gpu-2",resource="nvidia_com_gpu",unit="integer"} 2
kube_node_status_allocatable{node="gpu-2",resource="nvidia_com_gpu",unit="integer"} 2
kube_node_status_condition{node="gpu-1",condition="DiskPressure",status="true"} 1
kube_node_status_condition{node="gpu-1",condition="DiskPressure",status="false"} 0
kube_node_status_condition{node="gpu-2",condition="Ready",status="true"} 0
kube_pod_status_reason{namespace="ai",pod="old-1",reason="Evicted"} 1
kube_pod_status_reason{namespace="ai",pod="old-2",reason="Evicted"} 1
kube_pod_status_phase{namespace="ai",pod="resnet50-6d5f-abcde",phase="Running"} 1
kube_pod_status_phase{namespace="ai",pod="resnet50-6d5f-abcde",phase="Pending"} 0
kube_pod_container_status_waiting_reason{namespace="ai",pod="whisper-1",container="server",reason="ImagePullBackOff"} 1
kube_pod_container_status_restarts_total{namespace="ai",pod="whisper-1",container="server"} 3
kube_pod_info{namespace="gpu-operator",pod="nvidia-dcgm-exporter-km55s",node="gpu-3",host_ip="10.0.0.13"} 1
`;

/** The kubelet's /metrics/cadvisor: a pod with a container, its cgroup and its sandbox. */
export function cadvisorPage(seconds: number): string {
  const pod = 'namespace="ai",pod="resnet50-6d5f-abcde"';
  return `
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="",id="/kubepods/pod1",image="",name="",${pod}} ${2 * seconds}
container_cpu_usage_seconds_total{container="server",id="/kubepods/pod1/c1",image="i",name="c1",${pod}} ${2 * seconds}
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{container="",id="/kubepods/pod1",${pod}} 2147483648
container_memory_working_set_bytes{container="server",id="/kubepods/pod1/c1",${pod}} 1073741824
# TYPE container_network_receive_bytes_total counter
container_network_receive_bytes_total{interface="eth0",id="/kubepods/pod1",${pod}} ${1000 * seconds}
# TYPE container_network_transmit_bytes_total counter
container_network_transmit_bytes_total{interface="eth0",id="/kubepods/pod1",${pod}} ${500 * seconds}
# TYPE container_fs_usage_bytes gauge
container_fs_usage_bytes{container="server",device="/dev/sda1",id="/kubepods/pod1/c1",${pod}} 4096
# TYPE container_cpu_cfs_throttled_periods_total counter
container_cpu_cfs_throttled_periods_total{container="server",id="/kubepods/pod1/c1",${pod}} ${seconds}
# TYPE container_cpu_cfs_periods_total counter
container_cpu_cfs_periods_total{container="server",id="/kubepods/pod1/c1",${pod}} ${10 * seconds}
`;
}
