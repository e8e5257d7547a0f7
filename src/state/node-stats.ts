/** The disks of a node as its kubelet measures them, or why it could not be asked. */
export type NodeStats =
  | {
      readonly status: 'seen';
      readonly node: string;
      /** ms since the epoch, this machine's clock. */
      readonly at: number;
      /** The file system of the kubelet's own folder. */
      readonly nodeFs: KubeletDisk | null;
      /** The one that images lie on; often the same. */
      readonly imageFs: KubeletDisk | null;
      /** By signal (`nodefs.available`), as its configuration has it (`10%`, `1Gi`); null where it was not told. */
      readonly evictionHard: ReadonlyMap<string, string> | null;
    }
  | { readonly status: 'unseen'; readonly node: string; readonly why: string };

export interface KubeletDisk {
  readonly sizeBytes: number;
  readonly availableBytes: number;
  /** null where the file system counts none. */
  readonly inodes: number | null;
  readonly inodesFree: number | null;
}
