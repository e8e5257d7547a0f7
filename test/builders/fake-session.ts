import type { LogLine, Session, SettingField } from '../../src/session.js';
import type { EndedPodInventory } from '../../src/state/ended-pods.js';
import type { Experiments } from '../../src/state/experiments.js';
import type { LatencyHistory } from '../../src/state/latency.js';
import type { OperationRef, OperationRun, Plan } from '../../src/state/operations.js';
import type { ScaleOutlook, ScaleTarget } from '../../src/state/scaling.js';
import type { SetupDesk } from '../../src/state/setup.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { standInSetup } from './stand-in-setup.js';

/** A session without a cluster: shows what it is told to, and remembers what it was asked for. */
export interface FakeSession extends Session {
  /** Publishes a snapshot, as the store would. */
  show(snapshot: ClusterSnapshot): void;
  /** What was asked for, in order: `context prod`, `demo healthy`, `refresh`, `yaml node/gpu-1`, `answer ID TEXT`, `set PATH VALUE`,
   * `plan ID`, `start ID TYPED`, `cancel RUN`, `outlook NAMES`, `log POD CONTAINER`, `history SERVICE MS`, `close`. */
  readonly asked: readonly string[];
  /** The screens that were looked at, in order. */
  readonly looked: readonly string[];
}

export function aSession(
  snapshot: ClusterSnapshot,
  options: {
    readonly readOnly?: boolean;
    readonly contexts?: readonly string[];
    readonly yaml?: (object: string) => Promise<string>;
    readonly nvidiaSmi?: (node: string) => readonly string[] | null;
    readonly settings?: readonly SettingField[];
    /** What `plan` resolves to; by default it rejects. */
    readonly plan?: (ref: OperationRef) => Promise<Plan>;
    readonly start?: (plan: Plan) => Promise<string>;
    readonly finished?: (id: string) => Promise<OperationRun>;
    readonly history?: (service: string, rangeMs: number) => Promise<LatencyHistory>;
    readonly outlook?: (targets: readonly ScaleTarget[]) => Promise<ScaleOutlook>;
    readonly podLog?: (pod: string, container: string, previous: boolean) => Promise<readonly LogLine[]>;
    readonly experiments?: Partial<Experiments>;
    readonly setup?: Partial<SetupDesk>;
    readonly endedPods?: () => Promise<EndedPodInventory>;
    readonly refuse?: (path: string, value: string) => string | null;
  } = {},
): FakeSession {
  const {
    readOnly = false,
    contexts = ['lab', 'prod-cluster', 'staging'],
    yaml = async (object: string) => `kind: Node\nmetadata:\n  name: ${object}\n`,
    nvidiaSmi = () => null,
    refuse = () => null,
    plan = () => Promise.reject(new Error('no such operation')),
    start = async () => 'run-1',
    finished = () => Promise.reject(new Error('no such run')),
    endedPods = () => Promise.reject(new Error('nobody looked at ended pods')),
    history = () => Promise.reject(new Error('no such service')),
    outlook = () => Promise.reject(new Error('no such workload')),
    podLog = () => Promise.reject(new Error('no such pod')),
  } = options;
  let fields = options.settings ?? [];
  const listeners = new Set<() => void>();
  const asked: string[] = [];
  const looked: string[] = [];
  let current = snapshot;
  return {
    readOnly,
    asked,
    looked,
    snapshot: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show(next) {
      current = next;
      for (const listener of [...listeners]) listener();
    },
    contexts: () => contexts.map((name, index) => ({ name, server: `https://10.0.${index}.10:6443`, namespace: null, current: index === 0 })),
    switchContext: (name) => asked.push(`context ${name}`),
    openDemo: (scenario) => asked.push(`demo ${scenario}`),
    demoScenarios: () => [
      { name: 'healthy', summary: 'all is well' },
      { name: 'rebooting', summary: 'a node comes back step by step' },
      { name: 'gpu-lost', summary: 'a device plugin that registers no GPUs' },
    ],
    refresh: () => asked.push('refresh'),
    async yaml(object) {
      asked.push(`yaml ${object}`);
      return yaml(object);
    },
    nvidiaSmiPage: nvidiaSmi,
    answer: (id, text) => asked.push(`answer ${id} ${text ?? 'declined'}`),
    settings: () => ({ context: 'lab', file: '~/.config/gpuk8s-tui/config.json', fields }),
    async changeSetting(path, value) {
      const why = refuse(path, value);
      if (why !== null) return why;
      asked.push(`set ${path} ${value}`);
      fields = fields.map((field) => (field.path === path ? { ...field, value } : field));
      return null;
    },
    async scaleOutlook(targets) {
      asked.push(`outlook ${targets.map(({ name }) => name).join(' ')}`);
      return outlook(targets);
    },
    async podLog(pod, container, previous) {
      asked.push(`log ${pod} ${container}${previous ? ' before' : ''}`);
      return podLog(pod, container, previous);
    },
    async plan(ref) {
      asked.push(`plan ${ref.id}`);
      return plan(ref);
    },
    async start(planned, typed) {
      asked.push(`start ${planned.ref.id} ${typed ?? ''}`.trimEnd());
      return start(planned);
    },
    cancelRun: (id) => asked.push(`cancel ${id}`),
    finished,
    async latencyHistory(service, rangeMs) {
      asked.push(`history ${service} ${rangeMs}`);
      return history(service, rangeMs);
    },
    async endedPods() {
      asked.push('ended pods');
      return endedPods();
    },
    experiments: {
      plan: () => Promise.reject(new Error('no such experiment')),
      start: async ({ spec }) => {
        asked.push(`experiment ${spec.name}`);
        return spec.name;
      },
      seen: async () => [],
      async stop(name) {
        asked.push(`stop experiment ${name}`);
      },
      ...options.experiments,
    },
    setup: { ...standInSetup('nobody scripted guided setup here'), ...options.setup },
    lookAt: (screen) => looked.push(screen),
    async close() {
      asked.push('close');
    },
  };
}
