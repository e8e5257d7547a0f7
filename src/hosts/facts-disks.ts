import type { Fact, HostFilesystem } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { factOf, known, notUnderstood, underHeadings, unknown, wholeNumber } from './fact.js';
import type { ProbeAnswer } from './probe-stream.js';

type Lines = readonly string[];

/** `df -Pk` and `df -Pi` under their headings. The mount point is the last column and may hold spaces; so may the device. */
export function filesystems(lines: Lines): Fact<readonly HostFilesystem[]> {
  const groups = new Map(underHeadings(lines).map(({ title, lines: rows }) => [title, rows]));
  const inodes = new Map((groups.get('inodes') ?? []).flatMap((line) => row(line) ?? []).map((parsed) => [parsed.mount, parsed]));
  const blocks = (groups.get('blocks') ?? []).flatMap((line) => row(line) ?? []);
  if (blocks.length === 0) return notUnderstood(lines);
  return known(
    blocks.map(({ device, mount, total, free }) => {
      const counted = inodes.get(mount);
      // btrfs and vfat count no inodes and say 0.
      const counts = counted !== undefined && counted.total > 0;
      return {
        mount: clean(mount, 1024),
        device: clean(device, 512),
        sizeBytes: total * 1024,
        availableBytes: free * 1024,
        inodes: counts ? counted.total : null,
        inodesFree: counts ? counted.free : null,
      };
    }),
  );
}

function row(line: string): { readonly device: string; readonly mount: string; readonly total: number; readonly free: number } | null {
  const match = /^(.+?)\s+(\d{1,18})\s+(-?\d{1,18})\s+(-?\d{1,18})\s+(?:-|\d+%)\s+(\/.*)$/.exec(line);
  if (match === null) return null;
  // Where root's reserve is eaten into, the room that is left is given as a negative number.
  return { device: match[1] ?? '', mount: match[5] ?? '', total: Number(match[2]), free: Math.max(0, Number(match[4])) };
}

/** Sums of stores: what the script added up, what journald and the container runtime count, and what fills a file system that is a store's own. */
export function usage(answer: ProbeAnswer, disks: Fact<readonly HostFilesystem[]>): Fact<Readonly<Record<string, number>>> {
  const flat = factOf(answer, 'usage', (lines) => known(sums(lines)));
  const stores = factOf(answer, 'stores', (lines) => known({ ...sums(lines), ...journal(lines), ...imageStore(lines) }));
  const own = disks.known
    ? Object.fromEntries(disks.value.filter(({ mount }) => storeRoots.has(mount)).map((disk) => [disk.mount, disk.sizeBytes - disk.availableBytes]))
    : {};
  const all = { ...own, ...(flat.known ? flat.value : {}), ...(stores.known ? stores.value : {}) };
  if (Object.keys(all).length > 0) return known(all);
  return flat.known ? (stores.known ? unknown('nothing could be measured') : stores) : flat;
}

const storeRoots = new Set([
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/containers/storage',
  '/var/lib/docker',
  '/var/lib/kubelet',
  '/var/lib/etcd',
  '/var/log',
  '/opt/local-path-provisioner',
]);

function sums(lines: Lines): Readonly<Record<string, number>> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const match = /^bytes (\d{1,16}) (\/.*)$/.exec(line);
      return match === null ? [] : [[clean(match[2] ?? '', 512), Number(match[1])]];
    }),
  );
}

/** `Archived and active journals take up 904.1M in the file system.` */
function journal(lines: Lines): Readonly<Record<string, number>> {
  const match = /^(?:journal )?.*journals take up (\d+(?:\.\d+)?)([BKMGTPE])/.exec(lines.find((line) => line.includes('journals take up')) ?? '');
  if (match === null) return {};
  return { journal: Math.round(Number(match[1]) * 1024 ** 'BKMGTPE'.indexOf(match[2] ?? 'B')) };
}

/** crictl's JSON: `{status: {imageFilesystems: [{fsId: {mountpoint}, usedBytes: {value}}]}}`. */
function imageStore(lines: Lines): Readonly<Record<string, number>> {
  const used: [string, number][] = [];
  for (const { title, lines: text } of underHeadings(lines)) {
    if (title !== 'imagefs') continue;
    for (const filesystem of list(field(field(parsed(text.join('\n')), 'status'), 'imageFilesystems'))) {
      const mount = field(field(filesystem, 'fsId'), 'mountpoint');
      const value = field(field(filesystem, 'usedBytes'), 'value');
      const bytes = wholeNumber(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined);
      if (typeof mount === 'string' && bytes !== null) used.push([`images ${clean(mount, 512)}`, bytes]);
    }
  }
  return Object.fromEntries(used);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
