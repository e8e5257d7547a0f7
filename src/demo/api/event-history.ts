import type { WatchEvent } from './object-store.js';

/** The newest changes of one resource, at least `size` of them. */
export class EventHistory {
  readonly #size: number;
  #events: WatchEvent[] = [];
  /** The resourceVersion before which nothing is known any more. */
  floor = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(event: WatchEvent): void {
    this.#events.push(event);
    if (this.#events.length < 2 * this.#size) return;
    const dropped = this.#events.splice(0, this.#events.length - this.#size);
    this.floor = dropped.at(-1)?.resourceVersion ?? this.floor;
  }

  /** The changes after a resourceVersion, oldest first; null when some of them are forgotten. */
  since(resourceVersion: number): readonly WatchEvent[] | null {
    if (resourceVersion < this.floor) return null;
    return this.#events.slice(this.#firstAfter(resourceVersion));
  }

  /** Forgets the changes up to a resourceVersion. */
  forget(resourceVersion: number): void {
    const kept = this.#firstAfter(resourceVersion);
    if (kept === 0) return;
    this.floor = this.#events[kept - 1]?.resourceVersion ?? this.floor;
    this.#events = this.#events.slice(kept);
  }

  clear(resourceVersion: number): void {
    this.#events = [];
    this.floor = resourceVersion;
  }

  #firstAfter(resourceVersion: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.resourceVersion ?? 0) > resourceVersion) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
