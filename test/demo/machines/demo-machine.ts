import type { DemoOptions } from '../../../src/demo/cluster.js';
import { type MachineHost, machineHost } from '../../../src/demo/machines/machine-host.js';
import { createShell } from '../../../src/demo/machines/shell/shell.js';
import type { CommandResult } from '../../../src/demo/machines/smi/answer.js';
import { ClusterModel } from '../../../src/demo/monitoring/model/cluster-model.js';
import type { Scenario } from '../../../src/demo/scenario.js';
import { type SimulatedCluster, simulatedCluster, start } from '../simulated-cluster.js';

/** A machine of a demo cluster whose time passes when the test says so, without any server. */
export interface DemoMachine {
  readonly cluster: SimulatedCluster;
  readonly host: MachineHost;
  readonly model: ClusterModel;
  /** Runs a command line on it. */
  run(line: string, stdin?: string): Promise<CommandResult>;
  /** The same machine's neighbour. */
  neighbour(name: string): DemoMachine;
}

export function demoMachine(node: string, scenario: string | Scenario = 'healthy', options: Omit<DemoOptions, 'scenario'> = {}): DemoMachine {
  const cluster = simulatedCluster(scenario, options);
  const { world } = cluster;
  const model = new ClusterModel({ store: world.store, startedAt: start, faults: cluster.faults, now: world.clock.now, machineOf: world.machines.get });
  const on = (name: string): DemoMachine => {
    const machine = world.machines.get(name);
    if (machine === null) throw new Error(`there is no machine ${name}`);
    const host = machineHost(world, model, machine, 1, cluster.systems);
    const shell = createShell(host, { user: 'ops', name });
    return { cluster, host, model, run: (line, stdin = '') => shell.run(line, { stdin, env: {} }), neighbour: on };
  };
  return on(node);
}
