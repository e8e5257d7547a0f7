import type { Happening } from '../../src/demo/scenario-steps.js';
import type { FaultyProxy, Road } from './faulty-proxy.js';
import { hostileText } from './hostile-text.js';
import type { Lab } from './lab.js';

/** What goes wrong around the program under test. */
export interface Weather {
  /** Some faults begin, others end; called about once a second. */
  turn(): void;
  /** All faults end. */
  calm(): Promise<void>;
  /** How often each fault has happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** What is wrong right now. */
  now(): readonly string[];
}

interface Fault {
  readonly name: string;
  /** Of those that touch the same thing one happens at a time. */
  readonly touches: string;
  /** Seconds, from and to. */
  readonly lasts: readonly [number, number];
  begin(): void;
  end(): void;
}

export interface WeatherOptions {
  readonly lab: Lab;
  readonly random: () => number;
  /** Below 1 faults are shorter and come more often. */
  readonly pace: number;
  jumpClock(ms: number): void;
}

export function createWeather({ lab, random, pace, jumpClock }: WeatherOptions): Weather {
  const faults = faultsOf(lab, random, jumpClock);
  const counts = new Map<string, number>();
  const going = new Map<string, { readonly fault: Fault; readonly endsAt: number }>();
  const between = ([from, to]: Fault['lasts']) => (from + random() * (to - from)) * pace * 1000;
  const end = (fault: Fault) => {
    going.delete(fault.touches);
    fault.end();
  };
  return {
    counts,
    now: () => [...going.values()].map(({ fault }) => fault.name),
    turn() {
      for (const { fault, endsAt } of [...going.values()]) if (performance.now() >= endsAt) end(fault);
      if (random() > 0.12 / pace) return;
      const fault = faults[Math.floor(random() * faults.length)];
      if (fault === undefined || going.has(fault.touches)) return;
      going.set(fault.touches, { fault, endsAt: performance.now() + between(fault.lasts) });
      counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1);
      fault.begin();
    },
    async calm() {
      for (const { fault } of [...going.values()]) end(fault);
      lab.hostile = false;
      jumpClock(0);
      for (const proxy of [lab.api, lab.prometheus, ...lab.ssh.values()]) await proxy.set('open');
    },
  };
}

function faultsOf(lab: Lab, random: () => number, jumpClock: (ms: number) => void): readonly Fault[] {
  const { cluster, api, prometheus } = lab;
  const nodes = [...lab.ssh.keys()];
  const happen = (...steps: readonly Happening[]) => {
    for (const step of steps) cluster.perform(step);
  };
  const once = { lasts: [3, 6], end: () => undefined } as const;
  const minutes = () => (random() < 0.5 ? -1 : 1) * (1 + random() * 180) * 60_000;
  const monitoring = (down: boolean, targetsDown: Record<string, string>) => happen({ do: 'monitoring', prometheusDown: down, grafanaDown: down, targetsDown });
  const broken = {
    namespace: 'ai',
    app: 'distilbert-inference',
    node: null,
    exitCode: 139,
    message: hostileText,
    log: [hostileText, 'CUDA error: out of memory'],
  } as const;
  return [
    ...roads('API server', api),
    ...roads('Prometheus', prometheus),
    ...[...lab.ssh].flatMap(([name, proxy]) => roads(`SSH ${name}`, proxy)),
    {
      name: 'history forgotten',
      touches: 'api',
      ...once,
      begin() {
        happen({ do: 'forget' });
        api.drop();
      },
    },
    ...nodes.map(
      (node): Fault => ({
        name: `reboot of ${node}`,
        touches: `machine ${node}`,
        lasts: [25, 40],
        begin: () => happen({ do: 'reboot', node }),
        end: () => undefined,
      }),
    ),
    ...nodes.slice(1).map(
      (node): Fault => ({
        name: `${node} lost`,
        touches: `machine ${node}`,
        lasts: [20, 80],
        begin: () => happen({ do: 'node-down', node }),
        end: () => happen({ do: 'node-up', node, kernel: null }),
      }),
    ),
    ...nodes.slice(1).map(
      (node): Fault => ({
        name: 'Xid',
        touches: `xid ${node}`,
        lasts: [60, 90],
        begin: () => happen({ do: 'xid', node, gpu: 1, code: 31, text: hostileText }),
        end: () => happen({ do: 'reboot', node }),
      }),
    ),
    { name: 'Prometheus down', touches: 'monitoring', lasts: [5, 30], begin: () => monitoring(true, {}), end: () => monitoring(false, {}) },
    {
      name: 'targets down',
      touches: 'monitoring',
      lasts: [10, 40],
      begin: () =>
        monitoring(false, { 'node-exporter/gpu-1:9100': hostileText, 'dcgm-exporter/gpu-2:9400': `Get "http://gpu-2:9400/metrics": ${hostileText}` }),
      end: () => monitoring(false, {}),
    },
    ...(['crash', 'unready'] as const).map(
      (state): Fault => ({
        name: `pods ${state}`,
        touches: 'pods',
        lasts: [20, 60],
        begin: () => happen({ do: 'break', ...broken, state, until: 'mended' }),
        end: () => happen({ do: 'mend', namespace: 'ai', app: 'distilbert-inference' }),
      }),
    ),
    {
      name: 'cordon',
      touches: 'cordon',
      lasts: [10, 60],
      begin: () => happen({ do: 'patch', resource: 'nodes', namespace: null, name: 'gpu-2', merge: { spec: { unschedulable: true } } }),
      end: () => happen({ do: 'patch', resource: 'nodes', namespace: null, name: 'gpu-2', merge: { spec: { unschedulable: null } } }),
    },
    {
      name: 'disk pressure',
      touches: 'pressure',
      lasts: [10, 30],
      begin: () => happen({ do: 'pressure', node: 'gpu-1', type: 'DiskPressure', on: true }),
      end: () => happen({ do: 'pressure', node: 'gpu-1', type: 'DiskPressure', on: false }),
    },
    {
      name: 'evicted pods',
      touches: 'evicted',
      ...once,
      begin: () => happen({ do: 'evict', node: 'gpu-1', count: 40, days: 3, owners: [{ namespace: 'monitoring', deployment: 'kps-grafana', share: 1 }] }),
    },
    {
      name: 'file of somebody else',
      touches: 'owner',
      lasts: [15, 40],
      begin: () => happen({ do: 'owner', node: 'controlplane', path: '/home/ops/.kube/config', owner: hostileText, mode: '600' }),
      end: () => happen({ do: 'owner', node: 'controlplane', path: '/home/ops/.kube/config', owner: 'ops', mode: '600' }),
    },
    ...[1, 2].map((): Fault => ({ name: 'clock jump', touches: 'clock', lasts: [5, 40], begin: () => jumpClock(minutes()), end: () => jumpClock(0) })),
  ];
}

/** What can happen on the way to one server. */
function roads(name: string, proxy: FaultyProxy): readonly Fault[] {
  const touches = name === 'API server' ? 'api' : name;
  const fault = (what: string, road: Road, lasts: Fault['lasts']): Fault => ({
    name: `${name} ${what}`,
    touches,
    lasts,
    begin: () => void proxy.set(road),
    end: () => void proxy.set('open'),
  });
  return [
    fault('restarted', 'refusing', [2, 20]),
    fault('slow', 'slow', [5, 30]),
    fault('half-open', 'silent', [5, 30]),
    { name: `${name} dropped`, touches, lasts: [1, 2], begin: () => proxy.drop(), end: () => undefined },
  ];
}
