import { isSameDisk, limitsOf } from '../state/disk-limits.js';
import type { NodeStats } from '../state/node-stats.js';
import type { Fix } from '../state/report.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { freeDisk, hostDisks, type Room, roomAgainst } from './host-disk.js';
import { nodeReasons } from './machine-reasons.js';
import { NotSeen, type Sight } from './sight.js';
import { counted, listed } from './wording.js';

type Seen = Extract<NodeStats, { status: 'seen' }>;

export const diskVsEviction: Check = defineCheck({
  id: 'disk-vs-eviction',
  title: 'disks have more room than the kubelet keeps free',
  severity: 'critical',
  dependsOn: [...nodeReasons, 'coming-back', 'node-ready', 'kubelet-heartbeat', 'mounts'],
  unseenIsInfo: true,
  look(sight) {
    const stats = [...(sight.peek('nodeStats')?.values() ?? [])];
    const seen = stats.filter((one) => one.status === 'seen');
    const judged = seen.map((one) => ({ node: one.node, found: judge(one, sight) }));
    const bad = judged.flatMap(({ found }) => (found === null ? [] : [found]));
    const well = judged.filter(({ found }) => found === null).map(({ node }) => node);
    const covered = new Set(seen.map(({ node }) => node));
    // df on the machines tells the same of the nodes whose kubelets say nothing.
    const fromHosts = hostDisks(sight, covered).filter(({ status }) => status === 'warn' || status === 'fail');
    const told = [...bad, ...fromHosts, ...(well.length === 0 ? [] : [{ object: 'cluster', status: 'pass' as const, message: `room on ${listed(well)}` }])];
    const silent = stats.flatMap((one) => (one.status === 'unseen' && !sight.snapshot.hosts.value?.has(one.node) ? [one] : []));
    if (silent.length > 0) told.push(...silent.map(unseen));
    return told.length > 0 ? told : nobodyTold(sight);
  },
});

/** Whether a node's kubelet tells that there is room again; what is not known is no room. */
export function hasRoom(node: string, sight: Sight): boolean {
  const stats = sight.peek('nodeStats')?.get(node);
  return stats?.status === 'seen' && judge(stats, sight) === null;
}

/** null for a node with room enough. */
function judge(stats: Seen, sight: Sight): Observation | null {
  const { node, nodeFs, imageFs } = stats;
  const stores = [
    { name: 'the disk of the kubelet', signal: 'nodefs', room: nodeFs },
    { name: 'the disk of the images', signal: 'imagefs', room: imageFs },
  ] as const;
  const judged = stores.flatMap(({ name, signal, room }) => {
    if (room === null) return [];
    const limits = limitsOf(signal, stats.evictionHard);
    return [{ name: isSameDisk(nodeFs, imageFs) ? 'the disk' : name, ...roomAgainst(room, limits), room }];
  });
  const hasPressure =
    sight
      .peek('nodes')
      ?.get(node)
      ?.conditions.some(({ type, status }) => type === 'DiskPressure' && status === 'True') ?? false;
  const graded = judged.map((one) => ({ ...one, status: grade(one.status, one.room, hasPressure, sight) }));
  const worst = graded.find(({ status }) => status === 'fail') ?? graded.find(({ status }) => status === 'warn');
  if (worst === undefined) return null;
  const fails = worst.status === 'fail';
  return {
    object: `node/${node}`,
    status: worst.status,
    severity: fails ? 'critical' : 'warning',
    message: `${node}: ${worst.name} has ${worst.text}`,
    fix: fixOf(node, sight),
    explains: fails ? [`disk/${node}`, 'disk-pressure'] : [],
  };
}

/** A node under pressure stays so for five minutes after there is room again: while there is little, the disk is the reason. */
function grade(status: 'pass' | 'warn' | 'fail', room: Room, hasPressure: boolean, { expectations }: Sight): 'pass' | 'warn' | 'fail' {
  if (status === 'fail' || (status === 'warn' && hasPressure)) return 'fail';
  const warnPercent = expectations.thresholds?.diskWarnPercent;
  if (warnPercent === undefined) return status;
  return 100 * (1 - room.availableBytes / room.sizeBytes) >= warnPercent ? 'warn' : 'pass';
}

function fixOf(node: string, sight: Sight): Fix {
  const host = [...(sight.snapshot.hosts.value?.values() ?? [])].find((candidate) => candidate.node === node);
  if (host !== undefined) return freeDisk({ name: host.name, host });
  return { summary: `Free room on ${node}: old journals, downloaded packages, images that no container uses`, command: `ssh ${node} sudo crictl rmi --prune` };
}

function unseen({ node, why }: Extract<NodeStats, { status: 'unseen' }>): Observation {
  return { object: `node/${node}`, status: 'unknown', severity: 'info', message: `${node}: its disks cannot be seen: ${why}`, explainedBy: [[`node/${node}`]] };
}

/** The machines may answer while the API server does not. */
function nobodyTold(sight: Sight): readonly Observation[] {
  const hosts = hostDisks(sight, new Set());
  if (hosts.some(({ status }) => status === 'pass')) return hosts;
  const stats = sight.see('nodeStats');
  if (stats.size === 0) return [{ object: 'cluster', status: 'skipped', message: 'no nodes' }];
  throw new NotSeen(`the disks of ${counted(stats.size, 'node')} cannot be seen`, null);
}
