import type { Systems } from '../controllers/systems.js';
import type { World } from '../controllers/world.js';
import type { ClusterModel } from '../monitoring/model/cluster-model.js';
import { machineHost } from './machine-host.js';
import { createShell } from './shell/shell.js';
import type { DemoSsh } from './ssh/ssh-access.js';
import { sshUser, startSshFleet } from './ssh/ssh-fleet.js';

export interface DemoMachines {
  readonly ssh: DemoSsh;
  close(): Promise<void>;
}

export interface MachinesOptions {
  readonly world: World;
  readonly model: ClusterModel;
  readonly systems: Systems | null;
  /** How many of the last machines take connections and never answer. */
  readonly hung: number;
  /** How many times faster than in life things happen. */
  readonly speed: number;
}

/** Lets people log in to the cluster's machines: each gets an SSH server on 127.0.0.1 that follows the machine through reboots. */
export async function startMachines({ world, model, systems, hung, speed }: MachinesOptions): Promise<DemoMachines> {
  const machines = world.machines.all();
  const fleet = await startSshFleet(
    machines.map((machine, place) => ({
      name: machine.name,
      shell: createShell(machineHost(world, model, machine, speed, systems), { user: sshUser, name: machine.name }),
      hangs: place >= machines.length - hung,
    })),
  );
  const follow = (): void => {
    for (const machine of machines) fleet.setOpen(machine.name, !machine.off);
  };
  world.machines.subscribe(follow);
  follow();
  return { ssh: fleet.ssh, close: () => fleet.close() };
}
