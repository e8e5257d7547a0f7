import { type Machine, offeredDevices } from './controllers/machines.js';
import type { World } from './controllers/world.js';
import { textAt } from './fields.js';
import { hash, hex } from './monitoring/model/hash.js';
import { addressOf } from './seed/hardware.js';

/**
 * What somebody who looked at the demo cluster yesterday evening would remember: as a plain JSON value, in the form in which a context is
 * remembered from one visit to the next. Times are ms since the epoch.
 */
export interface DemoMemory {
  readonly lastVisitAt: number;
  readonly nodes: Readonly<Record<string, RememberedNode>>;
  /** By node, oldest first. */
  readonly reboots: Readonly<Record<string, readonly RememberedReboot[]>>;
  readonly last: { readonly targetsDown: readonly string[]; readonly targets: number; readonly badPods: readonly string[]; readonly deadPods: number };
}

interface RememberedNode {
  readonly bootId: string;
  readonly bootedAt: number;
  readonly address: string;
  readonly kernel: string;
  readonly kubelet: string;
  readonly runtime: string;
  readonly driver: string | null;
  readonly gpus: number;
  readonly ready: true;
  readonly machineId: string | null;
}

interface RememberedReboot {
  readonly bootId: string;
  readonly bootedAt: number;
  /** By id of the recovery step: ms from boot until it was done. */
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * Notes which boots the machines have at the demo's start and returns what gives the memory, made when it is asked for.
 * @param start the demo's zero, ms since the epoch.
 * @param targets how many targets Prometheus has.
 */
export function demoMemory(world: World, start: number, targets: () => number): () => DemoMemory {
  const lastVisitAt = yesterdayEvening(start);
  const boots = world.machines.all().map((machine) => ({ machine, ...bootBefore(machine, lastVisitAt) }));
  return () => ({
    lastVisitAt,
    nodes: Object.fromEntries(boots.map((each) => [each.machine.name, rememberedNode(world, each, lastVisitAt)])),
    reboots: Object.fromEntries(boots.map(({ machine, bootedAt, bootId }) => [machine.name, reboots(machine, bootedAt, bootId)])),
    last: { targetsDown: [], targets: targets(), badPods: [], deadPods: deadPods(world, lastVisitAt) },
  });
}

/** 18:40 of the day before, by this machine's clock. */
function yesterdayEvening(start: number): number {
  const date = new Date(start);
  date.setDate(date.getDate() - 1);
  date.setHours(18, 40, 0, 0);
  return date.getTime();
}

interface Boot {
  readonly bootId: string;
  readonly bootedAt: number;
  /** Whether the machine was booted since, or is down now. */
  readonly rebooted: boolean;
}

function bootBefore(machine: Machine, lastVisitAt: number): Boot {
  if (machine.bootedAt <= lastVisitAt) return { bootId: machine.bootId, bootedAt: machine.bootedAt, rebooted: machine.off };
  return { bootId: made(`${machine.name}/before`), bootedAt: lastVisitAt - 12 * day, rebooted: true };
}

function rememberedNode(world: World, { machine, bootId, bootedAt, rebooted }: Boot & { readonly machine: Machine }, lastVisitAt: number): RememberedNode {
  const node = world.store.get('nodes', machine.name);
  const info = (field: string) => textAt(node, 'status', 'nodeInfo', field);
  const kernel = info('kernelVersion') ?? '';
  const { driver } = machine;
  const upgraded = rebooted && machine.hardware.role === 'worker';
  return {
    bootId,
    bootedAt,
    address: addressOf(machine.hardware),
    // A worker that was rebooted came back with the kernel that had been waiting for it.
    kernel: upgraded ? kernel.replace(/-94-/, '-90-') : kernel,
    kubelet: info('kubeletVersion') ?? '',
    runtime: info('containerRuntimeVersion') ?? '',
    driver: machine.gpus === 0 ? null : driver.since <= lastVisitAt ? driver.module : driver.library,
    gpus: [...offeredDevices(machine).values()].reduce((sum, { known }) => sum + known, 0),
    ready: true,
    machineId: info('machineID'),
  };
}

/** Three earlier reboots, about a month apart, the last of them the boot that was seen at the last visit. */
function reboots(machine: Machine, bootedAt: number, bootId: string): RememberedReboot[] {
  return [2, 1, 0].map((ago) => ({
    bootId: ago === 0 ? bootId : made(`${machine.name}/boot${ago}`),
    bootedAt: bootedAt - ago * 29 * day,
    steps: Object.fromEntries(
      stepsOf(machine).map(([step, seconds]) => [step, Math.round(seconds * 1000 * (0.97 + (hash(`${machine.name}/${ago}/${step}`) % 60) / 1000))]),
    ),
  }));
}

const day = 86_400_000;

/** How long each step of the way back usually takes, in seconds from boot. */
const usualSteps: readonly (readonly [step: string, seconds: number, only?: 'gpus' | 'control-plane'])[] = [
  ['ssh', 35],
  ['driver', 40, 'gpus'],
  ['runtime', 45],
  ['kubelet', 50],
  ['api-server', 56, 'control-plane'],
  ['node-ready', 60],
  ['pod-network', 75],
  ['dns', 80],
  ['device-plugin', 86, 'gpus'],
  ['gpus', 90, 'gpus'],
  ['exporters', 95],
  ['targets', 110],
  ['workloads', 118],
];

function stepsOf({ gpus, hardware }: Machine): (readonly [string, number])[] {
  return usualSteps.flatMap(([step, seconds, only]) => {
    const applies = only === undefined || (only === 'gpus' ? gpus > 0 : hardware.role === 'control-plane');
    return applies ? [[step, seconds] as const] : [];
  });
}

function deadPods(world: World, before: number): number {
  return world.store.list('pods').filter((pod) => {
    const ended = ['Failed', 'Succeeded'].includes(textAt(pod, 'status', 'phase') ?? '');
    return ended && Date.parse(pod.metadata.creationTimestamp ?? '') <= before;
  }).length;
}

/** A boot id that is nobody's but always the same. */
function made(name: string): string {
  const digits = hex(name, 32);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
