import type { OperationRef } from './operations.js';

/** What the post-reboot checklist found, as the screens and `check` show it. */
export interface CheckReport {
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<CheckStatus, number>>;
  readonly findings: readonly Finding[];
  /** The road back from a reboot, step by step, in the order in which things depend on each other. */
  readonly stages: readonly Stage[];
  /** The failing and warning findings that nothing else explains, worst first, each with what follows from it. */
  readonly causes: readonly Cause[];
}

/** good: all passed or skipped; degraded: only warnings; failed: a critical check failed; unknown: too little could be seen to say. */
export type Verdict = 'good' | 'degraded' | 'failed' | 'unknown';
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'unknown' | 'skipped';
export type Severity = 'critical' | 'warning' | 'info';

export interface Finding {
  /** Id of the check, e.g. `gpu-count`. */
  readonly id: string;
  /** What it is about: `node/gpu-2`, `daemonset/kube-system/nvidia-device-plugin`, or `cluster`. */
  readonly object: string;
  readonly status: CheckStatus;
  readonly severity: Severity;
  /** One sentence with the numbers. */
  readonly message: string;
  readonly fix: Fix | null;
  /** What was read that shows it: a log line, a condition, a number with its limit. Left out where the message has it all. */
  readonly evidence?: readonly Evidence[];
}

export interface Evidence {
  /** "log of pod kube-system/nvidia-device-plugin-x7k2p", "swapon on gpu-1". */
  readonly source: string;
  readonly text: string;
}

export interface Fix {
  readonly summary: string;
  /** A command a person could paste, or null where only a human can act. */
  readonly command: string | null;
  /** The operation that does it from here; left out where only a command or a human can. */
  readonly operation?: OperationRef;
}

export interface Cause {
  readonly finding: Finding;
  readonly follows: readonly Finding[];
}

/** One step of the road back: a group of checks. */
export interface Stage {
  /** As people call it: "API server", "pod network", "GPUs registered". */
  readonly name: string;
  readonly status: CheckStatus;
  /** The number or name that says it all: "3 of 3", "calico-node 2 of 3", "not installed". */
  readonly fact: string;
  /** The step before it that is not done and explains why this one is not; null otherwise. */
  readonly waitsFor: string | null;
}
