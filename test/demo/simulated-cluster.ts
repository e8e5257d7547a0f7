import { createObjectStore } from '../../src/demo/api/memory-store.js';
import type { KubeObject, ObjectStore } from '../../src/demo/api/object-store.js';
import type { DemoOptions } from '../../src/demo/cluster.js';
import { createClock } from '../../src/demo/controllers/clock.js';
import { isReady } from '../../src/demo/controllers/pod-state.js';
import type { Systems } from '../../src/demo/controllers/systems.js';
import type { World } from '../../src/demo/controllers/world.js';
import { at, listAt, textAt } from '../../src/demo/fields.js';
import type { DemoFaults } from '../../src/demo/monitoring/world.js';
import { loadScenario, type Scenario } from '../../src/demo/scenario.js';
import { uptime } from '../../src/demo/seed/history.js';
import { createSimulation } from '../../src/demo/simulation.js';

/** A demo cluster without servers whose time passes when the test says so. */
export interface SimulatedCluster {
  readonly store: ObjectStore;
  readonly world: World;
  readonly faults: DemoFaults;
  /** What the scenario asked of the API server so far. */
  readonly accepting: boolean[];
  /** Ends of the certificates that the API server was given, ms since the epoch. */
  readonly certificateEnds: number[];
  /** What can be done to the machines. */
  readonly systems: Systems;
  /** Lets so many seconds pass. */
  pass(seconds: number): void;
  node(name: string): KubeObject;
  /** Pods of a namespace whose names begin so. */
  pods(namespace: string, prefix?: string): KubeObject[];
  /** Messages of the events of that reason, each with its count. */
  events(reason: string): string[];
  /** Takes a machine down and lets it come up again at once. */
  reboot(node: string): void;
  /** Lays fields over an object's spec as a client does, with a new generation. */
  edit(resource: string, namespace: string, name: string, spec: Readonly<Record<string, unknown>>): void;
}

export const start = Date.UTC(2026, 10, 2, 14, 2, 11);

export function simulatedCluster(scenario: string | Scenario = 'healthy', options: Omit<DemoOptions, 'scenario'> = {}): SimulatedCluster {
  const clock = { ...createClock(start - uptime), goLive() {} };
  const faults: DemoFaults = { prometheusDown: false, grafanaDown: false, alertmanagerDown: false, targetsDown: new Map() };
  const accepting: boolean[] = [];
  const certificateEnds: number[] = [];
  const loaded = typeof scenario === 'string' ? loadScenario(scenario) : scenario;
  const setup = { scenario: loaded, options: { scenario: loaded.name, ...options }, start, faults, createStore: createObjectStore, clock };
  const simulation = createSimulation(setup);
  simulation.live({
    listeners: new Map([['monitoring/kps-prometheus', { host: '127.0.0.1', port: 9999 }]]),
    certificateAuthority: 'PEM',
    setAccepting: async (value) => {
      accepting.push(value);
    },
    setCertificateEnd: (endsAt) => certificateEnds.push(endsAt),
    forgetHistory: () => simulation.world.store.compact(),
  });
  const { store } = simulation.world;
  const systems = simulation.systems();
  if (systems === null) throw new Error('the simulation has not begun');
  return {
    store,
    world: simulation.world,
    faults,
    accepting,
    certificateEnds,
    systems,
    pass: (seconds) => clock.liveTo(clock.now() + seconds * 1000),
    node: (name) => existing(store.get('nodes', name), name),
    pods: (namespace, prefix = '') => store.list('pods', namespace).filter((pod) => pod.metadata.name.startsWith(prefix)),
    events: (reason) => store.list('events').flatMap((event) => (event['reason'] === reason ? (textAt(event, 'message') ?? []) : [])),
    reboot(node) {
      simulation.reboot(node);
    },
    edit(resource, namespace, name, spec) {
      const object = existing(store.get(resource, name, namespace), name);
      const metadata = { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 };
      store.update(resource, { ...object, metadata, spec: { ...fields(object['spec']), ...spec } });
    },
  };
}

/** Names of the pods that are neither ready nor done. */
export function unreadyPods(cluster: SimulatedCluster): string[] {
  return cluster.store
    .list('pods')
    .filter((pod) => !isReady(pod) && textAt(pod, 'status', 'phase') !== 'Succeeded')
    .map((pod) => pod.metadata.name);
}

export function condition(object: KubeObject, type: string): { status: string | null; reason: string | null; message: string | null } {
  const found = listAt(object, 'status', 'conditions').find((each) => textAt(each, 'type') === type);
  return { status: textAt(found, 'status'), reason: textAt(found, 'reason'), message: textAt(found, 'message') };
}

/** GPUs of a node as `allocatable of capacity`. */
export function gpus(node: KubeObject): string {
  return `${String(at(node, 'status', 'allocatable', 'nvidia.com/gpu'))} of ${String(at(node, 'status', 'capacity', 'nvidia.com/gpu'))}`;
}

function existing(object: KubeObject | null, name: string): KubeObject {
  if (object === null) throw new Error(`${name} is not there`);
  return object;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
