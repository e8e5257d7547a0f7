import type { JournalEntry } from '../../src/state/journal.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { duration } from '../../src/text/age.js';
import { count } from '../../src/text/amount.js';
import { type Line, line } from '../../src/text/line.js';
import { cut } from '../../src/text/width.js';

/** What is being changed while another screen is looked at: `◌ Restart kubelet on gpu-2 1 of 2`; what has ended stays for a minute; else how much was done today. */
export function runningLine({ operations, journal }: ClusterSnapshot, now: number): Line {
  const runs = operations.value ?? [];
  const [current, ...others] = runs.filter(({ endedAt }) => endedAt === null);
  if (current !== undefined) {
    const done = current.items.filter(({ state }) => state === 'done').length;
    const where = current.state === 'verifying' ? 'looking' : `${count(done)} of ${count(current.items.length)}`;
    const more = others.length === 0 ? '' : `, ${others.length} more`;
    return line(['accent', '◌ '], cut(current.plan.title, 32), ['dim', ` ${where} ${duration(now - current.startedAt)}${more}`]);
  }
  const [last] = runs;
  if (last === undefined || last.endedAt === null || now - last.endedAt > lingersMs) return journalLine(journal.value?.entries ?? [], now);
  return last.state === 'done'
    ? line(['good', '✓ '], cut(last.plan.title, 44))
    : line([last.state === 'failed' ? 'bad' : 'warn', '! '], cut(last.plan.title, 34), ['dim', `: ${last.state}`]);
}

const lingersMs = 60_000;
/** What was cut short is told on the row of keys for a day. */
const rememberedMs = 24 * 3_600_000;

function journalLine(entries: readonly JournalEntry[], now: number): Line {
  const interrupted = entries.find(({ at, result }) => result === 'interrupted' && now - at < rememberedMs);
  if (interrupted !== undefined) return line(['warn', '! interrupted: '], cut(interrupted.title, 24), ['accent', ' 9']);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const today = entries.filter(({ at }) => at >= midnight).length;
  return today === 0 ? [] : line(['dim', `journal: ${count(today)} today`]);
}
