import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const asset = (...path: readonly string[]) => readFileSync(join(process.cwd(), 'assets', ...path), 'utf8');

/** Answers of `nvidia-smi --query-gpu=… --format=csv`: an A16 of driver 580, and one with trouble. */
export const csv = [
  'index, name, uuid, driver_version, memory.used [MiB], memory.total [MiB], utilization.gpu [%], temperature.gpu, power.draw [W]\n0, NVIDIA A16, GPU-6f1c2d3e-0000-4a5b-8c7d-9e0f1a2b3c4d, 580.173.02, 1234 MiB, 15356 MiB, 37 %, 54, 41.27 W\n',
  'index, name, ecc.errors.uncorrected.volatile.total, mig.mode.current\n0, NVIDIA A100-SXM4-80GB, [N/A], Enabled\n1, NVIDIA A100-SXM4-80GB, [Unknown Error], [GPU requires reset]\n',
  'Unable to determine the device handle for GPU0000:19:00.0: Unknown Error\n',
] as const;

export const dcgm = `# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-6f1c2d3e",pci_bus_id="00000000:19:00.0",device="nvidia0",modelName="NVIDIA A16",Hostname="gpu-1",DCGM_FI_DRIVER_VERSION="580.173.02",container="main",namespace="ai",pod="resnet50-1"} 37
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-6f1c2d3e",device="nvidia0",modelName="NVIDIA A16",Hostname="gpu-1"} 1234
DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-6f1c2d3e",device="nvidia0",modelName="NVIDIA A16",Hostname="gpu-1",err_code="79",err_msg="GPU has fallen off the bus"} 79
DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-6f1c2d3e"} 9.223372036854775794e+18
`;

export const histogram = `# TYPE inference_latency_seconds histogram
inference_latency_seconds_bucket{app="resnet50",le="0.05"} 10
inference_latency_seconds_bucket{app="resnet50",le="+Inf"} 12 1793628131000
inference_latency_seconds_sum{app="a\\"b\\\\c\\n"} 0.61
inference_latency_seconds_count{app="resnet50"} 12
`;

const label = { job: 'dcgm-exporter', instance: '10.244.1.7:9400', namespace: 'monitoring', pod: 'dcgm-exporter-x', node: 'gpu-1' };
const target = {
  discoveredLabels: { __address__: '10.244.1.7:9400', __meta_kubernetes_pod_node_name: 'gpu-1' },
  labels: label,
  scrapePool: 'serviceMonitor/monitoring/dcgm-exporter/0',
  scrapeUrl: 'http://10.244.1.7:9400/metrics',
  lastError: 'Get "http://10.244.1.7:9400/metrics": dial tcp 10.244.1.7:9400: connect: connection refused',
  lastScrape: '2026-11-02T14:02:11.123456789Z',
  lastScrapeDuration: 0.0123,
  health: 'down',
  scrapeInterval: '15s',
  scrapeTimeout: '10s',
};
export const targets = JSON.stringify({ status: 'success', data: { activeTargets: [target, { ...target, health: 'up', lastError: '' }], droppedTargets: [] } });

const alert = {
  labels: { alertname: 'TargetDown', severity: 'warning', ...label },
  annotations: { summary: 'a target is down' },
  state: 'firing',
  activeAt: '2026-11-02T13:02:11Z',
  value: '1e+00',
};
const rule = {
  state: 'firing',
  name: 'TargetDown',
  query: 'up == 0',
  duration: 300,
  labels: {},
  annotations: {},
  alerts: [alert],
  health: 'ok',
  type: 'alerting',
};
export const rules = JSON.stringify({
  status: 'success',
  data: { groups: [{ name: 'gpu', file: '/etc/x.yaml', rules: [rule, { ...rule, health: 'err', lastError: 'many-to-many matching' }], interval: 30 }] },
});

export const xids = `1793628131.123456 gpu-1 kernel: NVRM: Xid (PCI:0000:19:00): 79, pid=4711, name=python3, GPU has fallen off the bus.
1793628132.000001 gpu-1 kernel: NVRM: Xid (PCI:0000:3b:00): 31, pid='<unknown>', name=<unknown>, Ch 00000008, intr 00000000. MMU Fault
[  812.345678] NVRM: Xid (PCI:0000:19:00): 48, An uncorrectable double bit error (DBE) has been detected on GPU
`;

export const kubeconfig = `apiVersion: v1
kind: Config
current-context: lab
clusters:
- name: lab
  cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: TFM0dA==, tls-server-name: kubernetes, proxy-url: "http://proxy:3128"}
contexts:
- name: lab
  context: {cluster: lab, user: admin, namespace: ai}
users:
- name: admin
  user:
    token: abc
    exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token], env: [{name: A, value: b}], interactiveMode: Never}
`;

export const quantities = ['100m', '1.5Gi', '2e3', '1E2', '0.5', '-1', '+3Ki', '123456789012345678901234567890', '1Ei', 'abc', ''] as const;

