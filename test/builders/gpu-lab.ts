import { live } from '../../src/state/freshness.js';
import type { GpuDevice, MachineGpus } from '../../src/state/gpu-devices.js';
import type { GpuCounts } from '../../src/state/gpus.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aHost, fellOffTheBus, hostsOf, known, someFacts } from './host.js';
import { labNodes, ledgerOf } from './lab.js';
import { aGpu, aLostGpu, aMachine, aMigGpu, anA16, anH100, anIdleGpu } from './machine-gpus.js';
import { aNode, aPod, aSnapshot, collection, now } from './snapshot.js';

const distilbert = 'ai/distilbert-inference-6c9d7b5f4-qq7rz';

/** One node with one A16, as it stood `ago` ms before the builders' moment. */
export function oneA16(ago = 0): ClusterSnapshot {
  const nodes = [aNode({ name: 'controlplane', gpus: 1 })];
  const pods = [aPod({ nodeName: 'controlplane', gpus: 1 })];
  const load = Math.round(60 + 30 * Math.sin(ago / 60_000));
  const gpu = anA16({ load, temperatureC: 61, power: { drawW: 20 + load * 0.4, limitW: 62.5 } });
  return snapshotOf(nodes, pods, [aMachine('controlplane', [gpu], { at: now - ago - 3000 })]);
}

/** Eight A100, four of them cut into slices of which thirteen are used, one that gets too hot and one that its pod leaves idle. */
export function eightHalfInMig(): ClusterSnapshot {
  const labels = new Map([
    ['nvidia.com/mig.strategy', 'mixed'],
    ['nvidia.com/gpu.product', 'NVIDIA-A100-SXM4-80GB'],
  ]);
  const nodes = [aNode({ name: 'gpu-1', gpus: 4, labels })];
  const pods = [
    aPod({ gpus: 2 }),
    aPod({ name: 'distilbert-inference-6c9d7b5f4-qq7rz', app: 'distilbert-inference', gpus: 1 }),
    aPod({ name: 'notebook-idle', gpus: 1 }),
  ];
  const whole: GpuCounts = { capacity: 4, allocatable: 4, requested: 4, free: 0 };
  const slices: GpuCounts = { capacity: 28, allocatable: 28, requested: 13, free: 15 };
  const total: GpuCounts = { capacity: 32, allocatable: 32, requested: 17, free: 15 };
  const resources = [
    { resource: 'nvidia.com/gpu', ...whole },
    { resource: 'nvidia.com/mig-1g.10gb', ...slices },
  ];
  const node = { node: 'gpu-1', resources, total, expected: 32, product: 'NVIDIA-A100-SXM4-80GB' };
  const devices = [
    aGpu(),
    aGpu({ index: 1, load: 97, ecc: { mode: 'on', correctable: 12, uncorrectable: 0 } }),
    aGpu({ index: 2, load: 71, pod: distilbert, temperatureC: 86, throttleReasons: ['hw_thermal_slowdown'] }),
    anIdleGpu({ index: 3 }),
    aMigGpu(4, 7),
    aMigGpu(5, 4),
    aMigGpu(6, 0),
    aMigGpu(7, 2),
  ];
  return { ...snapshotOf(nodes, pods, [aMachine('gpu-1', devices)]), gpus: live({ nodes: new Map([['gpu-1', node]]), total, pending: 0 }, now) };
}

/** The lab with one GPU of gpu-1 off the bus and gpu-2 out of reach. */
export function oneLost(): ClusterSnapshot {
  const pods = [aPod({ gpus: 4 }), aPod({ name: 'distilbert-inference-6c9d7b5f4-qq7rz', app: 'distilbert-inference', gpus: 2 })];
  const whole = [0, 1, 2].map((index) => aGpu({ index }));
  const rest = [aLostGpu(3), aGpu({ index: 4, pod: distilbert, load: 71 }), ...[5, 6, 7].map((index) => anIdleGpu({ index }))];
  const lost = {
    name: 'gpu-2',
    node: 'gpu-2',
    road: 'ssh ops@10.0.0.12:22',
    contact: {
      status: 'lost',
      since: now - 240_000,
      why: 'connect to 10.0.0.12 port 22: connection refused',
      fix: 'start sshd on gpu-2',
      nextTryAt: now + 5000,
    },
    facts: null,
  } as const;
  return {
    ...snapshotOf(labNodes(), pods, [
      aMachine('controlplane', [anIdleGpu({ ...anA16({ pod: null, load: 0, usedMiB: 2 }), temperatureC: 40 })]),
      aMachine('gpu-1', [...whole, ...rest]),
    ]),
    hosts: hostsOf(aHost({ facts: someFacts({ xids: known([fellOffTheBus]) }) }), lost),
  };
}

/** Fifty nodes of eight H100 each; `changed` gives one GPU of the last another load. */
export function fiftyNodes(changed = 0): ClusterSnapshot {
  const names = Array.from({ length: 50 }, (_, index) => `gpu-${index + 1}`);
  const nodes = names.map((name) => aNode({ name, gpus: 8 }));
  const pods = names.map((name, index) => aPod({ name: `train-${index}`, app: `train-${index % 7}`, nodeName: name, gpus: 8 }));
  const machines = names.map((name, at) =>
    aMachine(
      name,
      Array.from({ length: 8 }, (_, index): GpuDevice => {
        const pod = `ai/train-${at}`;
        return at === 4 && index === 2 ? aLostGpu(2) : anH100({ index, uuid: `GPU-${at}-${index}`, pod, load: at === 49 ? 50 + changed : 97 });
      }),
      { at: now - 3000 + changed },
    ),
  );
  return snapshotOf(nodes, pods, machines);
}

function snapshotOf(nodes: Parameters<typeof ledgerOf>[0], pods: Parameters<typeof ledgerOf>[1], machines: readonly MachineGpus[]): ClusterSnapshot {
  return aSnapshot({
    at: now,
    nodes: collection(...nodes),
    pods: collection(...pods),
    gpus: live(ledgerOf(nodes, pods), now),
    machineGpus: live(new Map(machines.map((one) => [one.node, one])), now),
  });
}
