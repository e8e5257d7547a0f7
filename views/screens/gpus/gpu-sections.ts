import type { GpuDevice } from '../../../src/state/gpu-devices.js';
import type { HostState } from '../../../src/state/hosts.js';
import type { Pod } from '../../../src/state/pods.js';
import type { Collection } from '../../../src/state/snapshot.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { facts, type Section, table } from '../../widgets/sections.js';
import { throttleName } from './device-notes.js';
import type { DeviceRow } from './device-rows.js';
import { gaugeBar, gib, whyNot } from './gauges.js';
import { share, sliceInUse } from './gpu-usage.js';
import { xidLines, xidsOf } from './xid-lines.js';

export interface GpuSections {
  /** What is wrong: the loss itself, errors of the driver. */
  readonly trouble: readonly Section[];
  /** Who is on it. */
  readonly use: readonly Section[];
  /** What it is and how it stands. */
  readonly make: readonly Section[];
}

/** Everything a GPU says of itself; what it does not say stands with the reason in its place. */
export function gpuSections(row: DeviceRow, host: HostState | null, pods: Collection<Pod> | null, now: number): GpuSections {
  const { device } = row;
  return {
    trouble: [...lost(device), ...xids(device, host, now)],
    use: [...slices(device), processes(device, pods)],
    make: [state(device), memory(device), health(device), board(row)],
  };
}

