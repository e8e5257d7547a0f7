/** What is different from the last visit to this context. */
export interface VisitChanges {
  /** ms since the epoch; null at the first visit. */
  readonly lastVisitAt: number | null;
  /** Worst first; none when all is as it was. */
  readonly changes: readonly VisitChange[];
  /** Why earlier visits could not be read, or this one not be kept; null while all is well. */
  readonly problem: string | null;
  /** What a person may want to store as what is expected, after the first good run: a sentence, and the settings it would set (path and value as a person types it). */
  readonly offer: { readonly text: string; readonly fields: readonly { readonly path: string; readonly value: string }[] } | null;
}

export interface VisitChange {
  readonly kind: 'reboot' | 'node' | 'gpus' | 'version' | 'target' | 'pods' | 'machine';
  readonly object: string;
  /** "gpu-2 rebooted 1×", "kernel of gpu-2 6.8.0-90 → 6.8.0-94", "412 pods evicted on gpu-1". */
  readonly text: string;
  readonly tone: 'good' | 'plain' | 'warn' | 'bad';
}
