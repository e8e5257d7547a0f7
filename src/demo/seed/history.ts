import { randomUUID } from 'node:crypto';
import type { DemoClock } from '../controllers/clock.js';
import type { NodeLife } from '../controllers/nodes.js';
import { stamp } from '../controllers/objects.js';
import type { World } from '../controllers/world.js';
import { inference, speech, training } from './ai.js';
import { calico } from './calico.js';
import { foundations, kubernetesService, staticPods } from './control-plane.js';
import { addressOf, type Hardware, podNetworkOf } from './hardware.js';
import { kubeSystem } from './kube-system.js';
import type { Manifest } from './manifest.js';
import { monitoring } from './monitoring.js';
import { nodeManifests } from './nodes.js';
import { nvidia } from './nvidia.js';
import { storage } from './storage.js';

const day = 86_400_000;

/** How long ago the cluster was installed, in ms. */
export const clusterAge = 92 * day;

/**
 * The life of the healthy cluster up to shortly before `start` (ms since the epoch): installed three months ago, all machines rebooted once, the
 * workloads added since. Only manifests are written here; all else the controllers do, as they will when the demo runs.
 */
export function liveThroughHistory(world: World, clock: DemoClock, nodes: NodeLife, machines: readonly Hardware[], maxPods: number, start: number): void {
  const until = (ago: number) => clock.liveTo(start - ago);
  create(world, foundations());
  for (const machine of machines) addMachine(world, machine, clock.now(), maxPods);
  const controlPlane = machines[0];
  if (controlPlane !== undefined) {
    create(world, kubernetesService(controlPlane));
    const uid = world.store.get('nodes', controlPlane.name)?.metadata.uid ?? '';
    for (const pod of staticPods(controlPlane, uid)) world.store.create('pods', pod);
  }
  create(world, [...kubeSystem(), ...calico(), ...storage()]);
  until(clusterAge - 600_000);
  create(
    world,
    nvidia().filter(({ object }) => object.metadata.namespace !== 'monitoring'),
  );
  create(world, monitoring());
  create(
    world,
    nvidia().filter(({ object }) => object.metadata.namespace === 'monitoring'),
  );
  until(31 * day + 40_000);
  for (const machine of world.machines.all()) nodes.down(machine);
  until(31 * day);
  for (const machine of world.machines.all()) nodes.up(machine, {});
  until(20 * day);
  create(world, inference());
  until(13 * day);
  create(world, training());
  until(12 * day);
  create(world, speech());
}

function addMachine(world: World, machine: Hardware, now: number, maxPods: number): void {
  const bootId = randomUUID();
  world.machines.add({
    name: machine.name,
    address: addressOf(machine),
    podNetwork: podNetworkOf(machine),
    gpus: machine.gpus,
    bootId,
    bootedAt: now,
    downSince: null,
    network: false,
    knownGpus: 0,
  });
  create(world, nodeManifests(machine, now, bootId, maxPods));
}

/** Creates objects as of the world's now. */
function create(world: World, manifests: readonly Manifest[]): void {
  const creationTimestamp = stamp(world.clock.now());
  for (const { resource, object } of manifests) {
    if (world.store.get(resource, object.metadata.name, object.metadata.namespace) !== null) continue;
    world.store.create(resource, { ...object, metadata: { ...object.metadata, creationTimestamp } });
  }
}