const pod = {
  metadata: {
    name: 'resnet50-1',
    namespace: 'ai',
    uid: 'a-b',
    resourceVersion: '12',
    labels: { app: 'resnet50' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'resnet50', controller: true, uid: 'c' }],
    creationTimestamp: '2026-11-02T14:02:11Z',
  },
  spec: {
    nodeName: 'gpu-1',
    runtimeClassName: 'nvidia',
    tolerations: [{ key: 'a', operator: 'Exists' }],
    containers: [
      {
        name: 'main',
        image: 'registry/x:1',
        resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { 'nvidia.com/gpu': '1' } },
        ports: [{ containerPort: 8000 }],
      },
    ],
  },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False', reason: 'X', message: 'm', lastTransitionTime: '2026-11-02T14:02:11Z' }],
    containerStatuses: [
      {
        name: 'main',
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-02T14:02:11Z' } },
      },
    ],
  },
};
const node = {
  metadata: { name: 'gpu-1', uid: 'n', labels: { 'nvidia.com/gpu.present': 'true' }, annotations: {}, creationTimestamp: '2026-11-02T14:02:11Z' },
  spec: { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }], unschedulable: true, podCIDRs: ['10.244.1.0/24'] },
  status: {
    capacity: { cpu: '64', memory: '527Gi', 'nvidia.com/gpu': '8' },
    allocatable: { cpu: '63', memory: '500Gi', 'nvidia.com/gpu': '0' },
    conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }],
    nodeInfo: { bootID: 'b', kernelVersion: '6.8', kubeletVersion: 'v1.36.2', containerRuntimeVersion: 'cri-o://1.36.3' },
    images: [{ names: ['a', 'b'], sizeBytes: 12 }],
    addresses: [{ type: 'InternalIP', address: '10.0.0.11' }],
  },
};
const event = {
  metadata: { name: 'e', namespace: 'ai', uid: 'e' },
  involvedObject: { kind: 'Pod', name: 'resnet50-1', namespace: 'ai' },
  reason: 'FailedScheduling',
  message: '0/3 nodes are available',
  type: 'Warning',
  count: 4,
  firstTimestamp: '2026-11-02T14:02:11Z',
  lastTimestamp: null,
  eventTime: '2026-11-02T14:02:11.123456Z',
  series: { count: 2, lastObservedTime: '2026-11-02T14:02:11.123456Z' },
};
const deployment = {
  metadata: { name: 'resnet50', namespace: 'ai', generation: 2 },
  spec: { replicas: 3, selector: { matchLabels: { app: 'resnet50' } }, template: pod },
  status: { replicas: 3, readyReplicas: 1, observedGeneration: 2, conditions: [{ type: 'Progressing', status: 'True', reason: 'X' }] },
};

export const watch = [node, pod, event, deployment].map((object) => `${JSON.stringify({ type: 'MODIFIED', object })}\n`).join('');
export const podList = JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '12', continue: 'abc' }, items: [pod, pod] });

export const sshConfigs = [
  'Host gpu-* !gpu-9\n  HostName 10.0.0.11\n  User ops\n  Port 2222\n  IdentityFile ~/.ssh/id_ed25519\n  ProxyJump bastion,ops@b2:22\n  StrictHostKeyChecking yes\nMatch host gpu-1 exec "true"\n  User x\nInclude other\n',
  'Host *\n\tConnectTimeout=5\n\tServerAliveInterval 3\n\tUserKnownHostsFile "~/.ssh/known hosts" /etc/x\n\tIdentityAgent none\n',
] as const;

export const knownHosts = `gpu-1,10.0.0.11 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0a2pVJ1rLwCwXwXQm5o7n0l2x9rXk8n4w9sVbXw1y2 a comment
|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAAB3NzaC1yc2E=
@revoked * ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0a2pVJ1rLwCwXwXQm5o7n0l2x9rXk8n4w9sVbXw1y2
[gpu-2]:2222 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=
`;

const begun = {
  v: 1,
  line: 'begun',
  id: 'a',
  at: '2026-11-02T14:02:11.000Z',
  who: 'ops@head',
  context: 'lab',
  operation: { id: 'uncordon', input: { node: 'gpu-1' } },
  title: 'Uncordon gpu-1',
  risk: 'safe',
  plan: ['PATCH /api/v1/nodes/gpu-1'],
  undo: null,
  total: 1,
  process: { host: 'head', pid: 1, started: '2' },
};
export const journalLines = [
  JSON.stringify(begun),
  JSON.stringify({
    v: 1,
    line: 'ended',
    id: 'a',
    at: '2026-11-02T14:02:12.000Z',
    result: 'done',
    said: 'seen',
    items: { done: 1, failed: 0, total: 1 },
    tookMs: 900,
  }),
] as const;

export const experiment = asset('experiments', 'replicas.yaml');
