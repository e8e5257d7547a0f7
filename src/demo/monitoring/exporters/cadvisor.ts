import type { ClusterModel } from '../model/cluster-model.js';
import { between, hex } from '../model/hash.js';
import { coresOf, memoryOf } from '../model/node-load.js';
import type { NodeRecord } from '../model/node-record.js';
import { noise } from '../model/noise.js';
import type { PodRecord } from '../model/pod-record.js';
import { flow, steady, within } from '../model/steps.js';
import { counter, type Family, gauge, type LabelPairs, type Series, type Wants } from './family.js';

type Container = PodRecord['containers'][number];
type PerContainer = (pod: PodRecord, container: Container, from: number) => (time: number) => number;

/** What the kubelet's /metrics/cadvisor tells of the containers on a node. */
export function cadvisorFamilies(model: ClusterModel, node: NodeRecord): Family[] {
  const containers = (build: PerContainer) => (wants: Wants) => eachContainer(model, node, wants, build);
  const rate = (name: string, amplitude: number, perSecond: (pod: PodRecord, container: Container) => number): PerContainer => {
    return (pod, container, from) => flow(steady(perSecond(pod, container)), noise(`${pod.name}/${container.name}/${name}`, amplitude), from);
  };
  const cpu = (pod: PodRecord): number => coresOf(model, pod) / Math.max(1, pod.containers.length);
  const memory = (pod: PodRecord, factor: number) => {
    const swing = noise(`${pod.name}/memory`, 0.12);
    return (time: number): number => Math.round((factor * memoryOf(pod) * swing.at(time)) / pod.containers.length / 4096) * 4096;
  };
  const never: PerContainer = () => () => 0;
  const perSecond = (name: string, help: string, amplitude: number, value: (pod: PodRecord) => number): Family =>
    counter(name, help, containers(rate(name, amplitude, value)));
  return [
    perSecond('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed in seconds.', 0.35, cpu),
    counter('container_cpu_cfs_throttled_periods_total', 'Number of throttled period intervals.', containers(never)),
    gauge(
      'container_memory_working_set_bytes',
      'Current working set in bytes.',
      containers((pod) => memory(pod, 1)),
    ),
    gauge(
      'container_memory_usage_bytes',
      'Current memory usage in bytes, including all memory regardless of when it was accessed',
      containers((pod) => memory(pod, 1.35)),
    ),
    gauge(
      'container_memory_rss',
      'Size of RSS in bytes.',
      containers((pod) => memory(pod, 0.9)),
    ),
    gauge(
      'container_spec_memory_limit_bytes',
      'Memory limit for the container.',
      containers(() => () => 0),
    ),
    gauge(
      'container_fs_usage_bytes',
      'Number of bytes that are consumed by the container on this filesystem.',
      containers((pod) => () => Math.round(between(`${pod.name}/fs`, 2, 900)) * 65_536),
    ),
    gauge(
      'container_start_time_seconds',
      'Start time of the container since unix epoch in seconds.',
      containers((_pod, _container, from) => () => from),
    ),
    counter('container_oom_events_total', 'Count of out of memory events observed for the container', containers(never)),
    perSecond('container_pressure_cpu_waiting_seconds_total', 'Total time duration tasks in the container have waited due to CPU congestion.', 0.6, (pod) =>
      Math.min(0.3, 0.03 * cpu(pod)),
    ),
    perSecond(
      'container_pressure_cpu_stalled_seconds_total',
      'Total time duration no tasks in the container could make progress due to CPU congestion.',
      0.6,
      (pod) => Math.min(0.2, 0.01 * cpu(pod)),
    ),
    perSecond(
      'container_pressure_memory_waiting_seconds_total',
      'Total time duration tasks in the container have waited due to memory congestion.',
      0.6,
      () => 1e-5,
    ),
    perSecond(
      'container_pressure_memory_stalled_seconds_total',
      'Total time duration no tasks in the container could make progress due to memory congestion.',
      0.6,
      () => 5e-6,
    ),
    perSecond('container_pressure_io_waiting_seconds_total', 'Total time duration tasks in the container have waited due to IO congestion.', 0.6, () => 0.0011),
    perSecond(
      'container_pressure_io_stalled_seconds_total',
      'Total time duration no tasks in the container could make progress due to IO congestion.',
      0.6,
      () => 0.0007,
    ),
    podNetwork(model, node, 'receive', (pod) => 400 + 20_000 * coresOf(model, pod)),
    podNetwork(model, node, 'transmit', (pod) => 350 + 6_000 * coresOf(model, pod)),
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', () => [{ suffix: '', labels: machine(node), value: () => node.cores }]),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', () => [{ suffix: '', labels: machine(node), value: () => node.memory }]),
  ];
}

