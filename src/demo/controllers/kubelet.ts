import type { KubeObject } from '../api/object-store.js';
import { at, listAt, numberAt, textAt } from '../fields.js';
import { creatingStatus, endedStatus, failingStatus, type Place, runningStatus } from './container-status.js';
import { isEvictable, refusalMs, refuseUnderPressure } from './disk-pressure.js';
import { hasMismatch, type Machine, source } from './machines.js';
import { byKey, conditionStatus, keyOf, statusOf, withCondition } from './objects.js';
import { appOf, type PodFault } from './pod-faults.js';
import { isActive, isEnded, isReady, nodeOf, phaseOf, requestsOf } from './pod-state.js';
import { workSeconds, workTrouble } from './short-work.js';
import { claimsBound } from './volumes.js';
import type { World } from './world.js';

/** How long the program of that name takes to start, in seconds; one that takes no time is ready at once. */
export type StartSeconds = (app: string) => number;

export interface Kubelets {
  /** Starts all containers of a machine anew, as its kubelet does after a reboot. */
  restartPods(machine: Machine): void;
  /** Reports on all pods of a machine anew, as its kubelet does after it was stopped for a while. */
  resume(machine: Machine): void;
  /** Starts the containers of one pod again. */
  restart(pod: KubeObject, machine: Machine): void;
  /** Looks again at the pods of a machine that wait for something: its network, its GPUs. */
  wake(machine: Machine): void;
  stop(): void;
}

/**
 * The kubelets of all machines: bound pods go from ContainerCreating to Running to Ready, wait for what they need (pod network, GPUs, volumes),
 * crash or stay unready where the scenario says so, and leave after their grace period.
 */
