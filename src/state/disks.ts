import type { Risk } from './operations.js';

/** What is known of a node's disks and of what could be won back there, as measured at `at` (ms since the epoch, this machine's clock). */
export interface NodeDisks {
  readonly node: string;
  readonly at: number;
  readonly tookMs: number;
  /** How it was measured: `ssh ops@gpu-1:22`; `api` where nobody can log in, and what the API tells is an estimate. */
  readonly from: { readonly road: string } | { readonly api: true; readonly why: string };
  /** File systems as df tells them on the machine; empty where nobody could ask. */
  readonly filesystems: readonly DiskUse[];
  /** By least harm first. */
  readonly stores: readonly StoreReading[];
}

/** One row of `df`. */
export interface DiskUse {
  readonly mount: string;
  readonly device: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  /** For programs that are not root's. */
  readonly availableBytes: number;
}

/** Something that piles up on a machine, and how much of it could go. */
export interface StoreReading {
  /** `journal`, `apt`, … */
  readonly id: string;
  /** `old journal entries` */
  readonly title: string;
  /** What is lost with it, in one sentence. */
  readonly harm: string;
  readonly risk: Risk;
  /** Whether it goes unless somebody says otherwise. */
  readonly ticked: boolean;
  readonly reading: StoreSize;
}

export type StoreSize =
  | {
      readonly status: 'measured';
      readonly bytes: number;
      /** False where the number is an estimate: shared layers, what an index says. */
      readonly exact: boolean;
      /** How it was measured: `find /var/cache/apt, blocks`. */
      readonly how: string;
      /** The commands that would act, as they can be pasted into a root shell there. */
      readonly commands: readonly string[];
      /** The mount point of the file system it lies on; null where that is not known. */
      readonly mount: string | null;
      /** Where each piece is ticked by itself: images, directories. */
      readonly parts: readonly StorePart[];
      /** What to know besides, in one sentence. */
      readonly note: string | null;
    }
  /** Why not: `docker: not installed`, `needs root`. */
  | { readonly status: 'unknown'; readonly why: string };

/** A piece of a store that can be chosen by itself. */
export interface StorePart {
  /** Within its store: an image's id, a directory's name. */
  readonly id: string;
  readonly text: string;
  readonly bytes: number;
  /** safe: can be had again and nobody uses it. re-pull: can be had again, and somebody will want it. lost: what is gone does not come back. */
  readonly verdict: 'safe' | 're-pull' | 'lost';
  /** Why that verdict: `the registry has it`, `no digest: it was never pushed or pulled`. */
  readonly why: string;
  /** Who refers to it: `deployment ai/resnet50`. */
  readonly usedBy: readonly string[];
  readonly ticked: boolean;
}

/** How a file system fills, as Prometheus saw it over the last six hours. */
export interface DiskGrowth {
  readonly node: string;
  readonly mount: string;
  /** Negative where it empties. */
  readonly bytesPerHour: number;
  /** ms from `at` until nothing is left at that pace; null where it does not fill. */
  readonly fullInMs: number | null;
  readonly at: number;
}
