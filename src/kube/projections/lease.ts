import type { Lease } from '../../state/leases.js';
import { at, number, text, time } from '../json.js';

/** coordination.k8s.io/v1 Lease of a kubelet; null for something without a name. `seenAt` moves only when the kubelet renewed it. */
export function projectLease(object: unknown, previous: Lease | undefined, now: number): Lease | null {
  const name = text(at(object, 'metadata', 'name'));
  if (name === null) return null;
  const renewedAt = time(at(object, 'spec', 'renewTime'));
  return {
    name,
    holder: text(at(object, 'spec', 'holderIdentity')),
    renewedAt,
    durationSeconds: number(at(object, 'spec', 'leaseDurationSeconds')),
    seenAt: previous !== undefined && previous.renewedAt === renewedAt ? previous.seenAt : now,
  };
}
