import { bootAt, remembered, sinceBoot } from '../model/boots.js';
import type { ClusterModel } from '../model/cluster-model.js';
import { between } from '../model/hash.js';
import { type NodeLoad, nodeLoadOf } from '../model/node-load.js';
import type { NodeRecord } from '../model/node-record.js';
import { noise } from '../model/noise.js';
import { round } from '../model/round.js';
import { flow, mapSteps, steady, stepAt } from '../model/steps.js';
import { counter, type Family, gauge, type Series, series, single } from './family.js';
import { nodeStorageFamilies } from './node-storage.js';

/** What node_exporter 1.12 tells of a node with its default collectors: the series that dashboards and checks use. */
export function nodeExporterFamilies(model: ClusterModel, node: NodeRecord): Family[] {
  const load = nodeLoadOf(model, node);
  return [
    ...cpuFamilies(node, load),
    ...loadFamilies(node, load),
    ...memoryFamilies(node, load),
    ...pressureFamilies(node, load),
    ...nodeStorageFamilies(node, load),
    ...clockFamilies(node),
    gauge('node_uname_info', 'Labeled system information as provided by the uname system call.', () => [
      series(
        { domainname: '(none)', machine: 'x86_64', nodename: node.name, release: node.kernel, sysname: 'Linux', version: '#97-Ubuntu SMP PREEMPT_DYNAMIC' },
        1,
      ),
    ]),
    gauge(
      'node_exporter_build_info',
      "A metric with a constant '1' value labeled by version, revision, branch, goversion from which node_exporter was built, and the goos and goarch for the build.",
      () => [series({ branch: 'HEAD', goarch: 'amd64', goos: 'linux', goversion: 'go1.25.3', revision: '0b9a2d4e', tags: 'unknown', version: '1.12.0' }, 1)],
    ),
    gauge('node_scrape_collector_success', 'node_exporter: Whether a collector succeeded.', () => collectors.map((collector) => series({ collector }, 1))),
  ];
}

const collectors = ['cpu', 'diskstats', 'filesystem', 'loadavg', 'meminfo', 'netdev', 'pressure', 'stat', 'time', 'timex', 'uname', 'vmstat'];

// Share of the busy time that each mode takes; what is left of the whole time is idle.
const busyModes = [
  ['iowait', 0.012],
  ['irq', 0],
  ['nice', 0.001],
  ['softirq', 0.017],
  ['steal', 0],
  ['system', 0.19],
  ['user', 0.78],
] as const;

function cpuFamilies(node: NodeRecord, load: NodeLoad): Family[] {
  const busy = remembered(sinceBoot(node, (from) => flow(load.cpu, load.cpuNoise, from)));
  return [
    counter('node_cpu_seconds_total', 'Seconds the CPUs spent in each mode.', (wants) => {
      const all: Series[] = [];
      for (let index = 0; index < node.cores; index++) {
        const cpu = String(index);
        if (!wants('cpu', cpu)) continue;
        const weight = between(`${node.name}/cpu${cpu}`, 0.82, 1.08);
        if (wants('mode', 'idle')) all.push(series({ cpu, mode: 'idle' }, (time) => Math.max(0, time - bootAt(node, time) - weight * busy(time))));
        for (const [mode, share] of busyModes) if (wants('mode', mode)) all.push(series({ cpu, mode }, (time) => share * weight * busy(time)));
      }
      return all;
    }),
    single('counter', 'node_context_switches_total', 'Total number of context switches.', (time) => Math.floor(busy(time) * 9200 * node.cores)),
    single('counter', 'node_forks_total', 'Total number of forks.', (time) => Math.floor((time - bootAt(node, time)) * 3.1)),
    single('gauge', 'node_procs_running', 'Number of processes in runnable state.', (time) => Math.max(1, Math.round(busyAt(load, time) * node.cores))),
    single('gauge', 'node_procs_blocked', 'Number of processes blocked waiting for I/O to complete.', 0),
  ];
}

function busyAt(load: NodeLoad, time: number): number {
  return (stepAt(load.cpu, time) ?? 0) * load.cpuNoise.at(time);
}

function loadFamilies(node: NodeRecord, load: NodeLoad): Family[] {
  const average = (minutes: number) => (time: number) => {
    // The load average is the mean of about that many minutes; three points of the smooth noise are near enough.
    const points = [time, time - 20 * minutes, time - 45 * minutes].map((at) => busyAt(load, at));
    return round((points.reduce((sum, value) => sum + value, 0) / points.length) * node.cores * 1.12, 2);
  };
  return [
    single('gauge', 'node_load1', '1m load average.', average(1)),
    single('gauge', 'node_load5', '5m load average.', average(5)),
    single('gauge', 'node_load15', '15m load average.', average(15)),
  ];
}

