import { expectedGpus, usableGpus } from '../state/gpus.js';
import { readiness } from '../state/nodes.js';
import type { CheckStatus, Finding, Stage } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { count } from '../text/amount.js';

/** The road back from a reboot as far as the API shows it: each step the worst of its checks, with the number that says it all. */
export function stagesOf(findings: readonly Finding[], snapshot: ClusterSnapshot): readonly Stage[] {
  const stages: Stage[] = [];
  for (const { name, checks, needs, fact } of road) {
    // What is only worth knowing, and cannot be seen yet, holds nothing up.
    const own = findings.filter(({ id, status, severity }) => checks.includes(id) && !(status === 'unknown' && severity === 'info'));
    if (own.length === 0 || (onMachines.has(name) && !own.some(says))) continue;
    const status = worst(own.filter((finding) => !onMachines.has(name) || says(finding)).map((finding) => finding.status));
    const before = status === 'pass' || status === 'skipped' ? undefined : stages.find((stage) => needs.includes(stage.name) && blocks(stage.status));
    stages.push({ name, status, fact: fact(snapshot) ?? factOf(own, status, snapshot), waitsFor: before?.name ?? null });
  }
  return stages;
}

interface Step {
  readonly name: string;
  readonly checks: readonly string[];
  /** Names of earlier steps that can hold this one up. */
  readonly needs: readonly string[];
  /** The number that says it all; null where the findings say it better. */
  readonly fact: (snapshot: ClusterSnapshot) => string | null;
}

const road: readonly Step[] = [
  { name: 'machines', checks: ['hosts', 'mounts', 'swap-zero', 'cgroup-v2', 'modules', 'sysctl'], needs: [], fact: () => null },
  { name: 'container runtime', checks: ['runtime-binaries', 'runtime-service'], needs: ['machines'], fact: () => null },
  { name: 'kubelets', checks: ['kubelet-service'], needs: ['machines', 'container runtime'], fact: () => null },
  { name: 'API server', checks: ['apiserver-ready', 'etcd-health', 'certs'], needs: [], fact: apiServer },
  {
    name: 'nodes Ready',
    checks: ['node-ready', 'node-conditions', 'node-schedulable'],
    needs: ['API server', 'machines', 'container runtime', 'kubelets'],
    fact: nodesReady,
  },
  { name: 'kubelet heartbeats', checks: ['kubelet-heartbeat', 'time-sync'], needs: ['API server', 'nodes Ready'], fact: heartbeats },
  { name: 'control plane', checks: ['static-pods', 'apiservices', 'webhooks'], needs: ['API server', 'nodes Ready'], fact: () => null },
  { name: 'pod network', checks: ['cni-pods', 'kube-proxy'], needs: ['nodes Ready'], fact: () => null },
  { name: 'DNS', checks: ['coredns'], needs: ['nodes Ready', 'pod network'], fact: () => null },
  { name: 'storage', checks: ['default-sc', 'provisioner', 'pvc-bound'], needs: ['nodes Ready', 'pod network'], fact: () => null },
  {
    name: 'GPU driver',
    checks: ['nouveau-absent', 'driver-lib-match', 'driver-next-kernel', 'gpu-xid', 'nvidia-smi'],
    needs: ['machines'],
    fact: () => null,
  },
  { name: 'GPU runtime', checks: ['runtimeclass', 'nvidia-handler', 'nvidia-lowlevel', 'cdi-spec'], needs: ['nodes Ready', 'GPU driver'], fact: () => null },
  { name: 'device plugin', checks: ['device-plugin'], needs: ['nodes Ready', 'pod network', 'GPU driver', 'GPU runtime'], fact: () => null },
  { name: 'GPUs registered', checks: ['gpu-count', 'gpu-label'], needs: ['nodes Ready', 'device plugin'], fact: gpusRegistered },
  { name: 'GPU exporters', checks: ['dcgm-exporter'], needs: ['nodes Ready', 'pod network', 'device plugin'], fact: () => null },
  { name: 'targets', checks: ['prometheus-targets', 'grafana'], needs: ['nodes Ready', 'pod network', 'GPU exporters'], fact: targetsUp },
  {
    name: 'workloads',
    checks: ['workloads-ready', 'pods-not-running', 'crashloop', 'terminating-stuck'],
    needs: ['nodes Ready', 'pod network', 'storage', 'device plugin', 'GPUs registered'],
    fact: workloadsReady,
  },
  { name: 'left behind', checks: ['evicted', 'unexpected-admission'], needs: [], fact: leftBehind },
];

