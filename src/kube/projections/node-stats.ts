import type { KubeletDisk } from '../../state/node-stats.js';
import { at, isObject, number, text } from '../json.js';

/** The disks in a kubelet's /stats/summary (k8s.io/kubelet, stats/v1alpha1 Summary). */
export function projectDisks(summary: unknown): { readonly nodeFs: KubeletDisk | null; readonly imageFs: KubeletDisk | null } {
  return { nodeFs: disk(at(summary, 'node', 'fs')), imageFs: disk(at(summary, 'node', 'runtime', 'imageFs')) };
}

/** evictionHard of a kubelet's /configz (KubeletConfiguration v1beta1); null where it has none. */
export function projectEvictionHard(configz: unknown): ReadonlyMap<string, string> | null {
  const limits = at(configz, 'kubeletconfig', 'evictionHard');
  if (!isObject(limits)) return null;
  return new Map(
    Object.entries(limits).flatMap(([signal, limit]) => {
      const words = text(limit, 100);
      return words === null ? [] : [[text(signal, 100) ?? '', words] as const];
    }),
  );
}

function disk(value: unknown): KubeletDisk | null {
  const sizeBytes = number(at(value, 'capacityBytes'));
  const availableBytes = number(at(value, 'availableBytes'));
  if (sizeBytes === null || availableBytes === null || sizeBytes <= 0) return null;
  return { sizeBytes, availableBytes, inodes: number(at(value, 'inodes')), inodesFree: number(at(value, 'inodesFree')) };
}
