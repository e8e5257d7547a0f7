import type { NodeRecovery, RecoveryStep } from '../state/recovery.js';
import { clock, clockOffset, duration } from '../text/age.js';
import { type Line, line, type Tone } from '../text/line.js';

/** The way back of one node: a line that sums it up and, while it is not complete, one for each step. `now` is ms since the epoch. */
export function recoveryLines(recovery: NodeRecovery, now: number): readonly Line[] {
  const { node, bootedAt, completeAt, steps, seenBy } = recovery;
  if (completeAt !== null) {
    const took = bootedAt === null ? 'is back' : `was back ${clock(completeAt - bootedAt)} after its reboot ${duration(now - bootedAt)} ago`;
    return [line(['good', '✓ '], `${node} ${took}`)];
  }
  const since = bootedAt === null ? 'is down' : `rebooted ${duration(now - bootedAt)} ago`;
  const shown = steps.filter(({ status }) => status !== 'skipped');
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const done = shown.filter(({ status }) => status === 'done').length;
  return [
    line(['warn', '… '], ['strong', `${node} ${since}`], ['dim', `  ${done} of ${shown.length} steps${seenBy === null ? '' : `, ${seenBy}`}`]),
    ...shown.map((step) => stepLine(step, width, bootedAt === null ? null : now - bootedAt)),
  ];
}

/** A step that was done, for a log: `gpu-2 containerd 2.3.4 +0:44`, with the usual time where it took markedly longer. */
export function stepText(node: string, { name, sinceBootMs, exact, usualMs }: RecoveryStep): string {
  if (sinceBootMs === null) return `${node} ${name}`;
  const slow = usualMs !== null && sinceBootMs > usualMs * 1.2 && sinceBootMs - usualMs > 5_000 ? ` (usually ${clockOffset(usualMs)})` : '';
  return `${node} ${name} ${exact ? '' : 'by '}${clockOffset(sinceBootMs)}${slow}`;
}

function stepLine({ name, status, fact, sinceBootMs, exact, usualMs, waitsFor }: RecoveryStep, width: number, sinceBoot: number | null): Line {
  const { mark, tone } = marks[status];
  const isOpen = status === 'open' || status === 'failed';
  const time =
    status === 'done'
      ? sinceBootMs === null
        ? ''
        : `${exact ? '' : '≤'}${clockOffset(sinceBootMs)}`
      : isOpen && sinceBoot !== null
        ? clockOffset(sinceBoot)
        : '';
  const usual = isOpen && usualMs !== null ? `usually ${clockOffset(usualMs)}, now ` : '';
  const says = status === 'waiting' && waitsFor !== null ? `waits for ${waitsFor}` : fact;
  return line('  ', [tone, `${mark} `], name.padEnd(width + 2), isOpen ? `${usual}${time}`.padEnd(8) : time.padEnd(8), ['dim', says === '' ? '' : `  ${says}`]);
}

const marks: Readonly<Record<RecoveryStep['status'], { readonly mark: string; readonly tone: Tone }>> = {
  done: { mark: '✓', tone: 'good' },
  open: { mark: '…', tone: 'accent' },
  failed: { mark: '✗', tone: 'bad' },
  waiting: { mark: '·', tone: 'dim' },
  unknown: { mark: '?', tone: 'accent' },
  skipped: { mark: '·', tone: 'dim' },
};
