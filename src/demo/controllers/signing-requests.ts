import { listAt, textAt } from '../fields.js';
import { statusOf, writeStatus } from './objects.js';
import { workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Issues what was approved: a CertificateSigningRequest with that condition gets a certificate, as the controller manager's signers do it. */
export function startSigningRequests(world: World): (() => void)[] {
  const queue = workQueue(world, (name) => {
    const request = world.store.get(resource, name);
    if (request === null || textAt(request, 'status', 'certificate') !== null) return;
    const approved = listAt(request, 'status', 'conditions').some((condition) => textAt(condition, 'type') === 'Approved');
    if (approved) writeStatus(world.store, resource, request, { ...statusOf(request), certificate });
  });
  return [world.store.subscribe(resource, ({ type, object }) => (type === 'DELETED' ? undefined : queue.add(object.metadata.name)))];
}

const resource = 'certificatesigningrequests.certificates.k8s.io';

/** Nobody opens it: the demo's kubelets show none. */
const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n').toString('base64');
