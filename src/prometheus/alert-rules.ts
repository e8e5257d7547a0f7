import { gpuPercent, perGpu } from './catalogue/gpus.js';
import { diskFullWithinADay, gpusMissing } from './catalogue/status.js';
import { catalogueQuery, filled } from './catalogue.js';
import { withHonoredLabels } from './common-labels.js';

/** Groups of rules as a Prometheus rule file has them under `groups`. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** A Prometheus duration; an alert without it fires at once. */
  readonly for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' | 'info' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** Name of the PrometheusRule object. */
export const ruleName = 'gpuk8s';

/** The alerts that come with the program. `latencySeconds` is what p95 of an inference server may take. */
export function alertRules({ latencySeconds = 1 }: { readonly latencySeconds?: number } = {}): readonly RuleGroup[] {
  return [
    { name: 'gpuk8s-gpus', rules: gpuRules },
    { name: 'gpuk8s-nodes', rules: nodeRules },
    { name: 'gpuk8s-monitoring', rules: monitoringRules },
    { name: 'gpuk8s-inference', rules: inferenceRules(latencySeconds) },
  ];
}

/** The same as an object for the Prometheus operator; the labels are those that its Prometheus selects rules by. */
export function prometheusRule(namespace: string | null, labels: Readonly<Record<string, string>> = {}): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name: ruleName,
      ...(namespace === null ? {} : { namespace }),
      labels: { 'app.kubernetes.io/name': 'gpuk8s', 'app.kubernetes.io/component': 'alerts', ...labels },
    },
    spec: { groups: alertRules() },
  };
}

function rule(alert: string, expr: string, wait: string | null, severity: AlertRule['labels']['severity'], summary: string, description: string): AlertRule {
  return { alert, expr, ...(wait === null ? {} : { for: wait }), labels: { severity }, annotations: { summary, description } };
}

const gpu = 'GPU {{ $labels.gpu }} of {{ $labels.node }}';

const gpuRules: readonly AlertRule[] = [
  rule(
    'GpuBusy',
    `${gpuPercent} > 90`,
    '10m',
    'warning',
    `${gpu} has been busier than 90 % for 10 minutes`,
    'It is at {{ printf "%.0f" $value }} %. More requests will wait for it: add replicas on other GPUs, or expect latency to rise.',
  ),
  rule(
    'GpuHot',
    `${perGpu('DCGM_FI_DEV_GPU_TEMP')} > 80`,
    '5m',
    'warning',
    `${gpu} has been hotter than 80 °C for 5 minutes`,
    'It is at {{ printf "%.0f" $value }} °C. Look at fans and air flow; near its slowdown limit (nvidia-smi -q -d TEMPERATURE) it lowers its clocks.',
  ),
  rule(
    'GpuXid',
    `${perGpu('changes(DCGM_FI_DEV_XID_ERRORS[10m])')} > 0 and on (node, gpu, GPU_I_ID, UUID, modelName) ${perGpu('DCGM_FI_DEV_XID_ERRORS')} > 0`,
    null,
    'critical',
    `${gpu} has reported an Xid error`,
    'nvidia-smi -q and dmesg on {{ $labels.node }} say which; Xid 48, 63, 64, 74, 79, 94 and 95 mean trouble with the card, 13, 31, 43 and 45 mostly with the program.',
  ),
  rule(
    'GpuRowRemapFailed',
    `${perGpu('DCGM_FI_DEV_ROW_REMAP_FAILURE')} > 0`,
    null,
    'critical',
    `${gpu} has run out of spare memory rows`,
    'Its memory can no longer be mended by remapping: take the node out of service and have the card replaced.',
  ),
  rule(
    'GpusMissing',
    `${gpusMissing} > 0`,
    '5m',
    'critical',
    '{{ $labels.node }} offers fewer GPUs than it has',
    '{{ $value }} of its GPUs cannot be allocated: look at the device plugin there, and at nvidia-smi.',
  ),
  rule(
    'GpuTelemetryMissing',
    `count by (node) (max by (node, resource) (${withHonoredLabels('kube_node_status_capacity{resource=~"nvidia_com_gpu|nvidia_com_mig_.*"}', ['node'])}) > 0) unless on (node) count by (node) (${perGpu('DCGM_FI_DEV_GPU_TEMP')})`,
    '10m',
    'warning',
    'No GPU metrics come from {{ $labels.node }}',
    'It has GPUs, and no dcgm-exporter tells of them: is its pod there (node label), does it run, is it scraped?',
  ),
];

const nodeRules: readonly AlertRule[] = [
  rule(
    'NodeNotReady',
    `max by (node) (${withHonoredLabels('kube_node_status_condition{condition="Ready",status="true"}', ['node'])}) == 0`,
    '5m',
    'critical',
    '{{ $labels.node }} has not been Ready for 5 minutes',
    'Its pods are moved elsewhere soon, if there is room. Look at kubelet and container runtime on it.',
  ),
  rule(
    'NodeUnderPressure',
    filled(catalogueQuery('nodes-under-pressure')),
    '5m',
    'warning',
    '{{ $labels.node }} says {{ $labels.condition }}',
    'The kubelet evicts pods there until it is over.',
  ),
  rule(
    'NodeDiskFullWithinADay',
    `${diskFullWithinADay} < 0`,
    '1h',
    'warning',
    '{{ $labels.mountpoint }} of {{ $labels.node }} is full within a day',
    'At the pace of the last six hours. The kubelet begins to evict pods at 10 % free.',
  ),
  rule(
    'NodeDiskNearEviction',
    `${filled(catalogueQuery('node-disk-free'))} < 15`,
    '10m',
    'critical',
    'The root file system of {{ $labels.node }} has {{ printf "%.0f" $value }} % free',
    'The kubelet evicts pods below 10 %, and below 15 % where images lie on it.',
  ),
  rule(
    'PodsEvicted',
    `${filled(catalogueQuery('pods-evicted'))} > 10`,
    null,
    'warning',
    '{{ $value }} evicted pods lie about',
    'Find out what was full first (DiskPressure, memory), then clear them away.',
  ),
  rule(
    'NodeRebooted',
    `${filled(catalogueQuery('node-uptime'))} < 600`,
    null,
    'info',
    '{{ $labels.node }} has rebooted',
    'It has been up for {{ humanizeDuration $value }}.',
  ),
];

const monitoringRules: readonly AlertRule[] = [
  rule(
    'TargetsDown',
    filled(catalogueQuery('targets-down')),
    '5m',
    'warning',
    '{{ $value }} targets of {{ $labels.job }} cannot be scraped',
    "What is not scraped is not watched either. Prometheus' page Targets says why.",
  ),
];

function inferenceRules(latencySeconds: number): readonly AlertRule[] {
  return [
    rule(
      'InferenceSlow',
      `${filled(catalogueQuery('latency-p95-inference'))} > ${latencySeconds}`,
      '10m',
      'warning',
      '{{ $labels.namespace }}/{{ $labels.app }} answers more slowly than it should',
      `One request in twenty takes longer than {{ printf "%.2f" $value }} s; ${latencySeconds} s is what they may take. Look at its queue and at its GPUs.`,
    ),
    rule(
      'InferenceQueueing',
      `${filled(catalogueQuery('queue-inference'))} > 20`,
      '10m',
      'warning',
      '{{ $value }} requests wait for {{ $labels.namespace }}/{{ $labels.app }}',
      'It is asked for more than it can answer: add replicas, if there are GPUs for them.',
    ),
  ];
}