export function startKubelets(world: World, startSeconds: StartSeconds): Kubelets {
  const timers = new Map<string, () => void>();
  const crashes = new Map<string, number>();

  const unsubscribe = world.store.subscribe('pods', ({ type, object, previous }) => {
    const key = keyOf(object);
    if (type === 'DELETED') {
      cancel(key);
      crashes.delete(object.metadata.uid ?? '');
      if (object.metadata.annotations?.[mirror] !== undefined) world.clock.after(1000, () => recreateMirror(object));
      return;
    }
    if (nodeOf(object) === null || (isEnded(object) && object.metadata.deletionTimestamp === undefined)) return;
    const fresh = previous === null || nodeOf(previous) === null || previous.metadata.uid !== object.metadata.uid;
    // Pods that come into the world complete have nothing to wait for.
    if (fresh && isReady(object) && object.metadata.deletionTimestamp === undefined) return;
    if (fresh || previous.metadata.deletionTimestamp !== object.metadata.deletionTimestamp) plan(key, object);
  });
  world.faults.subscribe(() => {
    for (const machine of world.machines.all()) for (const pod of world.pods.onNode(machine.name)) plan(keyOf(pod), pod);
  });

  function cancel(key: string): void {
    timers.get(key)?.();
    timers.delete(key);
  }

  function later(key: string, ms: number): void {
    cancel(key);
    timers.set(
      key,
      world.clock.after(ms, () => {
        timers.delete(key);
        const pod = byKey(world.store, 'pods', key);
        if (pod !== null) step(key, pod);
      }),
    );
  }

  /** Something changed for this pod: look at it, at once or, where it is to go, when its processes had time to end. */
  function plan(key: string, pod: KubeObject): void {
    if (pod.metadata.deletionTimestamp !== undefined) stopContainers(key, pod);
    else if (textAt(pod, 'status', 'startTime') === null) world.clock.soon(() => restep(key));
    else later(key, 200);
  }

  function stopContainers(key: string, pod: KubeObject): void {
    const machine = world.machines.get(nodeOf(pod) ?? '');
    if (machine !== null && machine.downSince === null && stateOf(pod) === 'running') {
      for (const container of listAt(pod, 'spec', 'containers')) {
        world.events.record(pod, 'Normal', 'Killing', `Stopping container ${textAt(container, 'name') ?? ''}`, source(machine));
      }
    }
    later(key, Math.min(900, (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000));
  }

  function restep(key: string): void {
    const pod = byKey(world.store, 'pods', key);
    if (pod !== null) step(key, pod);
  }

  function step(key: string, pod: KubeObject): void {
    const machine = world.machines.get(nodeOf(pod) ?? '');
    if (machine === null || machine.downSince !== null) return;
    if (pod.metadata.deletionTimestamp !== undefined) finish(pod);
    else if (!isEnded(pod)) advance(key, pod, machine);
  }

  function advance(key: string, pod: KubeObject, machine: Machine): void {
    const state = stateOf(pod);
    if (state === 'new' && underPressure(machine) && isEvictable(pod)) {
      world.clock.after(refusalMs, () => {
        const current = byKey(world.store, 'pods', key);
        if (current === null || !isActive(current) || current.metadata.uid !== pod.metadata.uid) return;
        if (underPressure(machine)) refuseUnderPressure(world, current, machine);
        else plan(key, current);
      });
      return;
    }
    const fault = world.faults.of(pod) ?? builtInFault(world, pod, machine);
    if (state === 'new' && delayOf(pod) === 0 && fault === null && obstacleFor(world, pod, machine) === null) {
      const prepared = { ...pod, status: creatingStatus(pod, machine, world.clock.now()) };
      write(pod, runningStatus(prepared, world.clock.now(), placeOf(pod, machine), true));
    } else if (state === 'new') {
      write(pod, creatingStatus(pod, machine, world.clock.now()));
      later(key, delayOf(pod) * 600);
    } else if (state === 'creating') {
      const obstacle = obstacleFor(world, pod, machine);
      if (obstacle === null) start(key, pod, machine, fault);
      else if (obstacle !== '') {
        const reason = obstacle.startsWith('network is not ready') ? 'NetworkNotReady' : 'FailedCreatePodSandBox';
        world.events.record(pod, 'Warning', reason, obstacle, source(machine));
      }
    } else if (state === 'waiting') {
      if (fault?.state !== 'crash' || crashDue(pod)) start(key, pod, machine, fault);
    } else if (fault?.state === 'crash') {
      crash(key, pod, machine, fault);
    } else if (fault?.state === 'unready') {
      if (isReady(pod)) write(pod, runningStatus(pod, world.clock.now(), placeOf(pod, machine), false));
      if (fault.message !== undefined) world.events.record(pod, 'Warning', 'Unhealthy', fault.message, source(machine));
    } else {
      if (!isReady(pod)) write(pod, runningStatus(pod, world.clock.now(), placeOf(pod, machine), true));
      completeLater(key, pod, machine);
    }
  }

  function start(key: string, pod: KubeObject, machine: Machine, fault: PodFault | null): void {
    const now = world.clock.now();
    for (const container of [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')]) {
      const image = textAt(container, 'image') ?? '';
      world.events.record(pod, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`, source(machine));
      world.events.record(pod, 'Normal', 'Created', 'Container created', source(machine));
      world.events.record(pod, 'Normal', 'Started', 'Container started', source(machine));
    }
    const probed = listAt(pod, 'spec', 'containers').some((container) => at(container, 'readinessProbe') !== undefined);
    const healthy = fault === null;
    write(pod, runningStatus(pod, now, placeOf(pod, machine), healthy && !probed));
    if (!healthy) later(key, 1500);
    else if (probed) later(key, delayOf(pod) * 400);
    else completeLater(key, pod, machine);
  }

  /** Containers that ended stay down for a back-off that doubles up to five minutes. */
  function crash(key: string, pod: KubeObject, machine: Machine, fault: PodFault): void {
    const uid = pod.metadata.uid ?? '';
    const times = (crashes.get(uid) ?? restarts(pod)) + 1;
    crashes.set(uid, times);
    write(
      pod,
      failingStatus(pod, world.clock.now(), {
        exitCode: fault.exitCode ?? 1,
        restarts: times,
        message: fault.log?.at(-1) ?? null,
        runtime: machine.hardware.runtime,
      }),
    );
    const container = textAt(listAt(pod, 'spec', 'containers')[0], 'name') ?? '';
    const message = `Back-off restarting failed container ${container} in pod ${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${uid})`;
    world.events.record(pod, 'Warning', 'BackOff', message, source(machine));
    later(key, backOffMs(times));
  }

  function crashDue(pod: KubeObject): boolean {
    const since = textAt(listAt(pod, 'status', 'containerStatuses')[0], 'lastState', 'terminated', 'finishedAt');
    return since === null || world.clock.now() - Date.parse(since) >= 1000;
  }

  /** Work that ends by itself, well or not. */
  function completeLater(key: string, pod: KubeObject, machine: Machine): void {
    const seconds = workSeconds(pod);
    if (seconds === null) return;
    cancel(key);
    timers.set(
      key,
      world.clock.after(seconds * 1000, () => {
        const current = byKey(world.store, 'pods', key);
        if (current === null || phaseOf(current) !== 'Running') return;
        write(current, endedStatus(current, world.clock.now(), workTrouble(current, machine) === null));
      }),
    );
  }

  /** A static pod's mirror can be deleted, the file it comes from stays. */
  function recreateMirror(pod: KubeObject): void {
    const { uid: _, resourceVersion: __, creationTimestamp: ___, deletionTimestamp: ____, deletionGracePeriodSeconds: _____, ...metadata } = pod.metadata;
    if (world.store.get('pods', metadata.name, metadata.namespace) === null) world.store.create('pods', { ...pod, metadata, status: { phase: 'Pending' } });
  }

  function finish(pod: KubeObject): void {
    if ((pod.metadata.finalizers ?? []).length > 0) return;
    world.store.remove('pods', pod.metadata.name, pod.metadata.namespace);
  }

  function write(pod: KubeObject, status: Readonly<Record<string, unknown>>): void {
    const current = byKey(world.store, 'pods', keyOf(pod));
    if (current === null || current.metadata.uid !== pod.metadata.uid) return;
    world.store.update('pods', { ...current, status });
  }

  /** A pod keeps its address until its sandbox is made anew. */
  function placeOf(pod: KubeObject, machine: Machine): Place {
    return { address: podAddress(pod, machine), runtime: machine.hardware.runtime };
  }

  function podAddress(pod: KubeObject, machine: Machine): string {
    if (at(pod, 'spec', 'hostNetwork') === true) return machine.address;
    return textAt(pod, 'status', 'podIP') ?? world.machines.podAddress(machine);
  }

  function delayOf(pod: KubeObject): number {
    return startSeconds(appOf(pod));
  }

  function underPressure(machine: Machine): boolean {
    const node = world.store.get('nodes', machine.name);
    return node !== null && conditionStatus(node, 'DiskPressure') === 'True';
  }

  return {
    resume(machine) {
      for (const pod of world.pods.onNode(machine.name)) later(keyOf(pod), 400);
    },
    restart(pod, machine) {
      write(pod, creatingStatus(pod, machine, world.clock.now(), { rebooted: true }));
      later(keyOf(pod), 1500);
    },
    restartPods(machine) {
      for (const pod of world.pods.onNode(machine.name)) {
        if (pod.metadata.deletionTimestamp !== undefined) {
          later(keyOf(pod), 500);
          continue;
        }
        if (textAt(pod, 'status', 'startTime') === null) {
          later(keyOf(pod), 500);
          continue;
        }
        write(pod, creatingStatus(pod, machine, world.clock.now(), { rebooted: true }));
        world.events.record(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.', source(machine));
        later(keyOf(pod), delayOf(pod) * 600);
      }
    },
    wake(machine) {
      for (const pod of world.pods.onNode(machine.name)) {
        const waits = stateOf(pod) === 'creating' && !timers.has(keyOf(pod));
        const judged = builtInFaults.has(appOf(pod)) && stateOf(pod) === 'running';
        if (waits) later(keyOf(pod), delayOf(pod) * 300);
        else if (judged) later(keyOf(pod), 600);
      }
    },
    stop() {
      unsubscribe();
      for (const stop of timers.values()) stop();
      timers.clear();
    },
  };
}

const mirror = 'kubernetes.io/config.mirror';

function backOffMs(times: number): number {
  return Math.min(300_000, 10_000 * 2 ** Math.min(5, times - 1));
}

function restarts(pod: KubeObject): number {
  return numberAt(listAt(pod, 'status', 'containerStatuses')[0], 'restartCount') ?? 0;
}

type State = 'new' | 'creating' | 'waiting' | 'running';

/** new: not seen yet; creating: its sandbox is not there; waiting: crashed and to be started again; running: its containers run, ready or not. */
function stateOf(pod: KubeObject): State {
  if (textAt(pod, 'status', 'startTime') === null) return 'new';
  const states = listAt(pod, 'status', 'containerStatuses').map((status) => at(status, 'state'));
  if (states.some((state) => textAt(state, 'waiting', 'reason') === 'CrashLoopBackOff')) return 'waiting';
  if (states.length === 0 || states.some((state) => at(state, 'running') === undefined)) return 'creating';
  return 'running';
}

/** What keeps a pod's sandbox from being made: the runtime's complaint, '' for waiting in silence, null when nothing does. */
function obstacleFor(world: World, pod: KubeObject, machine: Machine): string | null {
  const sandbox = 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to';
  if (at(pod, 'spec', 'hostNetwork') !== true && !machine.linux.cni)
    return 'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
  if (at(pod, 'spec', 'hostNetwork') !== true && !machine.network) {
    return `${sandbox} setup network for sandbox: plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/`;
  }
  if (!claimsBound(world, pod)) return '';
  // After a reboot the device plugin has to register before the devices can be handed out again.
  const asksForGpus = [...requestsOf(pod).keys()].some((resource) => resource.startsWith('nvidia.com/'));
  return asksForGpus && machine.knownGpus === 0 ? '' : null;
}

/** Programs that need the GPUs of their node to do their work. */
const builtInFaults = new Map<string, (world: World, pod: KubeObject, machine: Machine) => PodFault | null>([
  ['nvidia-device-plugin', pluginFault],
  ['dcgm-exporter', exporterFault],
]);

function builtInFault(world: World, pod: KubeObject, machine: Machine): PodFault | null {
  return driverFault(pod, machine) ?? builtInFaults.get(appOf(pod))?.(world, pod, machine) ?? null;
}

/** The nvidia runtime can't set up a container with libraries that the loaded module does not know; what ran before goes on. */
function driverFault(pod: KubeObject, machine: Machine): PodFault | null {
  if (!hasMismatch(machine) || textAt(pod, 'spec', 'runtimeClassName') !== 'nvidia') return null;
  const started = textAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'running', 'startedAt');
  if (started !== null && Date.parse(started) < machine.driver.since) return null;
  return { namespace: pod.metadata.namespace ?? '', app: appOf(pod), state: 'crash', exitCode: 128, log: [mismatchMessage] };
}

const mismatchMessage =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ' +
  "error running prestart hook #0: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy'\nnvidia-container-cli: initialization error: nvml error: driver/library version mismatch: unknown";

/** Without the nvidia runtime class no driver library is mounted into the plugin: it finds no devices and waits for ever. */
function pluginFault(_: World, pod: KubeObject): PodFault | null {
  if (textAt(pod, 'spec', 'runtimeClassName') === 'nvidia') return null;
  const message = "Readiness probe failed: ls: cannot access '/var/lib/kubelet/device-plugins/nvidia-gpu.sock': No such file or directory";
  return { namespace: pod.metadata.namespace ?? '', app: 'nvidia-device-plugin', state: 'unready', message };
}

function exporterFault(world: World, pod: KubeObject, machine: Machine): PodFault | null {
  const node = world.store.get('nodes', machine.name);
  const allocatable = machine.hardware.resources.some((resource) => at(node, 'status', 'allocatable', resource) !== '0');
  if (machine.knownGpus > 0 && allocatable) return null;
  const message = `Readiness probe failed: Get "http://${textAt(pod, 'status', 'podIP') ?? machine.address}:9400/health": dial tcp ${textAt(pod, 'status', 'podIP') ?? machine.address}:9400: connect: connection refused`;
  return { namespace: pod.metadata.namespace ?? '', app: 'dcgm-exporter', state: 'unready', message };
}

/** For a node that went away: its pods are not ready as far as the cluster knows. */
export function markUnready(world: World, node: string): void {
  for (const pod of world.pods.onNode(node)) {
    if (!isReady(pod)) continue;
    const conditions = withCondition(pod, { type: 'Ready', status: 'False' }, world.clock.now());
    world.store.update('pods', { ...pod, status: { ...statusOf(pod), conditions } });
    world.events.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready', { component: 'node-controller' });
  }
}
