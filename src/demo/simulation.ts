import type { MemoryStoreOptions } from './api/memory-store.js';
import type { ObjectStore } from './api/object-store.js';
import { startChurn } from './churn.js';
import type { DemoOptions } from './cluster.js';
import { createClock, type DemoClock } from './controllers/clock.js';
import { type Listener, startEndpoints } from './controllers/endpoints.js';
import { createEventRecorder } from './controllers/event-recorder.js';
import { createMachines } from './controllers/machines.js';
import type { NodeLife } from './controllers/nodes.js';
import { createPodFaults } from './controllers/pod-faults.js';
import { createPodIndex } from './controllers/pod-index.js';
import { startControllers } from './controllers/start.js';
import type { Systems } from './controllers/systems.js';
import { createRandom, type World } from './controllers/world.js';
import type { DemoFaults } from './monitoring/world.js';
import { followMonitoring } from './monitoring-pods.js';
import type { Scenario } from './scenario.js';
import type { Happening } from './scenario-steps.js';
import { createFillerPods } from './seed/filler-pods.js';
import { hardware } from './seed/hardware.js';
import { liveThroughHistory, uptime } from './seed/history.js';
import { perform, type Stage, schedule } from './timeline.js';

/** The demo cluster without its servers: objects, controllers, a past and a timeline. */
export interface Simulation {
  readonly world: World;
  /** When a node's machine was booted, ms since the epoch. */
  bootedAt(node: string): number | null;
  /** Lives through the past up to the demo's start and begins its present. */
  live(surroundings: Surroundings): void;
  /** What can be done to machines; null before the present has begun. */
  systems(): Systems | null;
  /** Takes a machine down and lets it come up again at once; nothing for one that is not there. */
  reboot(node: string): void;
  /** Lets one step of a scenario happen now; nothing before the present has begun. */
  perform(step: Happening): void;
  /** Resolves when what the first steps began outside has happened. */
  settled(): Promise<void>;
  close(): void;
}

export interface Surroundings {
  readonly listeners: ReadonlyMap<string, Listener>;
  /** PEM */
  readonly certificateAuthority: string;
  setAccepting(accepting: boolean): Promise<void>;
  /** Has the API server forget its history of changes. */
  forgetHistory(): void;
  /** Has the API server show a certificate that ends then (ms since the epoch). */
  setCertificateEnd(endsAt: number): void;
}

export interface SimulationSetup {
  readonly scenario: Scenario;
  readonly options: DemoOptions;
  /** The demo's zero, ms since the epoch. */
  readonly start: number;
  readonly faults: DemoFaults;
  readonly createStore: (options: MemoryStoreOptions) => ObjectStore;
  /** For tests that live through the present without waiting, too. */
  readonly clock?: DemoClock;
}

/** Seconds from a pod's binding to its readiness, where the scenario says nothing else. */
const usualSeconds = 2;

export function createSimulation({
  scenario,
  options,
  start,
  faults,
  createStore,
  clock = createClock(start - uptime, options.speed ?? 1),
}: SimulationSetup): Simulation {
  const machines = hardware(Math.max(scenario.nodes, options.nodes ?? 0), scenario.machines, scenario.single);
  const store = createStore({ now: clock.now });
  const pods = createPodIndex(store);
  const world: World = {
    store,
    clock,
    pods,
    events: createEventRecorder(store, clock, start - 3_600_000, machines[0]?.name ?? ''),
    machines: createMachines(),
    faults: createPodFaults(),
    random: createRandom(20_261_102),
  };
  const workers = machines.filter(({ takesWork }) => takesWork);
  const closing = [() => clock.close(), () => pods.close()];
  let outside: Promise<void> = Promise.resolve();
  let life: NodeLife | null = null;
  let running: Systems | null = null;
  let present: Stage | null = null;

  function live({ listeners, certificateAuthority, setAccepting, setCertificateEnd, forgetHistory }: Surroundings): void {
    // What happened weeks ago is not watched step by step.
    let startSeconds = (_app: string) => 0;
    const accept = (accepting: boolean) => {
      outside = outside.then(() => setAccepting(accepting)).catch(() => {});
    };
    const { nodes, systems, stop } = startControllers(world, {
      certificateAuthority,
      startSeconds: (app) => startSeconds(app),
      setAccepting: accept,
      setCertificateEnd,
    });
    closing.push(stop);
    life = nodes;
    running = systems;
    const evicts = scenario.steps.some((step) => step.do === 'evict');
    const wanted = evicts ? 0 : (options.pods ?? 0);
    // Where more small pods are asked for than the usual 110 for each node, the kubelets are configured to take more.
    liveThroughHistory(world, clock, machines, Math.max(110, Math.ceil(wanted / workers.length) + 60), start);
    clock.liveTo(clock.now() + 60_000);
    fill(wanted);
    startSeconds = (app) => scenario.startSeconds[app] ?? usualSeconds;
    const stage = {
      world,
      nodes,
      systems,
      monitoring: faults,
      evicted: evicts ? (options.pods ?? null) : null,
      setAccepting: accept,
      forgetHistory,
    };
    schedule(
      stage,
      scenario.steps.filter((step) => step.at <= 0),
      start,
    );
    clock.liveTo(start);
    const endpoints = startEndpoints(world, listeners);
    closing.push(...endpoints, followMonitoring(world, faults));
    clock.liveTo(start);
    // The past is not for watching again; what it changed need not be kept.
    store.compact();
    clock.goLive();
    nodes.beat();
    present = stage;
    schedule(
      stage,
      scenario.steps.filter((step) => step.at > 0),
      start,
    );
    if (options.churn !== undefined && options.churn > 0) closing.push(startChurn(world, options.churn));
  }

  function fill(wanted: number): void {
    const living = store.list('pods').length;
    createFillerPods(
      world,
      wanted - living,
      workers.map(({ name }) => name),
    );
  }

  return {
    world,
    bootedAt: (node) => world.machines.get(node)?.bootedAt ?? null,
    live,
    systems: () => running,
    reboot(node) {
      const machine = world.machines.get(node);
      if (machine === null) return;
      life?.down(machine);
      life?.up(machine, {});
    },
    perform(step) {
      if (present !== null) perform(present, step);
    },
    settled: () => outside,
    close() {
      for (const end of closing) end();
    },
  };
}