function machine(node: NodeRecord): LabelPairs {
  return [
    ['boot_id', node.bootId],
    ['machine_id', hex(`${node.name}/machine`, 32)],
  ];
}

function* eachContainer(model: ClusterModel, node: NodeRecord, wants: Wants, build: PerContainer): Iterable<Series> {
  for (const pod of podsOn(model, node, wants)) {
    for (const container of pod.containers) {
      if (!wants('container', container.name)) continue;
      const value = build(pod, container, pod.running[0]?.from ?? 0);
      const { id, path } = identityOf(pod, container, node);
      yield {
        suffix: '',
        labels: [
          ['container', container.name],
          ['id', path],
          ['image', container.image],
          ['name', id],
          ['namespace', pod.namespace],
          ['pod', pod.name],
        ],
        value: (time) => (within(pod.running, time) ? value(time) : null),
      };
    }
  }
}

/** The container's id and its cgroup; made once, because thousands of pods are asked for again and again. */
function identityOf(pod: PodRecord, container: Container, { machine: host }: NodeRecord): { id: string; path: string } {
  let identity = identities.get(container);
  if (identity === undefined) {
    const id = hex(`${pod.uid}/${container.name}`, 64);
    const runtime = host?.hardware.runtime === 'cri-o' ? 'crio' : 'cri-containerd';
    identity = { id, path: `/kubepods.slice/kubepods-pod${pod.uid.replaceAll('-', '_')}.slice/${runtime}-${id}.scope` };
    identities.set(container, identity);
  }
  return identity;
}

const identities = new WeakMap<Container, { id: string; path: string }>();

function* podsOn(model: ClusterModel, node: NodeRecord, wants: Wants): Iterable<PodRecord> {
  for (const pod of model.podsEver()) {
    if (pod.node === node.name && pod.running.length > 0 && wants('namespace', pod.namespace) && wants('pod', pod.name)) yield pod;
  }
}

/** Network counters belong to the pod's sandbox: they carry no container's name. */
function podNetwork(model: ClusterModel, node: NodeRecord, direction: 'receive' | 'transmit', rate: (pod: PodRecord) => number): Family {
  const help = `Cumulative count of bytes ${direction === 'receive' ? 'received' : 'transmitted'}`;
  return counter(`container_network_${direction}_bytes_total`, help, (wants) => networkSeries(model, node, direction, rate, wants));
}

function* networkSeries(model: ClusterModel, node: NodeRecord, direction: string, rate: (pod: PodRecord) => number, wants: Wants): Iterable<Series> {
  if (!wants('container', '')) return;
  for (const pod of podsOn(model, node, wants)) {
    if (pod.hostNetwork) continue;
    const count = flow(steady(rate(pod)), noise(`${pod.name}/${direction}`, 0.5), pod.running[0]?.from ?? 0);
    yield {
      suffix: '',
      labels: [
        ['id', `/kubepods.slice/kubepods-pod${pod.uid.replaceAll('-', '_')}.slice`],
        ['interface', 'eth0'],
        ['namespace', pod.namespace],
        ['pod', pod.name],
      ],
      value: (time) => (within(pod.running, time) ? Math.floor(count(time)) : null),
    };
  }
}