/** Steps that only the machines themselves can tell of: left out where none is looked at. */
const onMachines: ReadonlySet<string> = new Set(['machines', 'container runtime', 'kubelets', 'GPU driver']);

function says({ status, severity }: Finding): boolean {
  return status !== 'skipped' && !(status === 'unknown' && severity === 'info');
}

function apiServer({ connection, readyz }: ClusterSnapshot): string | null {
  if (connection.status === 'lost') return connection.why;
  return readyz.value?.ready === true ? `ready, ${Math.round(readyz.value.roundTripMs)} ms` : null;
}

function nodesReady({ nodes }: ClusterSnapshot): string | null {
  if (nodes.value === null) return null;
  const unready = [...nodes.value.values()].filter((node) => readiness(node) !== 'ready').map(({ name }) => name);
  return `${nodes.value.size - unready.length} of ${nodes.value.size}${named(unready)}`;
}

function heartbeats({ leases, at }: ClusterSnapshot): string | null {
  if (leases.value === null) return null;
  const all = [...leases.value.values()];
  return `${all.filter(({ seenAt }) => at - seenAt < leaseLifetime).length} of ${all.length} fresh`;
}

/** The kubelet renews every 10 s, and the node controller gives up after 40 s. */
const leaseLifetime = 40_000;

function gpusRegistered({ gpus, nodes }: ClusterSnapshot): string | null {
  if (gpus.value === null) return null;
  const { usable, expected } = usableGpus(gpus.value, nodes.value);
  const lacking = [...gpus.value.nodes.values()].filter((own) => own.total.allocatable < expectedGpus(own)).map(({ node }) => node);
  return expected === 0 ? null : `${count(usable)} of ${count(expected)}${named(lacking)}`;
}

function targetsUp({ targets }: ClusterSnapshot): string | null {
  if (targets.value === null) return null;
  return `${count(targets.value.filter(({ health }) => health === 'up').length)} of ${count(targets.value.length)} up`;
}

function workloadsReady({ deployments, daemonSets, statefulSets }: ClusterSnapshot): string | null {
  if (deployments.value === null || daemonSets.value === null || statefulSets.value === null) return null;
  const all = [deployments.value, daemonSets.value, statefulSets.value].flatMap((workloads) => [...workloads.values()]);
  return `${count(all.filter(({ ready, desired }) => ready >= desired).length)} of ${count(all.length)} ready`;
}

function leftBehind({ deadPods }: ClusterSnapshot): string | null {
  const byReason = [...(deadPods.value?.failedByReason ?? [])].filter(([, pods]) => pods > 0);
  if (deadPods.value === null) return null;
  return byReason.length === 0 ? 'nothing' : byReason.map(([reason, pods]) => `${count(pods)} ${reason}`).join(', ');
}

function named(names: readonly string[]): string {
  if (names.length === 0) return '';
  return names.length <= 2 ? `: ${names.join(', ')}` : `: ${names[0]} and ${names.length - 1} more`;
}

/** How many of a DaemonSet's pods are ready; else the own words of the finding that says it, the first of the worst; where several of the first check's are well, how many. */
function factOf(findings: readonly Finding[], status: CheckStatus, { daemonSets }: ClusterSnapshot): string {
  const telling = findings.filter((finding) => finding.status === status);
  const [first] = telling;
  if (first === undefined) return '';
  const daemonSet = daemonSets.value?.get(first.object.replace(/^daemonset\//, ''));
  if (daemonSet !== undefined) return `${daemonSet.ready} of ${daemonSet.desired} ready`;
  const same = telling.filter(({ id }) => id === first.id).length;
  return status === 'pass' && same > 1 ? `${same} of ${same}` : first.message;
}

const order: readonly CheckStatus[] = ['fail', 'unknown', 'warn', 'pass', 'skipped'];

function worst(statuses: readonly CheckStatus[]): CheckStatus {
  return order.find((status) => statuses.includes(status)) ?? 'skipped';
}

function blocks(status: CheckStatus): boolean {
  return status === 'fail' || status === 'unknown' || status === 'warn';
}
