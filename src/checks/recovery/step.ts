import type { NodeSight } from './node-sight.js';

/** A step of the way back, as one look sees it. */
export interface StepSeen {
  readonly name: string;
  readonly state: 'done' | 'open' | 'unknown' | 'skipped';
  readonly fact: string;
  /** When it was done, where the source itself tells; ms since the epoch. */
  readonly doneAt?: number | null;
  /** When we saw it first, where that is known better than by this look. */
  readonly seenAt?: number;
  /** It will not come by itself: a crash loop, a failed unit. */
  readonly broken?: boolean;
  /** It runs on other nodes: the boot of this one did not end it. */
  readonly elsewhere?: boolean;
  /** What it needs in this state, where that is not the usual. */
  readonly needs?: readonly string[];
}

export interface Step {
  readonly id: string;
  /** Ids of the steps that can hold it up. */
  readonly needs: readonly string[];
  /** Checks that say what is wrong when it does not come. */
  readonly checks: readonly string[];
  /** How long after what it needs it may take, ms, before what the checks say counts. */
  readonly patienceMs: number;
  /** null where the node has no such step. */
  look(sight: NodeSight): StepSeen | null;
}
