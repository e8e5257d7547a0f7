import type { KubeObject, WatchEvent } from '../../api/object-store.js';
import type { Machine } from '../../controllers/machines.js';
import { isEnded } from '../../controllers/pod-state.js';
import type { DemoWorld } from '../world.js';
import { allocateGpus } from './gpu-allocation.js';
import { type NodeRecord, nodeRecordOf, updateNodeRecord } from './node-record.js';
import { endRecord, type PodRecord, recordOf, updateRecord } from './pod-record.js';
import { ReplicaHistory } from './replica-history.js';

/**
 * The cluster as the metrics see it: nodes and pods of the object store with the times at which they came, ran and went. It looks at
 * the store when somebody asks or something changes for the first time; from then on it follows the changes. A bounded number of pods that
 * are gone is remembered, so that the past keeps them.
 */
export class ClusterModel {
  readonly world: DemoWorld;
  readonly replicas: ReplicaHistory;
  readonly #pods = new Map<string, PodRecord>();
  readonly #gone: PodRecord[] = [];
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #unsubscribe: readonly (() => void)[];
  #looked = false;
  #version = 0;

  constructor(world: DemoWorld) {
    this.world = world;
    this.replicas = new ReplicaHistory(world.store, () => this.now());
    this.#unsubscribe = [
      world.store.subscribe('nodes', (event) => this.#changed(event, (each) => this.#nodeChanged(each))),
      world.store.subscribe('pods', (event) => this.#changed(event, (each) => this.#podChanged(each))),
    ];
  }

  /** Now, in seconds since 1970. */
  now(): number {
    return (this.world.now?.() ?? Date.now()) / 1000;
  }

  /** Grows with every change: what was derived from the records holds while it stays. */
  get version(): number {
    this.#look();
    return this.#version;
  }

  nodes(): Iterable<NodeRecord> {
    this.#look();
    return this.#nodes.values();
  }

  node(name: string): NodeRecord | null {
    this.#look();
    return this.#nodes.get(name) ?? null;
  }

  /** The pods there are now. */
  pods(): Iterable<PodRecord> {
    this.#look();
    return this.#pods.values();
  }

  /** The pods there are and those remembered. */
  *podsEver(): Iterable<PodRecord> {
    yield* this.pods();
    yield* this.#gone;
  }

  close(): void {
    for (const stop of this.#unsubscribe) stop();
    this.replicas.close();
  }

  #changed(event: WatchEvent, apply: (event: WatchEvent) => boolean): void {
    this.#look(event);
    if (apply(event)) this.#version++;
  }

  /** The first look; when a change is the occasion, at the store as it was before. */
  #look(occasion?: WatchEvent): void {
    if (this.#looked) return;
    this.#looked = true;
    for (const node of before(this.world.store.list('nodes'), occasion))
      this.#nodes.set(node.metadata.name, nodeRecordOf(node, this.now(), this.#bootedAt(node), this.#machine(node)));
    const records = before(this.world.store.list('pods'), occasion)
      .filter((pod) => !isEnded(pod))
      .map((pod) => recordOf(pod, this.now()));
    // Devices are given out in the order in which the pods came.
    records.sort((a, b) => (a.held[0]?.from ?? 0) - (b.held[0]?.from ?? 0) || (a.name < b.name ? -1 : 1));
    for (const record of records) {
      this.#allocate(record);
      this.#pods.set(record.uid, record);
    }
  }

  #nodeChanged({ type, object }: WatchEvent): boolean {
    const name = object.metadata.name;
    const record = this.#nodes.get(name);
    if (type === 'DELETED') this.#nodes.delete(name);
    else if (record === undefined) this.#nodes.set(name, nodeRecordOf(object, this.now(), this.#bootedAt(object), this.#machine(object)));
    else updateNodeRecord(record, object, this.now(), this.#bootedAt(object));
    return true;
  }

  /** Whether it was a pod that matters: the dead that lie about by the thousand have no metrics of their own. */
  #podChanged({ type, object }: WatchEvent): boolean {
    const uid = object.metadata.uid ?? `${object.metadata.namespace}/${object.metadata.name}`;
    const record = this.#pods.get(uid);
    if (record === undefined && (type === 'DELETED' || isEnded(object))) return false;
    if (type === 'DELETED') {
      this.#pods.delete(uid);
      if (record !== undefined) this.#remember(record);
    } else if (record === undefined) {
      const fresh = recordOf(object, this.now());
      this.#allocate(fresh);
      this.#pods.set(uid, fresh);
    } else {
      updateRecord(record, object, this.now());
      this.#allocate(record);
    }
    return true;
  }

  #remember(record: PodRecord): void {
    if (record.running.length === 0) return;
    endRecord(record, this.now());
    this.#gone.push(record);
    if (this.#gone.length <= remembered) return;
    // Small fry goes first: a pod that held a GPU is part of somebody's experiment.
    const index = this.#gone.findIndex(({ gpuCount }) => gpuCount === 0);
    this.#gone.splice(Math.max(0, index), 1);
  }

  #allocate(record: PodRecord): void {
    const node = record.node === null ? undefined : this.#nodes.get(record.node);
    const has = record.gpus.length + record.migDevices.length > 0;
    if (record.gpuCount === 0 || has || node === undefined || record.held.at(-1)?.to !== Number.POSITIVE_INFINITY) return;
    const others = [...this.#pods.values()].filter((other) => other.node === node.name && other.held.at(-1)?.to === Number.POSITIVE_INFINITY);
    allocateGpus(record, node, others);
  }

  #machine(node: KubeObject): Machine | null {
    return this.world.machineOf?.(node.metadata.name) ?? null;
  }

  #bootedAt(node: KubeObject): number | null {
    const booted = this.world.bootedAt?.(node.metadata.name) ?? null;
    return booted === null ? null : booted / 1000;
  }
}

const remembered = 400;

function before(objects: readonly KubeObject[], occasion: WatchEvent | undefined): KubeObject[] {
  if (occasion === undefined) return [...objects];
  const { uid } = occasion.object.metadata;
  const others = objects.filter((object) => object.kind !== occasion.object.kind || object.metadata.uid !== uid);
  return occasion.previous === null || occasion.previous.kind !== objects[0]?.kind ? others : [...others, occasion.previous];
}
