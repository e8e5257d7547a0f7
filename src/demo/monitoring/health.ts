import type { ClusterModel } from './model/cluster-model.js';
import { lastScrape, type Target } from './targets.js';

interface Change {
  readonly from: number;
  /** null while scrapes go well. */
  readonly error: string | null;
}

/**
 * Whether scrapes of a target went well, now and before. Nobody tells when a fault begins, so it is noticed when somebody asks; what is
 * broken at the first look is taken to have been so for a while.
 */
export class TargetHealth {
  readonly #model: ClusterModel;
  readonly #changes = new Map<string, Change[]>();
  #noticedAt = Number.NEGATIVE_INFINITY;

  constructor(model: ClusterModel) {
    this.#model = model;
  }

  /** Looks at all targets and remembers what has changed since the last look. */
  notice(targets: readonly Target[]): void {
    const now = this.#model.now();
    for (const target of targets) {
      if (target.until <= now) continue;
      const key = keyOf(target);
      const error = scrapeError(this.#model, target);
      const changes = this.#changes.get(key);
      if (changes === undefined) {
        const since = downSince(this.#model, target) ?? this.#model.world.startedAt / 1000 - 400;
        const up = { from: Number.NEGATIVE_INFINITY, error: null };
        this.#changes.set(key, error === null ? [up] : [up, { from: since, error }]);
      } else if (changes.at(-1)?.error !== error) {
        // The last scrape already went as the targets page now says, unless somebody looked since.
        changes.push({ from: Math.max(this.#noticedAt, lastScrape(target, now)), error });
        if (changes.length > 200) changes.splice(1, 100);
      }
    }
    this.#noticedAt = now;
  }

  /** Why the scrape at a moment failed; null when it went well. */
  errorAt(target: Target, time: number): string | null {
    const changes = this.#changes.get(keyOf(target)) ?? [];
    for (let index = changes.length - 1; index >= 0; index--) {
      const change = changes[index];
      if (change !== undefined && change.from <= time) return change.error;
    }
    return null;
  }

  /** Whether a target was always well, so that nobody needs to ask for each moment. */
  alwaysWell(target: Target): boolean {
    return (this.#changes.get(keyOf(target)) ?? []).every(({ error }) => error === null);
  }
}

/** What a scrape of a target says right now; null when it goes well. */
export function scrapeError(model: ClusterModel, target: Target): string | null {
  const fault = model.world.faults.targetsDown.get(`${target.job}/${target.instance}`);
  if (fault !== undefined) return fault;
  const url = scrapeUrl(target);
  const machine = target.node?.machine ?? null;
  const refused = `Get "${url}": dial tcp ${target.address}: connect: connection refused`;
  // A machine that is on refuses what nobody listens on; one that is off, or of which nobody knows, says nothing.
  if (machine !== null && !machine.off) {
    if (target.job.startsWith('kubelet')) return machine.downSince === null ? null : refused;
  } else if (target.node !== null && target.node.downSince !== null) return `Get "${url}": context deadline exceeded`;
  if (target.pod !== null && target.pod.trouble !== null) return refused;
  return null;
}

export function scrapeUrl({ scheme, address, path }: Target): string {
  return `${scheme}://${address}${path}`;
}

function downSince(model: ClusterModel, target: Target): number | null {
  if (model.world.faults.targetsDown.has(`${target.job}/${target.instance}`)) return null;
  const down = target.node?.downSince ?? null;
  return down ?? target.pod?.ready.at(-1)?.to ?? target.pod?.held.at(-1)?.from ?? null;
}

function keyOf(target: Target): string {
  // A pod's address may be given out again.
  return target.job === 'inference' ? `${target.job}/${target.instance}/${target.pod?.uid}` : `${target.job}/${target.instance}`;
}
