/** A kubelet's lease in kube-node-lease: renewed every 10 s while the kubelet can reach the API server. */
export interface Lease {
  readonly name: string;
  readonly holder: string | null;
  readonly renewedAt: number | null;
  readonly durationSeconds: number | null;
  /** When this program saw renewedAt change, on this machine's clock: immune to skew between the clocks. */
  readonly seenAt: number;
}