function lost({ lost: why }: GpuDevice): readonly Section[] {
  return why === null
    ? []
    : [{ title: 'Lost', lines: (width) => wrap(why, width - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', ['bad', text])) }];
}

function xids(device: GpuDevice, host: HostState | null, now: number): readonly Section[] {
  const known = xidsOf(host, device.pciBusId);
  if (known === null || known.length === 0) return [];
  return [{ title: 'Errors in the kernel log (Xid)', right: line(['dim', count(known.length)]), lines: (width) => xidLines(known, now, width) }];
}

function processes(device: GpuDevice, pods: Collection<Pod> | null): Section {
  const { processes: all, pods: holders = [] } = device;
  return {
    title: 'Processes',
    right: device.lost === null ? line(['dim', count(all.length)]) : [],
    lines: (width) => {
      if (all.length === 0) {
        if (holders.length > 0) return [line(['dim', 'held by '], holders.join(', ')), line(['dim', 'this source knows pods, no processes'])];
        return [line(['dim', device.unavailable['processes'] === undefined && device.lost === null ? 'none' : `not known: ${whyNot(device, 'processes')}`])];
      }
      const rows = all.map(({ pid, name, type, usedMiB, gpuInstanceId, pod }) => [
        line(String(pid)),
        line(['dim', type ?? '–']),
        line(usedMiB === null ? ['dim', 'N/A'] : `${gib(usedMiB)} GiB`),
        line(gpuInstanceId === null ? ['dim', '–'] : String(gpuInstanceId)),
        pod === null ? line(['dim', 'no pod known']) : line(pod, asksForNone(pods?.get(pod)) ? ['warn', ' asks for no GPU'] : ''),
        line(['dim', name ?? '–']),
      ]);
      return table(['PID', 'TYPE', 'MEMORY', 'GI', 'POD', 'PROCESS'], rows, width, new Set(['PID', 'MEMORY', 'GI']));
    },
  };
}

function asksForNone(pod: Pod | undefined): boolean {
  return pod !== undefined && pod.deviceRequests === null;
}

function slices(device: GpuDevice): readonly Section[] {
  const { mig } = device;
  if (mig.mode !== 'on') return [];
  return [
    {
      title: 'MIG devices',
      right: line(['dim', count(mig.devices.length)]),
      lines: (width) =>
        mig.devices.length === 0
          ? [line(['warn', '! '], 'MIG is on, but the GPU is not cut up: nothing can run on it')]
          : table(
              ['', 'MIG', 'GI', 'CI', 'MEMORY', '', 'USED BY'],
              mig.devices.map((slice) => {
                const level = share(slice.memory);
                const { totalMiB, usedMiB } = slice.memory;
                const users = device.processes.flatMap(({ gpuInstanceId, pod, name, pid }) =>
                  gpuInstanceId !== null && gpuInstanceId === slice.gpuInstanceId ? [pod ?? name ?? `pid ${pid}`] : [],
                );
                const used = sliceInUse(device, slice) === true;
                return [
                  line(used ? ['good', '●'] : ['dim', '·']),
                  line(slice.profile ?? String(slice.index)),
                  line(slice.gpuInstanceId === null ? ['dim', '–'] : String(slice.gpuInstanceId)),
                  line(slice.computeInstanceId === null ? ['dim', '–'] : String(slice.computeInstanceId)),
                  gaugeBar({ level, tone: 'accent', texts: [], pick: () => null, high: 1 }, 10),
                  line(totalMiB === null || usedMiB === null ? ['dim', 'N/A'] : `${gib(usedMiB)}/${gib(totalMiB)} GiB`),
                  users.length === 0 ? line(['dim', used ? 'not known' : 'free']) : line([...new Set(users)].join(', ')),
                ];
              }),
              width,
              new Set(['GI', 'CI']),
            ),
    },
  ];
}

type Pair = readonly [string, string | Line];

/** A value with its unit, or why the device does not give it. */
function fact(device: GpuDevice, name: string, field: string, value: number | string | null, unit = ''): Pair {
  return [name, value === null ? line(['dim', whyNot(device, field)]) : `${typeof value === 'number' ? Number(value.toFixed(1)) : value}${unit}`];
}

function state(device: GpuDevice): Section {
  const { utilization, temperatureC, slowdownC, power, clocks, fanPercent, performanceState, throttleReasons } = device;
  const throttled =
    device.lost !== null
      ? line(['dim', whyNot(device, 'throttleReasons')])
      : throttleReasons.length === 0
        ? line(['good', '✓'], ' no')
        : line(['warn', '! '], throttleReasons.map(throttleName).join(', '));
  return section('Load and clocks', [
    fact(device, 'GPU load', 'utilization.gpuPercent', utilization.gpuPercent, ' %'),
    fact(device, 'memory load', 'utilization.memoryPercent', utilization.memoryPercent, ' %'),
    fact(device, 'temperature', 'temperatureC', temperatureC, ' °C'),
    fact(device, 'slows down at', 'slowdownC', slowdownC, ' °C'),
    fact(device, 'power', 'power.drawW', power.drawW, ' W'),
    fact(device, 'power limit', 'power.limitW', power.limitW, ' W'),
    fact(device, 'SM clock', 'clocks.smMHz', clocks.smMHz, ' MHz'),
    fact(device, 'memory clock', 'clocks.memoryMHz', clocks.memoryMHz, ' MHz'),
    fact(device, 'fan', 'fanPercent', fanPercent, ' %'),
    fact(device, 'state', 'performanceState', performanceState),
    ['throttled', throttled],
  ]);
}

function memory(device: GpuDevice): Section {
  const { totalMiB, usedMiB, freeMiB } = device.memory;
  const amount = (name: string, field: string, value: number | null): Pair =>
    fact(device, name, `memory.${field}`, value === null ? null : `${gib(value)} GiB`);
  return section('Memory', [amount('total', 'totalMiB', totalMiB), amount('used', 'usedMiB', usedMiB), amount('free', 'freeMiB', freeMiB)]);
}

function health(device: GpuDevice): Section {
  const { ecc, mig, persistence } = device;
  const errors: Pair =
    ecc.uncorrectable !== null && ecc.uncorrectable > 0
      ? ['not corrected', line(['bad', `✗ ${count(ecc.uncorrectable)}`])]
      : fact(device, 'not corrected', 'ecc.uncorrectable', ecc.uncorrectable);
  const pending = mig.pending !== null && mig.pending !== mig.mode ? line(['warn', `! ${mig.pending} after the next reset`]) : null;
  return section('Memory errors and modes', [
    fact(device, 'ECC', 'ecc.mode', ecc.mode),
    fact(device, 'corrected', 'ecc.correctable', ecc.correctable === null ? null : count(ecc.correctable)),
    errors,
    fact(device, 'MIG', 'mig.mode', mig.mode),
    ...(pending === null ? [] : [['MIG pending', pending] as const]),
    fact(device, 'persistence', 'persistence', persistence),
  ]);
}

function board({ device, machine: { report } }: DeviceRow): Section {
  return section('Board and driver', [
    fact(device, 'name', 'name', device.name),
    fact(device, 'UUID', 'uuid', device.uuid),
    fact(device, 'serial', 'serial', device.serial),
    fact(device, 'PCI bus', 'pciBusId', device.pciBusId),
    fact(device, 'virtualization', 'virtualization', device.virtualization),
    ...(device.computeMode === undefined ? [] : [['compute mode', device.computeMode] as const]),
    ['driver', (report.status === 'ok' ? report.driverVersion : null) ?? line(['dim', 'not given'])],
    ['CUDA up to', (report.status === 'ok' ? report.cudaVersion : null) ?? line(['dim', 'not given'])],
  ]);
}

function section(title: string, pairs: readonly Pair[]): Section {
  return { title, lines: (width) => facts(pairs, width) };
}
