/** A wish to change something, as plain data: which operation, and what about. Findings carry it as their fix; it can be kept and compared. */
export interface OperationRef {
  /** Id of the operation, e.g. `set-runtime-class`. */
  readonly id: string;
  readonly input: Readonly<Record<string, string>>;
}

/**
 * safe: nothing that runs is touched. disruptive: restarts something or keeps pods from being scheduled for a while. destructive: what is gone does not
 * come back. needs-reboot: takes effect at the next boot.
 */
export type Risk = 'safe' | 'disruptive' | 'destructive' | 'needs-reboot';

/** What an operation would do, read from the world as it was at `plannedAt` (ms since the epoch). Nothing has been changed yet. */
export interface Plan {
  readonly ref: OperationRef;
  /** One line in the imperative: "Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin". */
  readonly title: string;
  readonly risk: Risk;
  /** In the order in which they are done. */
  readonly items: readonly PlanItem[];
  readonly warnings: readonly string[];
  /** Why it cannot be done as things are; with any, it is not run. */
  readonly blockers: readonly string[];
  /** How to take it back, as a command or a sentence; null where that cannot be done. */
  readonly undo: string | null;
  /** What has to be typed before a destructive plan runs: the object's or the context's name. */
  readonly confirmName: string;
  /** What will have been seen when it is done: "8 of 8 GPUs of gpu-2 registered". */
  readonly goal: string;
  readonly plannedAt: number;
  /** What it needs to be told before it can be run: asked of the person, put into the input under `field`, and planned again. Secrets are kept nowhere. */
  readonly asks?: readonly { readonly field: string; readonly label: string; readonly secret: boolean }[];
  /** Shown in the place of the items, where they are too many to be read one by one. */
  readonly table?: PlanTable;
}

/** What a plan does, by groups of items: those that it changes, and beside them those that it leaves. */
export interface PlanTable {
  readonly heads: readonly string[];
  /** Which of the heads stand over numbers. */
  readonly right: readonly string[];
  readonly rows: readonly { readonly changes: boolean; readonly cells: readonly string[] }[];
  /** What stands below it: how many of how many. */
  readonly sum: string;
}

/** One change. */
export interface PlanItem {
  readonly id: string;
  /** What it is done to: `node/gpu-2`, `pod/ns/name`, `host/gpu-2`. */
  readonly object: string;
  /** In words. */
  readonly text: string;
  /** The exact request or command, secrets masked: `PATCH /apis/apps/v1/… {"spec":…}`, `gpu-2# systemctl restart kubelet`. */
  readonly exact: string;
  /** What it wins back of a disk, as measured. */
  readonly bytes?: number;
}

/** An operation under way or ended, as the screens show it; outlives the screen it was started from. */
export interface OperationRun {
  readonly id: string;
  readonly plan: Plan;
  readonly state: 'running' | 'verifying' | 'done' | 'failed' | 'cancelled';
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** By the plan's items; the order is theirs. */
  readonly items: readonly ItemProgress[];
  /** What was seen of the goal, in one sentence; null before it was looked for. */
  readonly verification: Verification | null;
}

export interface ItemProgress {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  /** What was said: the last line of output, or why it failed and what to do. */
  readonly said: string | null;
  /** What it has won back of a disk, as measured afterwards. */
  readonly bytes?: number;
}

/** Whether the goal was seen, not only asked for. */
export interface Verification {
  readonly seen: boolean;
  readonly text: string;
}
