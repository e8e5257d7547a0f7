import type { Machine } from '../controllers/machines.js';
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
  /** ms since the epoch. */
  now(): number;
  kernel(): string;
  gpus(): readonly GpuReading[];
  /** Whether the NVIDIA driver has been loaded since the machine booted. */
  driverLoaded(): boolean;
  /** The state of a systemd unit, as `systemctl is-active` says it; null for one that is not installed. */
  unit(name: string): UnitState | null;
  /** Newest value of a series of the machine's node exporter; 0 where there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>, secondsAgo?: number): number;
}

export interface UnitState {
  readonly active: 'active' | 'activating' | 'inactive';
  readonly enabled: 'enabled' | 'disabled' | 'static';
  readonly kind: 'service' | 'path';
}

/** @param speed how many times faster than in life things happen. */
export function machineHost(world: World, model: ClusterModel, machine: Machine, speed: number): MachineHost {
  const now = () => world.clock.now();
  const sinceLogin = () => ((now() - machine.loginSince) / 1000) * speed;
  const host: MachineHost = {
    machine,
    hostname: machine.name,
    world,
    now,
    kernel: () => textAt(world.store.get('nodes', machine.name), 'status', 'nodeInfo', 'kernelVersion') ?? '6.8.0-94-generic',
    gpus: () => readGpus(world, model, machine),
    driverLoaded: () => machine.gpus > 0 && sinceLogin() >= afterLogin.driver,
    unit(name) {
      const id = name.replace(/\.service$/, '');
      const runtime = machine.hardware.runtime === 'cri-o' ? 'crio' : 'containerd';
      const started = (seconds: number): UnitState => ({ active: sinceLogin() >= seconds ? 'active' : 'activating', enabled: 'enabled', kind: 'service' });
      if (id === runtime) return started(afterLogin.runtime);
      if (id === 'kubelet') return { ...started(0), active: machine.downSince === null ? 'active' : 'activating' };
      if (id === 'ssh' || id === 'chrony') return started(0);
      if (machine.gpus === 0) return null;
      if (id === 'nvidia-persistenced') return started(afterLogin.driver);
      if (id === 'nvidia-cdi-refresh') return { active: 'inactive', enabled: 'static', kind: 'service' };
      return id === 'nvidia-cdi-refresh.path' ? { ...started(0), kind: 'path' } : null;
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
  return host;
}

/** Seconds from the first login that a fresh system takes until these are up; its kubelet comes when the scenario says. */
const afterLogin = { driver: 1.5, runtime: 2.5 };
