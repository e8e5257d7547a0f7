import { at, listAt, textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { age, columns, type Printer } from './printer.js';

export const claimPrinter: Printer = {
  columns: columns('Name', 'Status', 'Volume', 'Capacity', 'Access Modes', 'StorageClass', 'VolumeAttributesClass', 'Age', 'VolumeMode*'),
  cells(object, now) {
    const bound = textAt(object, 'spec', 'volumeName') !== '';
    return [
      object.metadata.name,
      phase(object),
      textAt(object, 'spec', 'volumeName'),
      bound ? quantity(at(object, 'status', 'capacity', 'storage')) : '',
      bound ? accessModes(listAt(object, 'status', 'accessModes')) : '',
      textAt(object, 'spec', 'storageClassName'),
      textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>',
      age(object, now),
      textAt(object, 'spec', 'volumeMode') || '<unset>',
    ];
  },
};

export const volumePrinter: Printer = {
  columns: columns(
    'Name',
    'Capacity',
    'Access Modes',
    'Reclaim Policy',
    'Status',
    'Claim',
    'StorageClass',
    'VolumeAttributesClass',
    'Reason',
    'Age',
    'VolumeMode*',
  ),
  cells(object, now) {
    const claim = at(object, 'spec', 'claimRef');
    return [
      object.metadata.name,
      quantity(at(object, 'spec', 'capacity', 'storage')),
      accessModes(listAt(object, 'spec', 'accessModes')),
      textAt(object, 'spec', 'persistentVolumeReclaimPolicy'),
      phase(object),
      claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`,
      textAt(object, 'spec', 'storageClassName'),
      textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>',
      textAt(object, 'status', 'reason'),
      age(object, now),
      textAt(object, 'spec', 'volumeMode') || '<unset>',
    ];
  },
};

export const storageClassPrinter: Printer = {
  columns: columns('Name', 'Provisioner', 'ReclaimPolicy', 'VolumeBindingMode', 'AllowVolumeExpansion', 'Age'),
  cells(object, now) {
    const isDefault = object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
    return [
      isDefault ? `${object.metadata.name} (default)` : object.metadata.name,
      textAt(object, 'provisioner'),
      textAt(object, 'reclaimPolicy') || 'Delete',
      textAt(object, 'volumeBindingMode') || 'Immediate',
      at(object, 'allowVolumeExpansion') === true,
      age(object, now),
    ];
  },
};

export const csiDriverPrinter: Printer = {
  columns: columns('Name', 'AttachRequired:boolean', 'PodInfoOnMount:boolean', 'StorageCapacity:boolean', 'Modes', 'Age'),
  cells: (object, now) => [
    object.metadata.name,
    at(object, 'spec', 'attachRequired') !== false,
    at(object, 'spec', 'podInfoOnMount') === true,
    at(object, 'spec', 'storageCapacity') === true,
    listAt(object, 'spec', 'volumeLifecycleModes').join(',') || 'Persistent',
    age(object, now),
  ],
};

export const csiNodePrinter: Printer = {
  columns: columns('Name', 'Drivers:integer', 'Age'),
  cells: (object, now) => [object.metadata.name, listAt(object, 'spec', 'drivers').length, age(object, now)],
};

export const volumeAttachmentPrinter: Printer = {
  columns: columns('Name', 'Attacher', 'PV', 'Node', 'Attached:boolean', 'Age'),
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'spec', 'attacher'),
    textAt(object, 'spec', 'source', 'persistentVolumeName'),
    textAt(object, 'spec', 'nodeName'),
    at(object, 'status', 'attached') === true,
    age(object, now),
  ],
};

function phase(object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined ? textAt(object, 'status', 'phase') : 'Terminating';
}

function quantity(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const shortModes: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

function accessModes(modes: readonly unknown[]): string {
  return modes.map((mode) => shortModes[String(mode)] ?? '').join(',');
}
