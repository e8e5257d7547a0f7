import type { GpuTrouble } from '../../../src/state/gpu-devices.js';
import type { Pod } from '../../../src/state/pods.js';
import type { Collection } from '../../../src/state/snapshot.js';
import { piecesOf, podsOn } from './gpu-usage.js';
import type { Machine } from './ledger-rows.js';

/** Something about a machine's GPUs that the bare numbers don't say. */
export interface Flag {
  /** For the table: `1 lost`; '' for one that another stands for there. */
  readonly text: string;
  /** In full, with the numbers and names. */
  readonly sentence: string;
  readonly tone: 'bad' | 'warn' | 'dim';
}

/** What stands out on a machine: GPUs that are lost, held but idle, used past the scheduler, shared, cut up. */
export function ledgerFlags(machine: Machine, pods: Collection<Pod> | null): readonly Flag[] {
  return [...lost(machine), ...troubles(machine), ...idle(machine, pods), ...strays(machine, pods), ...sharing(machine)];
}

const troubleNames: Readonly<Record<GpuTrouble, string>> = {
  'not-installed': 'no nvidia-smi',
  'driver-not-loaded': 'driver not loaded',
  'library-mismatch': 'driver mismatch',
  'no-devices': 'no devices found',
  'gpu-lost': 'GPU is lost',
  'nvml-missing': 'NVML missing',
  'info-rom': 'infoROM corrupted',
  permission: 'no permission',
  hung: 'nvidia-smi hangs',
  unreadable: 'answer unreadable',
};

function troubles({ gpus }: Machine): readonly Flag[] {
  if (gpus === null) return [];
  if (gpus.report.status !== 'ok') return [{ text: troubleNames[gpus.report.status], sentence: gpus.report.why, tone: 'bad' }];
  const { warnings } = gpus.report;
  // In the table they stand as one; each has its own sentence below.
  return warnings.map((warning, index) => ({ text: index > 0 ? '' : counted(warnings.length), sentence: warning, tone: 'warn' }));
}

function counted(warnings: number): string {
  return warnings === 1 ? '1 warning' : `${warnings} warnings`;
}

/** GPUs that are missing somewhere between the board and the scheduler. */
function lost({ gpus, physical, offered, node, slicesOffered, replicas }: Machine): readonly Flag[] {
  const flags: Flag[] = [];
  const devices = gpus?.report.status === 'ok' ? gpus.report.devices : null;
  const answering = devices?.filter((device) => device.lost === null) ?? null;
  const labelled = Number(/^\d{1,4}$/.exec(node?.labels.get('nvidia.com/gpu.count') ?? '')?.[0] ?? 0);
  const should = Math.max(physical ?? 0, labelled);
  if (answering !== null && answering.length < should) {
    const silent = devices?.flatMap((device) => (device.lost === null ? [] : [`GPU ${device.index}: ${device.lost}`])) ?? [];
    const said = silent.length === 0 ? '' : ` (${silent.join('; ')})`;
    flags.push({ text: `${should - answering.length} lost`, sentence: `${answering.length} of ${should} GPUs answer nvidia-smi${said}`, tone: 'bad' });
  }
  if (offered === null) return flags;
  const { capacity, allocatable } = offered.total;
  const pieces = answering === null ? (offered.expected ?? capacity) : answering.reduce((sum, device) => sum + piecesOf(device, slicesOffered), 0) * replicas;
  if (capacity < pieces)
    flags.push({ text: `${pieces - capacity} not offered`, sentence: `the machine makes ${pieces} pieces, the kubelet offers ${capacity}`, tone: 'bad' });
  if (allocatable < capacity)
    flags.push({
      text: `${capacity - allocatable} unhealthy`,
      sentence: `the device plugin calls ${capacity - allocatable} of ${capacity} unhealthy`,
      tone: 'bad',
    });
  return flags;
}

