import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../api/object-store.js';
import { at, isFields, listAt, textAt } from '../fields.js';
import { type Kubelets, markUnready } from './kubelet.js';
import { bootLinux } from './linux.js';
import { hasMismatch, type Machine, offeredDevices, source, type Xid } from './machines.js';
import { conditionStatus, microStamp, specOf, stamp, statusOf, withCondition, writeMetadata, writeSpec, writeStatus } from './objects.js';
import { isReady } from './pod-state.js';
import { runtimeUnit } from './units.js';
import type { World } from './world.js';

export interface NodeLife {
  /** The machine loses power: the lease is not renewed any more, and after the grace period the node is Unknown. */
  down(machine: Machine): void;
  /** Only its kubelet stops; containers go on running. */
  silence(machine: Machine): void;
  /** A kubelet that was stopped reports again. */
  resume(machine: Machine): void;
  /** The kubelet looks again at what it needs: container runtime, network configuration. */
  readiness(machine: Machine): void;
  /** The machine's system starts with a new boot id, so many ms ago, and lets people log in; its kubelet is still to come. */
  boot(machine: Machine, agoMs: number): void;
  /** The kernel reports an error of a GPU; one that fell off the bus is no longer offered. */
  lose(machine: Machine, xid: Xid): void;
  /** The machine's kubelet comes up, with a new boot id where nobody booted it before; it reports and starts the pods again. */
  up(machine: Machine, changes: { readonly kernelVersion?: string }): void;
  /** Sets a pressure condition with its taint, as the eviction manager does. */
  pressure(machine: Machine, type: 'DiskPressure' | 'MemoryPressure' | 'PIDPressure', on: boolean): void;
  /** Begins to renew leases, every 10 s. */
  beat(): void;
}

