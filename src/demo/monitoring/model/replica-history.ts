import type { KubeObject, ObjectStore, WatchEvent } from '../../api/object-store.js';
import { numberAt } from '../../fields.js';
import { type Steps, stepAt } from './steps.js';

/** Numbers of a Deployment whose past charts want to show. */
const fields = {
  spec: ['replicas'],
  status: ['replicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'updatedReplicas'],
} as const;

// An experiment changes them a few times an hour; what is older than this many changes is let go.
const mostSteps = 500;

/** Remembers how the replicas of Deployments changed since the start. */
export class ReplicaHistory {
  readonly #steps = new Map<string, Steps<number>>();
  readonly #stop: () => void;

  /** @param now seconds since 1970 */
  constructor(store: ObjectStore, now: () => number) {
    this.#stop = store.subscribe('deployments.apps', (event) => this.#note(event, now()));
  }

  /** One of those numbers at a moment (seconds); null where nothing has changed yet, and what the object says holds. */
  at(deployment: KubeObject, part: 'spec' | 'status', field: string, time: number): number | null {
    const steps = this.#steps.get(keyOf(deployment, part, field));
    return steps === undefined ? null : (stepAt(steps, time) ?? null);
  }

  close(): void {
    this.#stop();
  }

  #note({ object, previous }: WatchEvent, now: number): void {
    if (previous === null) return;
    for (const part of ['spec', 'status'] as const) {
      for (const field of fields[part]) {
        const [before, after] = [numberAt(previous, part, field) ?? 0, numberAt(object, part, field) ?? 0];
        if (before === after) continue;
        const key = keyOf(object, part, field);
        const known = this.#steps.get(key) ?? [{ from: Number.NEGATIVE_INFINITY, value: before }];
        this.#steps.set(key, [...known.slice(-mostSteps), { from: now, value: after }]);
      }
    }
  }
}

function keyOf({ metadata }: KubeObject, part: string, field: string): string {
  return `${metadata.uid}/${part}/${field}`;
}
