import { randomUUID } from 'node:crypto';
import type { DemoClock } from '../controllers/clock.js';
import { createLinux } from '../controllers/linux.js';
import { stamp } from '../controllers/objects.js';
import type { World } from '../controllers/world.js';
import { inference, speech, training } from './ai.js';
import { calico } from './calico.js';
import { foundations, kubernetesService, staticPods } from './control-plane.js';
import { addressOf, type Hardware, podNetworkOf } from './hardware.js';
import { kubeSystem } from './kube-system.js';
import type { Manifest } from './manifest.js';
import { sliced } from './mig.js';
import { monitoring } from './monitoring.js';
import { nodeManifests, versions } from './nodes.js';
import { nvidia } from './nvidia.js';
import { storage } from './storage.js';

const day = 86_400_000;
const hour = 3_600_000;

/** How long ago the machines were last rebooted and their pods started, in ms. */
export const uptime = 31 * day + 5 * hour;
/** How much older than that the cluster is. */
const before = 61 * day;

/**
 * The life of the healthy cluster up to shortly before `start` (ms since the epoch): three months old, upgraded and rebooted a month ago, with
 * workloads added since. Only manifests are written here; all else the controllers do, as they will when the demo runs.
 */
export function liveThroughHistory(world: World, clock: DemoClock, nodes: readonly Hardware[], maxPods: number, start: number): void {
  const installed = clock.now() - before;
  create(world, foundations(), installed);
  for (const machine of nodes) addMachine(world, machine, clock.now(), installed, maxPods);
  const controlPlane = nodes[0];
  if (controlPlane !== undefined) {
    create(world, kubernetesService(controlPlane), installed);
    const uid = world.store.get('nodes', controlPlane.name)?.metadata.uid ?? '';
    for (const pod of staticPods(controlPlane, uid)) world.store.create('pods', pod);
  }
  create(world, [...kubeSystem(), ...calico(), ...storage()], installed);
  clock.liveTo(clock.now() + 60_000);
  create(world, [...monitoring(), ...nvidia()], installed + 600_000);
  for (const [ago, manifests] of additions) {
    clock.liveTo(start - ago);
    create(world, manifests(nodes), clock.now());
  }
}

/** The users' workloads in the order in which they came: the scheduler packs GPUs, so it decides who is where. */
const additions: readonly (readonly [ago: number, manifests: (nodes: readonly Hardware[]) => Manifest[]])[] = [
  [20 * day, inference],
  [13 * day, training],
  [12 * day - 3 * hour, speech],
  [9 * day, sliced],
];

function addMachine(world: World, machine: Hardware, now: number, installed: number, maxPods: number): void {
  const bootId = randomUUID();
  world.machines.add({
    name: machine.name,
    address: addressOf(machine),
    podNetwork: podNetworkOf(machine),
    hardware: machine,
    gpus: machine.gpus,
    bootId,
    bootedAt: now,
    loginSince: now,
    off: false,
    downSince: null,
    network: false,
    knownGpus: 0,
    driver: { module: versions.driver, library: versions.driver, since: now },
    xids: [],
    linux: createLinux(machine, versions.driver, installed),
    diskHistory: [],
  });
  create(world, nodeManifests(machine, now, bootId, maxPods), installed);
}

/** @param created ms since the epoch. */
function create(world: World, manifests: readonly Manifest[], created: number): void {
  const creationTimestamp = stamp(created);
  for (const { resource, object } of manifests) world.store.create(resource, { ...object, metadata: { ...object.metadata, creationTimestamp } });
}
