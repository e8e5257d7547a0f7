import type { GpuDevice, MachineGpus } from '../../../src/state/gpu-devices.js';
import type { XidEvent } from '../../../src/state/hosts.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { compare } from '../../../src/text/sort.js';
import type { Column } from '../../widgets/list-layout.js';
import { podsOn, share } from './gpu-usage.js';
import type { LedgerRow } from './ledger-rows.js';
import { xidsOf } from './xid-lines.js';

/** One line of the GPU list: a GPU, or a machine whose GPUs cannot be seen. */
export type GpuRow = DeviceRow | BlindRow;

export interface DeviceRow {
  readonly kind: 'device';
  /** `node/index`, which stays the same when a GPU no longer tells its UUID. */
  readonly id: string;
  readonly machine: MachineGpus;
  readonly device: GpuDevice;
  /** Names of the apps that use it (the pods' own names where they have no app label), then processes of no pod. */
  readonly users: readonly string[];
  /** The newest error of the driver about it in this boot's kernel log. */
  readonly xid: XidEvent | null;
}

export interface BlindRow {
  readonly kind: 'blind';
  readonly id: string;
  readonly node: string;
  readonly why: string;
  readonly tone: 'bad' | 'warn' | 'dim';
}

/** Every GPU that is seen, machine by machine, and a row for each machine of the ledger that is not. */
export function gpuRows(
  { machineGpus, pods, hosts }: Pick<ClusterSnapshot, 'machineGpus' | 'pods' | 'hosts'>,
  ledger: readonly LedgerRow[],
): readonly GpuRow[] {
  if (machineGpus.value === null) return [];
  const rows = [...machineGpus.value.values()].flatMap((machine): readonly GpuRow[] => {
    if (machine.report.status !== 'ok') return [{ kind: 'blind', id: machine.node, node: machine.node, why: machine.report.why, tone: 'bad' }];
    return machine.report.devices.map((device) => ({
      kind: 'device',
      id: `${machine.node}/${device.index}`,
      machine,
      device,
      users: usersOf(device, pods.value),
      xid: device.pciBusId === null ? null : telling(xidsOf(hosts.value?.get(machine.node) ?? null, device.pciBusId)),
    }));
  });
  const blind = ledger.flatMap(({ name, sight, offered }): readonly GpuRow[] => {
    if (sight.seen) return [];
    const should = Math.max(offered?.expected ?? 0, offered?.total.capacity ?? 0);
    return [{ kind: 'blind', id: name, node: name, why: `${should} ${should === 1 ? 'GPU' : 'GPUs'} not seen: ${sight.why}`, tone: 'warn' }];
  });
  return [...rows, ...blind].sort((a, b) => compare(a.id, b.id));
}

/** The row's node. */
export function nodeOf(row: GpuRow): string {
  return row.kind === 'device' ? row.machine.node : row.node;
}

/** What a filter searches. */
export function rowText(row: GpuRow): string {
  if (row.kind === 'blind') return `${row.node} ${row.why}`;
  const { name, uuid, serial, pciBusId, lost, throttleReasons, processes, mig } = row.device;
  const words = [row.id, name, uuid, serial, pciBusId, lost, ...throttleReasons, ...row.users, ...podsOn(row.device), ...processes.map((one) => one.name)];
  return [...words, mig.mode === 'on' ? 'mig' : '', lost === null ? '' : 'lost'].filter((word) => word !== null).join(' ');
}

/** What the list can be sorted by; its cells are drawn as cards. */
export const sortColumns: readonly Column<GpuRow>[] = [
  { id: 'node', title: 'NODE', sortKey: 'N', cell: () => [], sortValue: (row) => row.id },
  { id: 'util', title: 'UTIL', sortKey: 'U', cell: () => [], sortValue: by(({ utilization }) => utilization.gpuPercent), descendingFirst: true },
  { id: 'memory', title: 'MEMORY', sortKey: 'M', cell: () => [], sortValue: by(({ memory }) => share(memory)), descendingFirst: true },
  { id: 'temp', title: 'TEMP', sortKey: 'T', cell: () => [], sortValue: by(({ temperatureC }) => temperatureC), descendingFirst: true },
  { id: 'power', title: 'POWER', sortKey: 'W', cell: () => [], sortValue: by(({ power }) => power.drawW), descendingFirst: true },
];

function by(value: (device: GpuDevice) => number | null): (row: GpuRow) => number | null {
  return (row) => (row.kind === 'device' ? value(row.device) : null);
}

function usersOf(device: GpuDevice, pods: ClusterSnapshot['pods']['value']): readonly string[] {
  const apps = podsOn(device).map((pod) => pods?.get(pod)?.app ?? pod.slice(pod.indexOf('/') + 1));
  const others = device.processes.flatMap(({ pod, name, pid }) => (pod === null ? [name === null ? `pid ${pid}` : baseName(name)] : []));
  return [...new Set([...apps, ...others])];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).split(' ')[0] ?? path;
}

/** The newest Xid of one GPU. 154 only says what would mend it, after the error that matters. */
function telling(events: readonly XidEvent[] | null): XidEvent | null {
  const own = (events ?? []).filter(({ pciBusId }) => pciBusId !== null);
  return own.find(({ code }) => code !== 154) ?? own[0] ?? null;
}
