/** A certificate that a kubelet asked for to serve its own port with, and that nobody has approved or denied yet. */
export interface CertificateRequest {
  readonly name: string;
  /** The node that asks, null where it is another user. */
  readonly node: string | null;
  readonly requester: string;
  readonly createdAt: number | null;
}
