import { defaultLimits, type RoomLimits, type Threshold, thresholdAmount } from '../state/disk-limits.js';
import type { HostFilesystem } from '../state/hosts.js';
import type { Fix } from '../state/report.js';
import { bytes, count } from '../text/amount.js';
import type { Observation } from './check.js';
import { hostObservations } from './host-check.js';
import { type Machine, onHost, told } from './host-machine.js';
import type { Sight } from './sight.js';

/** What is left of a file system. */
export interface Room {
  readonly availableBytes: number;
  readonly sizeBytes: number;
  /** null where it counts none (btrfs). */
  readonly inodesFree: number | null;
  readonly inodes: number | null;
}

/** fail: below a limit, pods are being evicted; warn: below twice that. `text` has the number that is nearest to its limit. */
export function roomAgainst(room: Room, limits: RoomLimits): { readonly status: 'pass' | 'warn' | 'fail'; readonly text: string } {
  const blocks = {
    left: room.availableBytes,
    limit: thresholdAmount(limits.available, room.sizeBytes),
    text: `${percent(room.availableBytes, room.sizeBytes)} of ${bytes(room.sizeBytes)} left, evicts below ${worded(limits.available, bytes)}`,
  };
  const inodes =
    room.inodes === null || room.inodesFree === null || room.inodes === 0
      ? null
      : {
          left: room.inodesFree,
          limit: thresholdAmount(limits.inodesFree, room.inodes),
          text: `${percent(room.inodesFree, room.inodes)} of ${count(room.inodes)} inodes left, evicts below ${worded(limits.inodesFree, count)}`,
        };
  const nearest = inodes !== null && inodes.left * blocks.limit < blocks.left * inodes.limit ? inodes : blocks;
  return { status: nearest.left < nearest.limit ? 'fail' : nearest.left < 2 * nearest.limit ? 'warn' : 'pass', text: nearest.text };
}

/** The same question for nodes whose kubelets' own numbers are not to be had, answered by df there. `covered` names the others. */
export function hostDisks(sight: Sight, covered: ReadonlySet<string>): readonly Observation[] {
  return hostObservations(
    {
      id: 'disk-vs-eviction',
      title: 'disks have room',
      severity: 'critical',
      about: 'nodes',
      good: 'room on the disks',
      look(machine) {
        if (covered.has(machine.host.node ?? machine.name)) return { status: 'pass' };
        const disks = told(machine.facts.filesystems);
        const seen = storesOf(machine).flatMap(({ path, limits }) => {
          const disk = diskOf(path, disks);
          return disk === null ? [] : [{ disk, ...roomAgainst(disk, limits) }];
        });
        const bad = [...seen].filter(({ status }) => status !== 'pass').sort((a, b) => Number(b.status === 'fail') - Number(a.status === 'fail'))[0];
        if (bad === undefined) return seen.length === 0 ? { status: 'skipped', why: 'no disk of the kubelet known there' } : { status: 'pass' };
        return {
          status: bad.status === 'fail' ? 'fail' : 'warn',
          severity: bad.status === 'fail' ? 'critical' : 'warning',
          message: `${bad.disk.mount} on ${machine.name} has ${bad.text}`,
          fix: freeDisk(machine),
          explains: bad.status === 'fail' ? [`disk/${machine.host.node ?? machine.name}`] : [],
          explainedBy: [],
        };
      },
    },
    sight,
  );
}

export function freeDisk(machine: Pick<Machine, 'name' | 'host'>): Fix {
  return {
    summary: `Free room on ${machine.name}: old journals, downloaded packages, images that no container uses`,
    command: onHost(machine, 'sudo journalctl --vacuum-size=500M; sudo apt-get clean; sudo crictl rmi --prune'),
    operation: { id: 'free-disk', input: { host: machine.name } },
  };
}

/** The kubelet's own folder and its runtime's images. Where both lie on one disk, both limits hold for it. */
function storesOf({ runtime }: Machine): readonly { readonly path: string; readonly limits: RoomLimits }[] {
  const images = runtime === 'crio' ? '/var/lib/containers/storage' : '/var/lib/containerd';
  return [
    { path: '/var/lib/kubelet', limits: defaultLimits.nodefs },
    { path: images, limits: defaultLimits.imagefs },
  ];
}

/** The file system that a path lies on: the longest mount point in front of it. */
function diskOf(path: string, disks: readonly HostFilesystem[]): HostFilesystem | null {
  const above = disks.filter(({ mount }) => mount === '/' || path === mount || path.startsWith(`${mount}/`));
  return [...above].sort((a, b) => b.mount.length - a.mount.length)[0] ?? null;
}

function worded(threshold: Threshold, amount: (value: number) => string): string {
  return 'share' in threshold ? `${Number((threshold.share * 100).toFixed(1))} %` : amount(threshold.amount);
}

function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return `${share >= 10 ? Math.floor(share) : Number(share.toFixed(1))} %`;
}
