import type { CertificateRequest } from '../../state/certificate-requests.js';
import { at, list, text, time } from '../json.js';

/** certificates.k8s.io/v1 CertificateSigningRequest of a kubelet for its own port; null for another, and for one that was approved or denied. */
export function projectCertificateRequest(object: unknown): CertificateRequest | null {
  const name = text(at(object, 'metadata', 'name'));
  if (name === null || at(object, 'spec', 'signerName') !== kubeletServing || list(at(object, 'status', 'conditions')).length > 0) return null;
  const requester = text(at(object, 'spec', 'username')) ?? '';
  return {
    name,
    requester,
    node: requester.startsWith(nodeUser) ? requester.slice(nodeUser.length) : null,
    createdAt: time(at(object, 'metadata', 'creationTimestamp')),
  };
}

const kubeletServing = 'kubernetes.io/kubelet-serving';
const nodeUser = 'system:node:';
