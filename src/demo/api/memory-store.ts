import { randomUUID } from 'node:crypto';
import { alreadyExists, conflict, modifiedMeanwhile, notFound } from './api-error.js';
import { Collection } from './collection.js';
import { deepEqual } from './deep-equal.js';
import { EventHistory } from './event-history.js';
import type { KubeObject, ObjectStore, WatchEvent, WatchType } from './object-store.js';

export interface MemoryStoreOptions {
  /** How many changes of each resource are kept for watches that come back. Default 10,000. */
  readonly historySize?: number;
  /** Where the counter starts. Default 1000. */
  readonly resourceVersion?: number;
  /** ms since the epoch, for creation timestamps. Default the system's clock. */
  readonly now?: () => number;
}

/** An `ObjectStore` in this process' memory. Listeners are called in order, before the writing call returns. */
export function createObjectStore(options: MemoryStoreOptions = {}): ObjectStore {
  return new MemoryStore(options);
}

interface Resource {
  readonly objects: Collection;
  readonly history: EventHistory;
  readonly listeners: Set<(event: WatchEvent) => void>;
}

class MemoryStore implements ObjectStore {
  readonly #resources = new Map<string, Resource>();
  readonly #historySize: number;
  readonly #now: () => number;
  /** Which resourceVersion there was when. */
  readonly #marks: { readonly at: number; readonly resourceVersion: number }[] = [];
  #counter: number;
  #compacted: number;

  constructor(options: MemoryStoreOptions) {
    this.#historySize = options.historySize ?? 10_000;
    this.#now = options.now ?? Date.now;
    this.#counter = options.resourceVersion ?? 1000;
    this.#compacted = 0;
  }

  get resourceVersion(): number {
    return this.#counter;
  }

  list(resource: string, namespace?: string): KubeObject[] {
    return this.#resources.get(resource)?.objects.list(namespace) ?? [];
  }

  count(resource: string, namespace?: string): number {
    return this.#resources.get(resource)?.objects.count(namespace) ?? 0;
  }

  get(resource: string, name: string, namespace = ''): KubeObject | null {
    return this.#resources.get(resource)?.objects.get(namespace, name) ?? null;
  }

  create(resource: string, object: KubeObject): KubeObject {
    const { name, namespace = '' } = object.metadata;
    const { objects } = this.#resource(resource);
    if (objects.get(namespace, name) !== null) throw alreadyExists(resource, name);
    const resourceVersion = this.#next();
    const { metadata, ...rest } = object;
    const created: KubeObject = {
      ...rest,
      metadata: {
        ...metadata,
        uid: metadata.uid ?? randomUUID(),
        creationTimestamp: metadata.creationTimestamp ?? this.#timestamp(),
        resourceVersion: String(resourceVersion),
        ...(metadata.generation === undefined && countsGenerations(resource, object) ? { generation: 1 } : {}),
      },
    };
    objects.set(created);
    this.#publish(resource, 'ADDED', created, null, resourceVersion);
    return created;
  }

  update(resource: string, object: KubeObject): KubeObject {
    const { name, namespace = '' } = object.metadata;
    const { objects } = this.#resource(resource);
    const previous = objects.get(namespace, name);
    if (previous === null) throw notFound(resource, name);
    const carried = object.metadata.resourceVersion;
    if (carried !== undefined && carried !== '' && carried !== previous.metadata.resourceVersion) throw conflict(resource, name, modifiedMeanwhile);
    const { metadata, ...rest } = object;
    const { uid, creationTimestamp } = previous.metadata;
    const unchanged = { ...rest, metadata: { ...metadata, uid, creationTimestamp, resourceVersion: previous.metadata.resourceVersion } };
    // Like etcd3's store: a write that changes nothing is no write, so that controllers that write what is there already don't wake each other up.
    if (deepEqual(unchanged, previous)) return previous;
    const resourceVersion = this.#next();
    const updated: KubeObject = { ...unchanged, metadata: { ...unchanged.metadata, resourceVersion: String(resourceVersion) } };
    objects.set(updated);
    this.#publish(resource, 'MODIFIED', updated, previous, resourceVersion);
    return updated;
  }

  remove(resource: string, name: string, namespace = ''): KubeObject | null {
    const { objects } = this.#resource(resource);
    const previous = objects.remove(namespace, name);
    if (previous === null) return null;
    const resourceVersion = this.#next();
    const removed: KubeObject = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(resourceVersion) } };
    this.#publish(resource, 'DELETED', removed, previous, resourceVersion);
    return removed;
  }

  subscribe(resource: string, listener: (event: WatchEvent) => void): () => void {
    const { listeners } = this.#resource(resource);
    // Wrapped, so that one function given twice counts twice and is taken away once.
    const own = (event: WatchEvent): void => listener(event);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  since(resource: string, resourceVersion: number): readonly WatchEvent[] | null {
    if (resourceVersion < this.#compacted) return null;
    return this.#resource(resource).history.since(resourceVersion);
  }

  oldest(resource: string): number {
    return Math.max(this.#compacted, this.#resource(resource).history.floor);
  }

  compact(): void {
    this.#compacted = this.#counter;
    for (const { history } of this.#resources.values()) history.clear(this.#counter);
  }

  #resource(name: string): Resource {
    const known = this.#resources.get(name);
    if (known !== undefined) return known;
    const created: Resource = { objects: new Collection(), history: new EventHistory(this.#historySize), listeners: new Set() };
    this.#resources.set(name, created);
    return created;
  }

  #publish(resource: string, type: WatchType, object: KubeObject, previous: KubeObject | null, resourceVersion: number): void {
    const event: WatchEvent = { type, object, previous, resourceVersion };
    if (performance.now() - (this.#marks.at(-1)?.at ?? 0) > markEvery) this.#forgetOld();
    const { history, listeners } = this.#resource(resource);
    history.push(event);
    for (const listener of [...listeners]) listener(event);
  }

  /** As the API server has etcd compact what is older than five minutes: what is long gone does not stay in memory for ever. */
  #forgetOld(): void {
    const now = performance.now();
    this.#marks.push({ at: now, resourceVersion: this.#counter - 1 });
    const old = this.#marks.findLastIndex(({ at }) => now - at >= keptFor);
    if (old < 0) return;
    const upTo = this.#marks[old]?.resourceVersion ?? 0;
    this.#marks.splice(0, old + 1);
    for (const { history } of this.#resources.values()) history.forget(upTo);
  }

  #next(): number {
    this.#counter += 1;
    return this.#counter;
  }

  /** metav1.Time has whole seconds. */
  #timestamp(): string {
    return `${new Date(this.#now()).toISOString().slice(0, 19)}Z`;
  }
}

const markEvery = 30_000;
const keptFor = 5 * 60_000;

/** The core group's kinds, leases and autoscalers have no generation; what else has a spec does. */
function countsGenerations(resource: string, object: KubeObject): boolean {
  return (
    object['spec'] !== undefined && resource.includes('.') && resource !== 'leases.coordination.k8s.io' && resource !== 'horizontalpodautoscalers.autoscaling'
  );
}
