import type { Machine } from '../controllers/machines.js';
import type { Systems } from '../controllers/systems.js';
import { runtimeUnit, type Unit } from '../controllers/units.js';
import type { World } from '../controllers/world.js';
import { textAt } from '../fields.js';
import { nodeExporterFamilies } from '../monitoring/exporters/node-exporter.js';
import type { ClusterModel } from '../monitoring/model/cluster-model.js';
import { type GpuReading, readGpus } from './gpu-readings.js';

/** A machine as a program on it sees it, now. */
export interface MachineHost {
  readonly machine: Machine;
  /** What it calls itself: the machine's name, in a container the pod's. */
  readonly hostname: string;
  readonly world: World;
  /** What can be done to it; null in a container. */
  readonly systems: Systems | null;
  /** ms since the epoch. */
  now(): number;
  kernel(): string;
  gpus(): readonly GpuReading[];
  /** Whether the NVIDIA driver has been loaded since the machine booted. */
  driverLoaded(): boolean;
  /** The state of a systemd unit in systemd's words; null for one that is not installed. The ending `.service` may be left out. */
  unit(name: string): UnitState | null;
  /** Newest value of a series of the machine's node exporter; 0 where there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>, secondsAgo?: number): number;
}

export interface UnitState {
  /** As in `kubelet.service`. */
  readonly name: string;
  readonly description: string;
  readonly load: 'loaded' | 'masked';
  readonly active: 'active' | 'activating' | 'inactive' | 'failed';
  readonly sub: string;
  readonly enabled: Unit['enabled'];
  readonly result: Unit['result'];
  readonly exitCode: number;
  readonly restarts: number;
}

/** @param speed how many times faster than in life things happen. */
export function machineHost(world: World, model: ClusterModel, machine: Machine, speed: number, systems: Systems | null): MachineHost {
  const now = () => world.clock.now();
  const sinceLogin = () => ((now() - machine.loginSince) / 1000) * speed;
  return {
    machine,
    hostname: machine.name,
    world,
    systems,
    now,
    kernel: () => textAt(world.store.get('nodes', machine.name), 'status', 'nodeInfo', 'kernelVersion') ?? '6.8.0-94-generic',
    gpus: () => readGpus(world, model, machine),
    driverLoaded: () => machine.gpus > 0 && sinceLogin() >= afterLogin.driver,
    unit(name) {
      const unit = machine.linux.units.get(/\.[a-z]+$/.test(name) ? name : `${name}.service`);
      return unit === undefined ? null : stateOf(unit, sinceLogin() < startOf(machine, unit.name));
    },
    metric(name, labels = {}, secondsAgo = 0) {
      const node = model.node(machine.name);
      if (node === null) return 0;
      const family = nodeExporterFamilies(model, node).find((each) => each.name === name);
      const wanted = Object.entries(labels);
      const found = [...(family?.series(() => true) ?? [])].find((each) =>
        wanted.every(([key, value]) => each.labels.some(([label, told]) => label === key && told === value)),
      );
      return found?.value(now() / 1000 - secondsAgo) ?? 0;
    },
  };
}

/** Seconds from the first login that a fresh system takes until these are up. */
const afterLogin = { driver: 1.5, runtime: 2.5, kubelet: 3 };

function startOf(machine: Machine, name: string): number {
  if (name === 'nvidia-persistenced.service') return afterLogin.driver;
  if (name === runtimeUnit(machine.hardware)) return afterLogin.runtime;
  return name === 'kubelet.service' ? afterLogin.kubelet : 0;
}

function stateOf(unit: Unit, starting: boolean): UnitState {
  const { name, description, enabled, result, exitCode, restarts } = unit;
  const [active, sub] = statesOf(unit, starting);
  return { name, description, load: enabled === 'masked' ? 'masked' : 'loaded', active, sub, enabled, result, exitCode, restarts };
}

function statesOf({ name, state }: Unit, starting: boolean): readonly [UnitState['active'], string] {
  switch (state) {
    case 'running':
      if (starting) return ['activating', 'start'];
      return ['active', name.endsWith('.path') ? 'waiting' : name.endsWith('.swap') ? 'active' : 'running'];
    case 'stopped':
      return ['inactive', 'dead'];
    case 'failed':
      return ['failed', 'failed'];
    case 'restarting':
      return ['activating', 'auto-restart'];
  }
}