/** The life of nodes: heartbeats and leases, the node lifecycle controller, pod network and GPU registration. */
export function startNodes(world: World, kubelets: Kubelets): NodeLife & { stops: (() => void)[] } {
  let beats = 0;

  function beat(): void {
    for (const machine of world.machines.all()) {
      renewLease(world, machine);
      if (beats % statusEvery === 0 && machine.downSince === null) touch(machine);
    }
    if (beats % expireEvery === 0) world.events.expire();
    beats += 1;
    world.clock.after(renewMs, beat);
  }

  /** The kubelet reports an unchanged status every five minutes. */
  function touch(machine: Machine): void {
    const node = world.store.get('nodes', machine.name);
    if (node === null) return;
    const conditions = listAt(node, 'status', 'conditions').map((condition) =>
      textAt(condition, 'type') !== 'NetworkUnavailable' && isFields(condition) ? { ...condition, lastHeartbeatTime: stamp(world.clock.now()) } : condition,
    );
    writeStatus(world.store, 'nodes', node, { ...statusOf(node), conditions });
  }

  function markUnknown(machine: Machine, since: number): void {
    const node = world.store.get('nodes', machine.name);
    if (node === null || machine.downSince !== since) return;
    for (const type of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
      setCondition(machine.name, { type, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }, false);
    }
    taint(machine.name, 'node.kubernetes.io/unreachable', true, ['NoSchedule', 'NoExecute']);
    world.events.record(node, 'Normal', 'NodeNotReady', `Node ${machine.name} status is now: NodeNotReady`, { component: 'node-controller' });
    markUnready(world, machine.name);
  }

  function setCondition(name: string, condition: { type: string; status: string; reason: string; message: string }, posted = true): void {
    const node = world.store.get('nodes', name);
    if (node === null) return;
    const beat = listAt(node, 'status', 'conditions').find((each) => textAt(each, 'type') === condition.type);
    const heartbeat = posted ? stamp(world.clock.now()) : (textAt(beat, 'lastHeartbeatTime') ?? stamp(world.clock.now()));
    const conditions = withCondition(node, { ...condition, lastHeartbeatTime: heartbeat }, world.clock.now());
    writeStatus(world.store, 'nodes', node, { ...statusOf(node), conditions });
  }

  function taint(name: string, key: string, on: boolean, effects: readonly string[]): void {
    const node = world.store.get('nodes', name);
    if (node === null) return;
    const others = listAt(node, 'spec', 'taints').filter((each) => textAt(each, 'key') !== key);
    const added = on ? effects.map((effect) => ({ key, effect, ...(effect === 'NoExecute' ? { timeAdded: stamp(world.clock.now()) } : {}) })) : [];
    if (!on && others.length === listAt(node, 'spec', 'taints').length) return;
    const taints = [...others, ...added];
    const { taints: _, ...spec } = specOf(node);
    world.store.update('nodes', { ...node, spec: taints.length > 0 ? { ...spec, taints } : spec });
  }

  /** @param why what keeps the node from being ready; null where nothing does. */
  function report(machine: Machine, why: string | null): void {
    const ready = why === null;
    const condition = ready
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: why };
    setCondition(machine.name, condition);
    taint(machine.name, 'node.kubernetes.io/unreachable', false, []);
    taint(machine.name, 'node.kubernetes.io/not-ready', !ready, ['NoSchedule', 'NoExecute']);
    const node = world.store.get('nodes', machine.name);
    if (node !== null && ready) world.events.record(node, 'Normal', 'NodeReady', `Node ${machine.name} status is now: NodeReady`, source(machine));
    if (node !== null && !ready) world.events.record(node, 'Normal', 'NodeNotReady', `Node ${machine.name} status is now: NodeNotReady`, source(machine));
  }

  /** calico-node and the device plugin are the node's own organs: what they report changes the node. */
  function organs(pod: KubeObject, gone: boolean): void {
    const machine = world.machines.get(textAt(pod, 'spec', 'nodeName') ?? '');
    const labels = pod.metadata.labels ?? {};
    if (machine === null || machine.downSince !== null) return;
    if (labels['k8s-app'] === 'calico-node') {
      // Its init container writes the configuration; what is there stays when the pod goes.
      if (!gone && isReady(pod) && !machine.linux.cni) {
        machine.linux.cni = true;
        readiness(machine);
      }
      setNetwork(machine, !gone && isReady(pod));
    }
    if (labels['app.kubernetes.io/name'] === 'nvidia-device-plugin') setGpus(machine, !gone && isReady(pod));
  }

  function setNetwork(machine: Machine, up: boolean): void {
    if (machine.network === up) return;
    machine.network = up;
    const condition = up
      ? { status: 'False', reason: 'CalicoIsUp', message: 'Calico is running on this node' }
      : { status: 'True', reason: 'CalicoIsDown', message: 'Calico is shutting down on this node' };
    setCondition(machine.name, { type: 'NetworkUnavailable', ...condition });
    taint(machine.name, 'node.kubernetes.io/network-unavailable', !up, ['NoSchedule']);
    if (up) kubelets.wake(machine);
  }

  /** What the device manager tells of the devices: a plugin that went away leaves their number in the capacity, but none to be had. */
  function setGpus(machine: Machine, served: boolean): void {
    if (machine.gpus === 0) return;
    if (served) describeDriver(machine);
    if (served) machine.knownGpus = [...offeredDevices(machine).values()].reduce((sum, { known }) => sum + known, 0);
    writeGpus(machine, served);
    kubelets.wake(machine);
  }

  function writeGpus(machine: Machine, served: boolean): void {
    const node = world.store.get('nodes', machine.name);
    if (node === null) return;
    const offered = [...offeredDevices(machine)];
    const amounts = (kind: string, count: (devices: { readonly known: number; readonly healthy: number }) => number) => {
      const before = at(node, 'status', kind);
      return { ...(isFields(before) ? before : {}), ...Object.fromEntries(offered.map(([resource, devices]) => [resource, String(count(devices))])) };
    };
    writeStatus(world.store, 'nodes', node, {
      ...statusOf(node),
      capacity: amounts('capacity', ({ known }) => (machine.knownGpus > 0 ? known : 0)),
      allocatable: amounts('allocatable', ({ healthy }) => (served ? healthy : 0)),
    });
  }

  /** GPU feature discovery writes the driver that it finds into the node's labels. */
  function describeDriver(machine: Machine): void {
    const node = world.store.get('nodes', machine.name);
    const { module } = machine.driver;
    if (node === null || node.metadata.labels?.[`${driverLabel}.full`] === undefined || node.metadata.labels[`${driverLabel}.full`] === module) return;
    const [major = '', minor = '', revision = ''] = module.split('.');
    const told = { full: module, major, minor, revision };
    const labels = { ...node.metadata.labels, ...Object.fromEntries(Object.entries(told).map(([part, text]) => [`${driverLabel}.${part}`, text])) };
    writeMetadata(world.store, 'nodes', node, { labels });
  }

  function readiness(machine: Machine): void {
    const node = world.store.get('nodes', machine.name);
    if (node === null || machine.downSince !== null) return;
    const why = unreadyBecause(machine);
    const told = listAt(node, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
    if ((textAt(told, 'status') === 'True') === (why === null) && (why === null || textAt(told, 'message') === why)) return;
    report(machine, why);
    kubelets.wake(machine);
  }

  function start(machine: Machine, ago: number): void {
    machine.off = false;
    machine.bootId = randomUUID();
    machine.bootedAt = world.clock.now() - ago;
    bootLinux(machine.linux, machine.driver.library, world.clock.now());
    world.faults.rebooted(machine.name);
    // A new kernel loads the module that is installed.
    if (hasMismatch(machine)) machine.driver = { module: machine.driver.library, library: machine.driver.library, since: machine.bootedAt };
    machine.xids = [];
    machine.loginSince = world.clock.now();
    world.machines.changed();
  }

  const stop = world.store.subscribe('pods', ({ type, object, previous }) => {
    const labels = object.metadata.labels;
    if (labels === undefined || (labels['k8s-app'] !== 'calico-node' && labels['app.kubernetes.io/name'] !== 'nvidia-device-plugin')) return;
    const was = previous !== null && isReady(previous);
    const is = type !== 'DELETED' && isReady(object);
    if (was !== is) organs(object, type === 'DELETED');
  });

  return {
    stops: [stop],
    beat,
    boot(machine, agoMs) {
      start(machine, agoMs);
    },
    readiness,
    silence(machine) {
      const since = world.clock.now();
      machine.downSince = since;
      renewLease(world, machine);
      world.clock.after(graceMs, () => markUnknown(machine, since));
    },
    resume(machine) {
      machine.downSince = null;
      const node = world.store.get('nodes', machine.name);
      if (node === null) return;
      renewLease(world, machine);
      world.events.record(node, 'Normal', 'Starting', 'Starting kubelet.', source(machine));
      for (const { type, reason, message } of unknownPressures(node)) setCondition(machine.name, { type, status: 'False', reason, message });
      report(machine, unreadyBecause(machine));
      kubelets.resume(machine);
    },
    lose(machine, xid) {
      machine.xids = [...machine.xids, xid];
      if (xid.code !== 79) return;
      const [plugin] = world.pods.onNode(machine.name).filter((pod) => pod.metadata.labels?.['app.kubernetes.io/name'] === 'nvidia-device-plugin');
      writeGpus(machine, plugin !== undefined && isReady(plugin));
    },
    down(machine) {
      const since = world.clock.now();
      machine.off = true;
      machine.downSince = since;
      world.machines.changed();
      renewLease(world, machine);
      world.clock.after(graceMs, () => markUnknown(machine, since));
    },
    up(machine, changes) {
      // Without a boot of its own the system came up in the same moment.
      if (machine.off || machine.downSince === null) start(machine, 0);
      machine.downSince = null;
      machine.network = false;
      machine.knownGpus = 0;
      const node = world.store.get('nodes', machine.name);
      if (node === null) return;
      const info = at(node, 'status', 'nodeInfo');
      const nodeInfo = { ...(isFields(info) ? info : {}), bootID: machine.bootId, ...changes };
      writeStatus(world.store, 'nodes', node, { ...statusOf(node), nodeInfo });
      if (machine.gpus > 0) writeGpus(machine, false);
      renewLease(world, machine);
      const say = (type: 'Normal' | 'Warning', reason: string, message: string) => world.events.record(node, type, reason, message, source(machine));
      say('Normal', 'Starting', 'Starting kubelet.');
      say('Warning', 'Rebooted', `Node ${machine.name} has been rebooted, boot id: ${machine.bootId}`);
      say('Normal', 'NodeHasSufficientMemory', `Node ${machine.name} status is now: NodeHasSufficientMemory`);
      say('Normal', 'NodeHasNoDiskPressure', `Node ${machine.name} status is now: NodeHasNoDiskPressure`);
      say('Normal', 'NodeHasSufficientPID', `Node ${machine.name} status is now: NodeHasSufficientPID`);
      say('Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
      setCondition(machine.name, { type: 'NetworkUnavailable', status: 'True', reason: 'CalicoIsDown', message: 'Calico is shutting down on this node' });
      taint(machine.name, 'node.kubernetes.io/network-unavailable', true, ['NoSchedule']);
      for (const { type, reason, message } of pressures) setCondition(machine.name, { type, status: 'False', reason, message });
      report(machine, starting);
      world.clock.after(runtimeMs, () => {
        if (machine.downSince !== null) return;
        report(machine, unreadyBecause(machine));
        kubelets.restartPods(machine);
      });
    },
    pressure(machine, type, on) {
      const words = pressures.find((each) => each.type === type);
      if (words === undefined) return;
      const condition = on
        ? { status: 'True', reason: words.badReason, message: words.badMessage }
        : { status: 'False', reason: words.reason, message: words.message };
      setCondition(machine.name, { type, ...condition });
      taint(machine.name, words.taint, on, ['NoSchedule']);
      const node = world.store.get('nodes', machine.name);
      const reason = on ? words.badEvent : words.event;
      if (node !== null) world.events.record(node, 'Normal', reason, `Node ${machine.name} status is now: ${reason}`, source(machine));
    },
  };
}

const renewMs = 10_000;
/** In beats: every 5 minutes. */
const statusEvery = 30;
const expireEvery = 6;
/** node-monitor-grace-period since 1.32. */
const graceMs = 50_000;
/** From the kubelet's first status to the container runtime's network. */
const runtimeMs = 3_000;

const noNetwork =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
/** A kubelet that has just come up has not heard of its runtime yet. */
const starting = `[container runtime status check may not have completed yet, ${noNetwork}]`;
const driverLabel = 'nvidia.com/cuda.driver-version';

/** Why a kubelet says that its node is not ready; null where it is. */
export function unreadyBecause({ hardware, linux }: Machine): string | null {
  if (linux.units.get(runtimeUnit(hardware))?.state !== 'running') return 'container runtime is down';
  return linux.cni ? null : noNetwork;
}

/** The pressures that nobody has told of since the node was Unknown. */
function unknownPressures(node: KubeObject): (typeof pressures)[number][] {
  return pressures.filter(({ type }) => conditionStatus(node, type) === 'Unknown');
}

/** Renews a machine's lease in kube-node-lease; a machine that is down leaves it as it was. */
export function renewLease(world: World, machine: Machine): void {
  const lease = world.store.get('leases.coordination.k8s.io', machine.name, 'kube-node-lease');
  if (lease === null) return;
  const renewTime = microStamp(Math.min(world.clock.now(), machine.downSince ?? Number.POSITIVE_INFINITY));
  writeSpec(world.store, 'leases.coordination.k8s.io', lease, { renewTime });
}

const pressures = [
  {
    type: 'MemoryPressure',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
    badReason: 'KubeletHasInsufficientMemory',
    badMessage: 'kubelet has insufficient memory available',
    event: 'NodeHasSufficientMemory',
    badEvent: 'NodeHasInsufficientMemory',
    taint: 'node.kubernetes.io/memory-pressure',
  },
  {
    type: 'DiskPressure',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
    badReason: 'KubeletHasDiskPressure',
    badMessage: 'kubelet has disk pressure',
    event: 'NodeHasNoDiskPressure',
    badEvent: 'NodeHasDiskPressure',
    taint: 'node.kubernetes.io/disk-pressure',
  },
  {
    type: 'PIDPressure',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
    badReason: 'KubeletHasInsufficientPID',
    badMessage: 'kubelet has insufficient PID available',
    event: 'NodeHasSufficientPID',
    badEvent: 'NodeHasInsufficientPID',
    taint: 'node.kubernetes.io/pid-pressure',
  },
] as const;
