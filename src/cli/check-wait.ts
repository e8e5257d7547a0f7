import type { Session } from '../session.js';
import type { Stage } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { duration } from '../text/age.js';
import { type Line, line, type Tone } from '../text/line.js';
import { clockTime } from '../text/moment.js';
import { headlineOf, reportIn } from './check-report.js';
import { liveBlock } from './live-block.js';
import type { Output } from './output.js';
import { recoveryLines, stepText } from './recovery-lines.js';

export interface WaitOptions {
  readonly waitMs: number;
  readonly only: string | null;
  /** Resolves when everything that counts has been looked at once: nothing is good before. */
  readonly looked: Promise<void>;
}

/**
 * Follows the report until the verdict is good or the time is up: on a terminal the way back as a picture that is drawn over, else one line on stderr per change and
 * per step of a rebooted node that gets done. Ends at once where there is no kubeconfig to be used.
 */
export function untilGood(session: Session, { waitMs, only, looked }: WaitOptions, out: Output): Promise<void> {
  const started = Date.now();
  const teller = out.live === undefined ? lineTeller(out) : pictureTeller(out, out.live);
  return new Promise((resolve) => {
    let hasLooked = false;
    let ended = false;
    let unsubscribe: (() => void) | null = null;
    const end = () => {
      ended = true;
      clearTimeout(timer);
      clearInterval(again);
      unsubscribe?.();
      resolve();
    };
    const look = () => {
      if (ended) return;
      const snapshot = session.snapshot();
      const report = reportIn(snapshot, only);
      const { status } = snapshot.connection;
      const isGood = hasLooked && report.verdict === 'good' && status === 'connected';
      const headline = isGood ? `good after ${duration(Date.now() - started)}` : report.verdict === 'good' ? 'good so far' : headlineOf(report);
      teller(snapshot, headline, isGood);
      if (isGood || status === 'unconfigured' || status === 'unusable') end();
    };
    const timer = setTimeout(end, Math.max(0, waitMs));
    // Times go on while nothing else changes.
    const again = setInterval(look, 1000);
    void looked.then(() => {
      hasLooked = true;
      look();
    });
    unsubscribe = session.subscribe(look);
    look();
  });
}

type Teller = (snapshot: ClusterSnapshot, headline: string, isGood: boolean) => void;

function lineTeller(out: Output): Teller {
  let told = '';
  const known = new Set<string>();
  const say = (text: string) => out.stderr(`${clockTime(Date.now())} ${text}\n`);
  return ({ recovery }, headline, isGood) => {
    for (const { node, bootId, steps, completeAt, seenBy } of recovery.value?.nodes ?? []) {
      const boot = `${node} ${bootId ?? ''}`;
      // What was over before anybody looked is no news.
      if (completeAt !== null && !known.has(boot)) continue;
      known.add(boot);
      if (seenBy !== null && !known.has(`${boot} ${seenBy}`)) say(`${node} ${seenBy}`);
      if (seenBy !== null) known.add(`${boot} ${seenBy}`);
      for (const step of steps) {
        if (step.status !== 'done' || known.has(`${boot} ${step.id}`)) continue;
        known.add(`${boot} ${step.id}`);
        say(stepText(node, step));
      }
    }
    // Ages in a sentence change all the time; only another story is worth a line.
    const story = headline.replace(/ for \d[\dsmhdy]*/g, '').replace(/\d+/g, '');
    if (story !== told || isGood) say(headline);
    told = story;
  };
}

function pictureTeller(out: Output, live: NonNullable<Output['live']>): Teller {
  const block = liveBlock(out, live);
  return ({ recovery, report }, headline, isGood) => {
    const now = Date.now();
    const nodes = recovery.value?.nodes ?? [];
    const picture = nodes.length > 0 ? nodes.flatMap((node) => recoveryLines(node, now)) : (report.value?.stages ?? []).map(stageLine);
    block.draw([line(['dim', `${clockTime(now)} `], [isGood ? 'good' : 'strong', headline]), ...picture]);
  };
}

function stageLine({ name, status, fact, waitsFor }: Stage): Line {
  const { mark, tone } = waitsFor === null ? stageMarks[status] : stageMarks.skipped;
  return line('  ', [tone, `${mark} `], name.padEnd(20), ['dim', waitsFor === null ? fact : `waits for ${waitsFor}`]);
}

const stageMarks: Readonly<Record<Stage['status'], { readonly mark: string; readonly tone: Tone }>> = {
  pass: { mark: '✓', tone: 'good' },
  warn: { mark: '!', tone: 'warn' },
  fail: { mark: '✗', tone: 'bad' },
  unknown: { mark: '?', tone: 'accent' },
  skipped: { mark: '·', tone: 'dim' },
};
