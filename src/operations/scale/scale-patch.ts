import { at, list, number, text, time } from '../../kube/json.js';
import { KubeError } from '../../kube/kube-error.js';
import { readObject, uidOf } from '../cluster-reading.js';
import type { World } from '../operation.js';
import { fieldManager, patchTypes } from '../steps.js';
import type { WorkloadBasis } from './scale-basis.js';

/** The PATCH of a scale subresource: its exact words, a rehearsal, and the real one. */
export function scalePatch(world: World, workload: WorkloadBasis, replicas: number) {
  const { place, uid, resourceVersion } = workload;
  const body = (version: string) => ({ metadata: { uid, resourceVersion: version }, spec: { replicas } });
  const send = (version: string, dryRun: boolean, signal?: AbortSignal) =>
    world.client.request(place.scalePath, {
      method: 'PATCH',
      contentType: patchTypes.merge,
      query: { fieldManager, ...(dryRun ? { dryRun: 'All' } : {}) },
      body: body(version),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    exact: `PATCH ${place.scalePath}?fieldManager=${fieldManager} ${JSON.stringify(body(resourceVersion))}`,

    /** What the server would say, admission and webhooks included; null where it would take it. */
    async rehearse(): Promise<string | null> {
      try {
        await send(resourceVersion, true);
        return null;
      } catch (error) {
        // Its status changes all the time; whether anything that counts has changed is looked at when it is really done.
        if (error instanceof KubeError && error.kind === 'conflict') return null;
        if (error instanceof KubeError && error.status !== null && error.kind !== 'throttled') return error.message;
        throw error;
      }
    },

    /**
     * On the version that was planned on. A conflict because only its status moved on is no reason to give up; one because somebody changed its spec is, and the error
     * says what changed.
     */
    async perform(signal: AbortSignal): Promise<void> {
      let version = resourceVersion;
      for (let attempt = 1; ; attempt += 1) {
        try {
          await send(version, false, signal);
          return;
        } catch (error) {
          if (error instanceof KubeError && error.status === 404)
            throw new Error(`${place.words} is gone: it was deleted since this was planned`, { cause: error });
          if (!(error instanceof KubeError) || error.kind !== 'conflict' || attempt > 4) throw error;
          const now = await readObject(world, place.path);
          const changed = changeSince(workload, now);
          if (changed !== null) throw new Error(`${changed}; nothing was changed, plan again`, { cause: error });
          version = text(at(now, 'metadata', 'resourceVersion')) ?? '';
        }
      }
    },
  };
}

/** What is another since it was planned on; null where only its status is. */
function changeSince({ place, uid, generation, replicas, object }: WorkloadBasis, now: unknown): string | null {
  if (now === null) return `${place.words} is gone: it was deleted since this was planned`;
  if (uidOf(now) !== uid) return `${place.words} was deleted and made anew since this was planned`;
  const by = lastManager(now);
  const wanted = number(at(now, 'spec', 'replicas'));
  if (wanted !== null && wanted !== replicas) return `${place.words} was set from ${replicas} to ${wanted} replicas since this was planned${by}`;
  const newer = number(at(now, 'metadata', 'generation'));
  const same = newer === null || generation === null ? JSON.stringify(at(now, 'spec')) === JSON.stringify(at(object, 'spec')) : newer === generation;
  return same ? null : `${place.words} was changed since this was planned${by}`;
}

/** ` by kubectl-edit`: who wrote its spec last, as managedFields tell. */
export function lastManager(object: unknown): string {
  const entries = list(at(object, 'metadata', 'managedFields')).filter((entry) => at(entry, 'subresource') !== 'status');
  const [last] = [...entries].sort((a, b) => (time(at(b, 'time')) ?? 0) - (time(at(a, 'time')) ?? 0));
  const manager = text(at(last, 'manager'), 100);
  return manager === null ? '' : ` by ${manager}`;
}
