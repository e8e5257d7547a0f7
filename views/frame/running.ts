import type { JournalEntry } from '../../src/state/journal.js';
import type { Setup } from '../../src/state/setup.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { duration } from '../../src/text/age.js';
import { count } from '../../src/text/amount.js';
import { clean } from '../../src/text/clean.js';
import { type Line, line } from '../../src/text/line.js';
import { cut } from '../../src/text/width.js';

/** What is being changed while another screen is looked at: `◌ Restart kubelet on gpu-2 1 of 2`; what has ended stays for a minute; else how much was done today. */
export function runningLine({ operations, journal, setup }: ClusterSnapshot, now: number, seesSetup = false): Line {
  const runs = operations.value ?? [];
  const [current, ...others] = runs.filter(({ endedAt }) => endedAt === null);
  if (current !== undefined) {
    const done = current.items.filter(({ state }) => state === 'done').length;
    const where = current.state === 'verifying' ? 'looking' : `${count(done)} of ${count(current.items.length)}`;
    const more = others.length === 0 ? '' : `, ${others.length} more`;
    return line(['accent', '◌ '], cut(current.plan.title, 32), ['dim', ` ${where} ${duration(now - current.startedAt)}${more}`]);
  }
  const setupSaid = seesSetup || setup.value === null ? [] : setupLine(setup.value, now);
  if (setupSaid.length > 0) return setupSaid;
  const [last] = runs;
  if (last === undefined || last.endedAt === null || now - last.endedAt > lingersMs) return journalLine(journal.value?.entries ?? [], now);
  return last.state === 'done'
    ? line(['good', '✓ '], cut(last.plan.title, 44))
    : line([last.state === 'failed' ? 'bad' : 'warn', '! '], cut(last.plan.title, 34), ['dim', `: ${last.state}`]);
}

/** A setup goes on while another screen is looked at, and waits there for somebody who comes back. */
function setupLine({ outline, cells, run, startedAt }: Setup, now: number): Line {
  const states = [...cells.values()];
  const name = cut(`Setup ${clean(outline.cluster)}`, 24);
  const troubled = states.find(({ state }) => state.state === 'failed' || state.state === 'asks');
  if (run === 'paused') {
    const why = troubled === undefined ? 'waits for you' : `${troubled.step} ${troubled.state.state} on ${clean(troubled.column)}`;
    return line(['warn', '! '], name, ': ', cut(why, 40), ['accent', ' 8']);
  }
  if (run !== 'running' && run !== 'stopping') return [];
  const applying = states.filter(({ state }) => state.state !== 'not-applicable');
  const done = applying.filter(({ state }) => state.state === 'done').length;
  return line(['accent', '◌ '], name, ['dim', ` ${count(done)} of ${count(applying.length)} ${duration(now - (startedAt ?? now))}`]);
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
