import type { ClusterSnapshot } from './state/snapshot.js';

/**
 * The app's one handle on the outside world. Views read `snapshot()` and `subscribe()`; the few things a person can ask for
 * are methods here. Nothing throws after the session is open: trouble becomes a state in the snapshot.
 */
export interface Session {
  snapshot(): ClusterSnapshot;
  subscribe(listener: () => void): () => void;
  readonly readOnly: boolean;
  /** The contexts of the kubeconfig in use, in its order; `current` marks the one connected to. */
  contexts(): readonly ContextSummary[];
  /** Leaves this cluster and connects to another context of the same kubeconfig. */
  switchContext(name: string): void;
  /** Leaves whatever is there and connects to a demo cluster started in this process. */
  openDemo(scenario: string): void;
  /** The demo scenarios there are, with one line each. */
  demoScenarios(): readonly { readonly name: string; readonly summary: string }[];
  /** Looks at everything anew, at once: lists again, asks Prometheus again, counts dead pods again. */
  refresh(): void;
  /** The object as YAML, without managedFields; rejects with a sentence for the screen. Kind and name as in `node/gpu-1` or `pod/kube-system/coredns-x`. */
  yaml(object: string): Promise<string>;
  close(): Promise<void>;
}

export interface ContextSummary {
  readonly name: string;
  readonly server: string;
  readonly namespace: string | null;
  readonly current: boolean;
}
