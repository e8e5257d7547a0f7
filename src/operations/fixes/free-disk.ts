import type { HostFilesystem } from '../../state/hosts.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { bytes } from '../../text/amount.js';
import { counted } from '../../text/wording.js';
import { Blocked, defineFix, fieldForms } from '../fix.js';
import { nodeOf } from '../gpu-pods.js';
import { ask, factValue, hasProgram, type Machine, reachMachine } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { type Change, commandChange } from '../steps.js';
import { factsSince, lookFor, missingFacts } from '../verification.js';

/** Below this share the kubelet begins to evict (nodefs.available); with less than it the machine is no better off. */
const enough = 0.1;

/** Wins back disk space from what can be fetched or made again: old journal entries, downloaded packages, images that no container uses. */
export const freeDisk: Operation = defineFix({
  id: 'free-disk',
  title: 'win back disk space',
  fields: { host: fieldForms.host },
  headline: (field) => `Win back disk space on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const root = fullest(machine);
    const images = await unusedImages(machine);
    const changes = await winnings(machine, images);
    if (changes.length === 0) throw new Blocked(`there is neither journalctl nor apt-get nor crictl on ${host}`);
    const pressed = hasDiskPressure(world.snapshot(), host);
    const goal = `${root === null ? `the disks of ${host} have` : `${root.mount} of ${host} has`} more than ${enough * 100} % free`;
    return {
      risk: images === null ? 'safe' : 'disruptive',
      changes,
      warnings: [
        ...(root === null ? [] : [`${root.mount} has ${free(root)}`]),
        ...(images === null
          ? []
          : [
              `${images === 0 ? 'images' : counted(images, 'image')} that no container uses ${images === 1 ? 'goes' : 'go'}: the next pod that needs one fetches it again, which takes minutes for one of gigabytes`,
            ]),
        ...(pressed ? ['the node keeps its DiskPressure for five minutes after there is room again'] : []),
        'what other programs have put on the disk (Docker, models, local volumes) stays',
      ],
      undo: null,
      goal,
      async verify(seen, signal) {
        const since = Date.now();
        const result = await lookFor(seen, signal, {
          within: 60_000,
          goal,
          missing: missingFacts(host, since, (facts) => {
            const now = factValue(facts.filesystems)?.find(({ mount }) => mount === (root?.mount ?? '/'));
            if (now === undefined) return `how full the disks of ${host} are cannot be seen`;
            return now.availableBytes / now.sizeBytes > enough ? null : `${won(root, now)}, but ${now.mount} of ${host} still has only ${free(now)}`;
          }),
        });
        const now = factValue(factsSince(seen.snapshot(), host, since)?.filesystems)?.find(({ mount }) => mount === (root?.mount ?? '/'));
        return result.seen && now !== undefined ? { seen: true, text: `${won(root, now)}: ${now.mount} of ${host} has ${free(now)}` } : result;
      },
    };
  },
});

async function winnings(machine: Machine, images: number | null): Promise<readonly Change[]> {
  const host = machine.name;
  const journal = await journalSize(machine);
  return [
    ...(journal === null
      ? []
      : [commandChange({ host, text: `Cut the journal to 500 MB (now ${journal})`, argv: ['journalctl', '--vacuum-size=500M'], timeoutMs: 120_000 })]),
    ...((await hasProgram(machine, ['apt-get', '--version'])) ? [commandChange({ host, text: 'Remove downloaded packages', argv: ['apt-get', 'clean'] })] : []),
    ...(images === null ? [] : [commandChange({ host, text: 'Remove images that no container uses', argv: ['crictl', 'rmi', '--prune'], timeoutMs: 600_000 })]),
  ];
}

async function journalSize(machine: Machine): Promise<string | null> {
  try {
    const text = await ask(machine, ['journalctl', '--disk-usage'], { sudo: true });
    return text === null ? null : (/take up ([\d.]+\s?[KMGT]?B?)/.exec(text)?.[1] ?? 'of unknown size');
  } catch {
    return null;
  }
}

/** Images less containers: at least so many go. 0 where it cannot be told, null without crictl. */
async function unusedImages(machine: Machine): Promise<number | null> {
  if (!(await hasProgram(machine, ['crictl', 'ps', '-q'], { sudo: true }))) return null;
  const lines = (text: string | null) => new Set((text ?? '').split('\n').filter((line) => line.trim() !== '')).size;
  const images = lines(await ask(machine, ['crictl', 'images', '-q'], { sudo: true }));
  return Math.max(0, images - lines(await ask(machine, ['crictl', 'ps', '-q'], { sudo: true })));
}

/** The filesystem with the smallest share left among those that hold the system, containers and their logs. */
function fullest({ facts }: Machine): HostFilesystem | null {
  const relevant = (factValue(facts?.filesystems) ?? []).filter(({ mount }) => /^\/(?:var(?:\/(?:lib|log)(?:\/.*)?)?)?$/.test(mount));
  return [...relevant].sort((a, b) => a.availableBytes / a.sizeBytes - b.availableBytes / b.sizeBytes)[0] ?? null;
}

function hasDiskPressure(snapshot: ClusterSnapshot, host: string): boolean {
  const node = snapshot.nodes.value?.get(nodeOf(snapshot, host) ?? '');
  return node?.conditions.some(({ type, status }) => type === 'DiskPressure' && status === 'True') === true;
}

function free({ availableBytes, sizeBytes }: HostFilesystem): string {
  return `${bytes(availableBytes)} of ${bytes(sizeBytes)} free (${Math.floor((availableBytes / sizeBytes) * 100)} %)`;
}

function won(before: HostFilesystem | null, after: HostFilesystem): string {
  return before === null || after.availableBytes <= before.availableBytes ? 'nothing much won' : `won ${bytes(after.availableBytes - before.availableBytes)}`;
}
