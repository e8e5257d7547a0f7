import type { Fix } from './report.js';

/** A known failure signature met in what some part of the cluster said. */
export interface Diagnosis {
  /** Id of the signature, e.g. `driver-library-mismatch`. */
  readonly signature: string;
  /** Where: `pod/ns/name`, `node/name`, `unit/node/name`, `target/job/instance`, `event/…`. */
  readonly object: string;
  /** Tags of findings that it explains: `node/gpu-2`, `daemonset/kube-system/nvidia-device-plugin`, `pod/ns/name`, `gpus/gpu-2`. */
  readonly tags: readonly string[];
  /** "log of container nvidia-device-plugin-ctr", "unit kubelet.service", "kernel log", "event FailedScheduling". */
  readonly source: string;
  /** The line that matched, cleaned. */
  readonly line: string;
  /** The words in it that matched, where they are few. */
  readonly said?: string;
  readonly cause: string;
  readonly fix: Fix;
  /** ms since the epoch where the line has a time. */
  readonly at: number | null;
}