/** Pieces that pods hold and nobody uses. */
function idle({ name, gpus, offered, used, replicas }: Machine, pods: Collection<Pod> | null): readonly Flag[] {
  if (gpus?.report.status !== 'ok' || offered === null || used === null) return [];
  const { requested } = offered.total;
  const holders = holdersOn(name, pods);
  const users = new Set(gpus.report.devices.flatMap(podsOn));
  // Where processes are joined to pods, the pods without one are known by name.
  const joined = users.size > 0 || used === 0;
  const idlers = joined ? holders.filter(({ pod }) => !users.has(pod)) : [];
  const held = joined && replicas > 1 ? idlers.reduce((sum, { pieces }) => sum + pieces, 0) : Math.max(0, Math.ceil(requested / replicas) - used);
  if (held === 0) return [];
  const named = idlers.length === 0 ? '' : `: ${idlers.map(({ pod, pieces }) => `${pod} holds ${pieces}`).join(', ')}`;
  return [{ text: `${held} idle but allocated`, sentence: `${held} of ${requested} requested ${held === 1 ? 'is' : 'are'} not used${named}`, tone: 'warn' }];
}

/** Use that the scheduler knows nothing of. */
function strays({ gpus, offered, used, replicas }: Machine, pods: Collection<Pod> | null): readonly Flag[] {
  if (gpus?.report.status !== 'ok' || offered === null || used === null) return [];
  const free = Math.max(0, used - Math.ceil(offered.total.requested / replicas));
  const uninvited = gpus.report.devices.filter((device) => podsOn(device).some((name) => pods?.get(name)?.deviceRequests === null)).length;
  const amount = Math.max(free, uninvited);
  if (amount === 0) return [];
  const who = [
    ...new Set(gpus.report.devices.flatMap(({ processes }) => processes.flatMap(({ pod, name, pid }) => (pod === null ? [name ?? `pid ${pid}`] : [])))),
  ];
  const guests = [...new Set(gpus.report.devices.flatMap(podsOn))].filter((name) => pods?.get(name)?.deviceRequests === null);
  const named = [...guests, ...who].slice(0, 4);
  return [
    {
      text: `${amount} used, not allocated`,
      sentence: `${amount} in use that no pod asked for${named.length === 0 ? '' : `: ${named.join(', ')}`}`,
      tone: 'warn',
    },
  ];
}

function sharing({ gpus, replicas }: Machine): readonly Flag[] {
  const flags: Flag[] = [];
  if (replicas > 1) flags.push({ text: `time-sliced ×${replicas}`, sentence: `each GPU is offered ${replicas} times`, tone: 'dim' });
  const devices = gpus?.report.status === 'ok' ? gpus.report.devices : [];
  const cut = devices.filter(({ mig }) => mig.mode === 'on');
  if (cut.length > 0) {
    const slices = cut.reduce((sum, { mig }) => sum + mig.devices.length, 0);
    const text = cut.length === devices.length ? `MIG, ${slices} slices` : `MIG on ${cut.length}, ${slices} slices`;
    flags.push({ text, sentence: `${cut.length} of ${devices.length} GPUs are cut into ${slices} MIG devices`, tone: slices === 0 ? 'warn' : 'dim' });
  }
  const pending = devices.filter(({ mig }) => mig.pending !== null && mig.pending !== mig.mode).length;
  if (pending > 0) flags.push({ text: 'MIG change pending', sentence: `the MIG mode of ${pending} changes with the next reset of the GPU`, tone: 'warn' });
  return flags;
}

function holdersOn(node: string, pods: Collection<Pod> | null): readonly { readonly pod: string; readonly pieces: number }[] {
  if (pods === null) return [];
  return [...pods.values()].flatMap(({ nodeName, namespace, name, deviceRequests }) => {
    if (nodeName !== node || deviceRequests === null) return [];
    return [{ pod: `${namespace}/${name}`, pieces: [...deviceRequests.values()].reduce((sum, amount) => sum + amount, 0) }];
  });
}
