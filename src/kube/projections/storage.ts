import type { PersistentVolumeClaim, StorageClass } from '../../state/storage.js';
import { quantityOrNull } from '../../text/quantity.js';
import { at, text, time } from '../json.js';

/** v1.PersistentVolumeClaim, slim; null for something without a name. */
export function projectPersistentVolumeClaim(object: unknown): PersistentVolumeClaim | null {
  const metadata = at(object, 'metadata');
  const name = text(at(metadata, 'name'));
  if (name === null) return null;
  const phase = at(object, 'status', 'phase');
  return {
    namespace: text(at(metadata, 'namespace')) ?? '',
    name,
    phase: phase === 'Pending' || phase === 'Bound' || phase === 'Lost' ? phase : 'Unknown',
    storageClassName: text(at(object, 'spec', 'storageClassName')) ?? text(at(metadata, 'annotations', 'volume.beta.kubernetes.io/storage-class')),
    volumeName: text(at(object, 'spec', 'volumeName')),
    requestedBytes: quantityOrNull(at(object, 'spec', 'resources', 'requests', 'storage')),
    createdAt: time(at(metadata, 'creationTimestamp')),
  };
}

/** storage.k8s.io/v1 StorageClass, slim; null for something without a name. */
export function projectStorageClass(object: unknown): StorageClass | null {
  const metadata = at(object, 'metadata');
  const name = text(at(metadata, 'name'));
  if (name === null) return null;
  const marked = (annotation: string) => at(metadata, 'annotations', annotation) === 'true';
  return {
    name,
    provisioner: text(at(object, 'provisioner')) ?? '',
    isDefault: marked('storageclass.kubernetes.io/is-default-class') || marked('storageclass.beta.kubernetes.io/is-default-class'),
    volumeBindingMode: text(at(object, 'volumeBindingMode')) ?? 'Immediate',
  };
}
