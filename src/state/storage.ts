/** A PersistentVolumeClaim. */
export interface PersistentVolumeClaim {
  readonly namespace: string;
  readonly name: string;
  readonly phase: 'Pending' | 'Bound' | 'Lost' | 'Unknown';
  readonly storageClassName: string | null;
  readonly volumeName: string | null;
  readonly requestedBytes: number | null;
  readonly createdAt: number | null;
}

export interface StorageClass {
  readonly name: string;
  readonly provisioner: string;
  readonly isDefault: boolean;
  readonly volumeBindingMode: string;
}
