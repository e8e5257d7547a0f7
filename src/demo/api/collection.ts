import type { KubeObject } from './object-store.js';

/**
 * The objects of one resource, in etcd's order (by namespace, then name). Adding and removing cost next to nothing: the order
 * is made up again when somebody lists, and only where something was added.
 */
export class Collection {
  readonly #buckets = new Map<string, Bucket>();
  #namespaces: string[] | null = null;

  get(namespace: string, name: string): KubeObject | null {
    return this.#buckets.get(namespace)?.get(name) ?? null;
  }

  set(object: KubeObject): void {
    const namespace = object.metadata.namespace ?? '';
    let bucket = this.#buckets.get(namespace);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.#buckets.set(namespace, bucket);
      this.#namespaces = null;
    }
    bucket.set(object);
  }

  remove(namespace: string, name: string): KubeObject | null {
    return this.#buckets.get(namespace)?.remove(name) ?? null;
  }

  count(namespace?: string): number {
    if (namespace !== undefined) return this.#buckets.get(namespace)?.size ?? 0;
    let sum = 0;
    for (const bucket of this.#buckets.values()) sum += bucket.size;
    return sum;
  }

  list(namespace?: string): KubeObject[] {
    const objects: KubeObject[] = [];
    if (namespace !== undefined) {
      this.#buckets.get(namespace)?.appendTo(objects);
      return objects;
    }
    // etcd's keys are /registry/pods/NAMESPACE/NAME, so `a-b` comes before `a`.
    this.#namespaces ??= [...this.#buckets.keys()].sort((a, b) => compare(`${a}/`, `${b}/`));
    for (const each of this.#namespaces) this.#buckets.get(each)?.appendTo(objects);
    return objects;
  }
}

interface Entry {
  readonly name: string;
  object: KubeObject | null;
}

class Bucket {
  readonly #entries = new Map<string, Entry>();
  #sorted: Entry[] = [];
  #added: Entry[] = [];

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): KubeObject | null {
    return this.#entries.get(name)?.object ?? null;
  }

  set(object: KubeObject): void {
    const { name } = object.metadata;
    const known = this.#entries.get(name);
    if (known !== undefined) {
      known.object = object;
      return;
    }
    const entry: Entry = { name, object };
    this.#entries.set(name, entry);
    this.#added.push(entry);
  }

  remove(name: string): KubeObject | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    const { object } = entry;
    this.#entries.delete(name);
    entry.object = null;
    return object;
  }

  appendTo(objects: KubeObject[]): void {
    this.#settle();
    for (const { object } of this.#sorted) if (object !== null) objects.push(object);
  }

  #settle(): void {
    if (this.#added.length > 0) {
      for (const entry of this.#added) this.#sorted.push(entry);
      this.#added = [];
      // Two sorted runs merge in linear time.
      this.#sorted.sort((a, b) => compare(a.name, b.name));
    }
    if (this.#sorted.length > 2 * this.#entries.size + 100) this.#sorted = this.#sorted.filter((entry) => entry.object !== null);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
