import type { HostFacts } from '../../../src/state/hosts.js';
import { duration } from '../../../src/text/age.js';
import { bytes } from '../../../src/text/amount.js';
import { bar } from '../../../src/text/bar.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { facts, type Section, table } from '../../widgets/sections.js';

/** The kubelet evicts from 85 % on (imagefs) and 90 % (nodefs) by default. */
const fullFrom = 0.9;
const nearlyFullFrom = 0.8;
const day = 86_400_000;

/** File systems with how full they are, the fullest first, and what takes the room. */
export function diskSection({ filesystems, usage }: HostFacts): Section {
  return {
    title: 'Disks',
    lines: (width) => {
      if (!filesystems.known) return [line(['dim', `not known: ${filesystems.why}`])];
      const rows = [...filesystems.value]
        .sort((a, b) => a.availableBytes / a.sizeBytes - b.availableBytes / b.sizeBytes)
        .map(({ mount, sizeBytes, availableBytes, inodes, inodesFree }) => {
          const full = sizeBytes === 0 ? 0 : 1 - availableBytes / sizeBytes;
          const inodesFull = inodes === null || inodesFree === null || inodes === 0 ? null : 1 - inodesFree / inodes;
          return [
            line(mount),
            meter(full),
            line(`${bytes(availableBytes)} free`),
            inodesFull !== null && inodesFull >= nearlyFullFrom ? line([toneOf(inodesFull), `inodes ${Math.round(inodesFull * 100)}%`]) : line(''),
          ];
        });
      return [...table(['', 'FULL', 'FREE', ''], rows, width), ...usageLines(usage, width)];
    },
  };
}

/** When each certificate ends, the first to end first. */
export function certificateSection({ certificates }: HostFacts, now: number): Section {
  return {
    title: 'Certificates',
    lines: (width) => {
      if (!certificates.known) return [line(['dim', `not known: ${certificates.why}`])];
      if (certificates.value.length === 0) return [line(['dim', 'none found'])];
      const sorted = [...certificates.value].sort((a, b) => a.endsAt - b.endsAt);
      return facts(
        sorted.slice(0, 12).map(({ path, endsAt }) => {
          const left = endsAt - now;
          const tone: Tone = left <= 0 ? 'bad' : left < 30 * day ? 'warn' : 'plain';
          return [short(path), line([tone, left <= 0 ? `✗ ended ${duration(-left)} ago` : `${left < 30 * day ? '! ' : ''}${duration(left)} left`])];
        }),
        width,
      );
    },
  };
}

function usageLines(usage: HostFacts['usage'], width: number): readonly Line[] {
  if (!usage.known) return [line(['dim', `stores not known: ${usage.why}`])];
  const largest = Object.entries(usage.value).sort(([, a], [, b]) => b - a);
  return largest.length === 0
    ? []
    : facts(
        largest.slice(0, 6).map(([store, size]) => [store, bytes(size)]),
        width,
      );
}

function meter(full: number): Line {
  const drawn = bar(full, 10);
  const filled = drawn.replaceAll('░', '');
  return line([toneOf(full), filled], ['dim', drawn.slice(filled.length)], ` ${String(Math.round(full * 100)).padStart(3)}%`);
}

function toneOf(full: number): Tone {
  return full >= fullFrom ? 'bad' : full >= nearlyFullFrom ? 'warn' : 'good';
}

/** The directories that every certificate of a kubeadm cluster lies in say nothing. */
function short(path: string): string {
  return path.replace(/^\/etc\/kubernetes\/pki\//, '').replace(/^\/var\/lib\/kubelet\/pki\//, '');
}
