/** The road back of every node that was rebooted lately, the newest reboot first. */
export interface Recovery {
  readonly nodes: readonly NodeRecovery[];
}

export interface NodeRecovery {
  readonly node: string;
  readonly bootId: string | null;
  /** ms since the epoch by our clock; null while nobody could say. */
  readonly bootedAt: number | null;
  /** How it is known: another boot id than last time, a boot after the last visit, or a node that is down now. */
  readonly because: 'boot-id' | 'younger-than-visit' | 'down';
  /** In the order in which they follow. */
  readonly steps: readonly RecoveryStep[];
  /** When the last step was reached; null while some are open. */
  readonly completeAt: number | null;
  /** Where the words come from while the API server is silent: "API server refused, seen over SSH"; null while it answers. */
  readonly seenBy: string | null;
}

export interface RecoveryStep {
  /** `ssh`, `driver`, `runtime`, `kubelet`, `api-server`, `node-ready`, `pod-network`, `dns`, `device-plugin`, `gpus`, `exporters`, `targets`, `workloads`. */
  readonly id: string;
  /** "containerd 2.3.4", "pod network (calico)". */
  readonly name: string;
  /**
   * done: seen. open: not yet, and nothing stands before it. failed: a check says what is wrong. waiting: for the step named in `waitsFor`. unknown: nobody can
   * look now. skipped: does not apply here.
   */
  readonly status: 'done' | 'open' | 'failed' | 'waiting' | 'unknown' | 'skipped';
  /** The number or the words that say it all: "8 of 8", "heartbeat 4 s ago". */
  readonly fact: string;
  /** ms from boot to when it was first seen done; null where it is not done, or was done before anybody looked. */
  readonly sinceBootMs: number | null;
  /** Whether `sinceBootMs` is the moment itself (the cluster or the host told), or only when we first looked. */
  readonly exact: boolean;
  /** Median of earlier reboots of this node, ms; null without any. */
  readonly usualMs: number | null;
  /** Name of the step it waits for. */
  readonly waitsFor: string | null;
}