function memoryFamilies(node: NodeRecord, load: NodeLoad): Family[] {
  const page = (bytes: number): number => Math.round(bytes / 4096) * 4096;
  const used = (time: number): number => {
    if (node.memoryPressure) return 0.97 * node.memory;
    // What the programs' start takes shows at once; the kernel lets go slowly, but nobody sees that.
    return Math.min(0.9 * node.memory, (stepAt(load.memory, time) ?? 0) * load.memoryNoise.at(time));
  };
  const swap = (): number => (node.machine?.linux.swaps ?? []).reduce((sum, { active, bytes }) => sum + (active ? bytes : 0), 0);
  const cached = (time: number): number => Math.min(0.35 * node.memory, 0.62 * (node.memory - used(time)));
  const field = (name: string, value: (time: number) => number): Family =>
    single('gauge', `node_memory_${name}_bytes`, `Memory information field ${name}_bytes.`, (time) => page(value(time)));
  return [
    field('MemTotal', () => node.memory),
    field('MemAvailable', (time) => node.memory - used(time)),
    field('MemFree', (time) => Math.max(0.01 * node.memory, node.memory - used(time) - cached(time))),
    field('Cached', cached),
    field('Buffers', () => 0.004 * node.memory),
    field('Slab', () => 0.011 * node.memory),
    field('Active', (time) => 0.6 * used(time)),
    field('AnonPages', (time) => 0.8 * used(time)),
    field('SwapTotal', swap),
    field('SwapFree', swap),
    field('SwapCached', () => 0),
  ];
}

/** Pressure stall information: waiting is "some", stalled is "full"; there is no full for the processors of a whole node. */
function pressureFamilies(node: NodeRecord, load: NodeLoad): Family[] {
  const total = (resource: string, kind: 'waiting' | 'stalled', help: string, share: (cpu: number) => number): Family =>
    single(
      'counter',
      `node_pressure_${resource}_${kind}_seconds_total`,
      help,
      sinceBoot(node, (from) =>
        flow(
          mapSteps(load.cpu, (cpu) => Math.min(0.6, share(cpu))),
          noise(`${node.name}/pressure/${resource}`, 0.6),
          from,
        ),
      ),
    );
  const memory = node.memoryPressure ? 0.3 : 0.0004;
  return [
    total('cpu', 'waiting', 'Total time in seconds that processes have waited for CPU time', (cpu) => 0.55 * cpu * cpu),
    total('io', 'waiting', 'Total time in seconds that processes have waited due to IO congestion', (cpu) => 0.004 + 0.02 * cpu),
    total('io', 'stalled', 'Total time in seconds no process could make progress due to IO congestion', (cpu) => 0.003 + 0.012 * cpu),
    total('memory', 'waiting', 'Total time in seconds that processes have waited for memory', () => memory),
    total('memory', 'stalled', 'Total time in seconds no process could make progress due to memory congestion', () => memory * 0.7),
    total('irq', 'stalled', 'Total time in seconds no process could make progress due to IRQ congestion', (cpu) => 0.001 * cpu),
  ];
}

function clockFamilies(node: NodeRecord): Family[] {
  const drift = noise(`${node.name}/clock`, 0.9);
  return [
    single('gauge', 'node_boot_time_seconds', 'Node boot time, in unixtime.', (time) => Math.floor(bootAt(node, time))),
    single('gauge', 'node_time_seconds', 'System time in seconds since epoch (1970).', (time) => time),
    single('gauge', 'node_timex_sync_status', 'Is clock synchronized to a reliable server (1 = yes, 0 = no).', () =>
      node.machine?.linux.clock.synchronized === false ? 0 : 1,
    ),
    single('gauge', 'node_timex_offset_seconds', 'Time offset in between local system and reference clock.', (time) => round((drift.at(time) - 1) * 4e-5, 9)),
    single('gauge', 'node_timex_maxerror_seconds', 'Maximum error in seconds.', 0.0185),
    single('counter', 'node_vmstat_oom_kill', '/proc/vmstat information field oom_kill.', 0),
    single(
      'counter',
      'node_vmstat_pgmajfault',
      '/proc/vmstat information field pgmajfault.',
      sinceBoot(node, (from) => flow(steady(0.4), noise(`${node.name}/faults`, 0.5), from)),
    ),
  ];
}
