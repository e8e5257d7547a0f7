import type { Session } from '../session.js';
import { machinesSettled } from './machines-settled.js';

/** Resolves when the machines have told what they can and the report has it, or when they have had their time: longer than that nobody waits for a verdict. */
export async function machinesLooked(session: Session): Promise<void> {
  const { connection } = session.snapshot();
  if (connection.status === 'unconfigured' || connection.status === 'unusable') return;
  await machinesSettled(session, connection.status === 'lost' ? lostMs : reachedMs);
  if (session.snapshot().hosts.value !== null) await reportRenewed(session);
}

const reachedMs = 8_000;
const lostMs = 5_000;

/** Resolves at the next report, or when it would be there if it said anything new: it is worked out each second. */
export function reportRenewed(session: Session): Promise<void> {
  const before = session.snapshot().report;
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(end, 1_200);
    const unsubscribe = session.subscribe(() => {
      if (session.snapshot().report !== before) end();
    });
  });
}

/** Resolves when the report has not changed for `quietMs` or is good, and after `limitMs` in any case. */
export function reportSettled(session: Session, quietMs: number, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = session.snapshot().report;
    if (seen.value?.verdict === 'good') return resolve();
    const end = () => {
      clearTimeout(limit);
      clearTimeout(quiet);
      unsubscribe();
      resolve();
    };
    const limit = setTimeout(end, limitMs);
    let quiet = setTimeout(end, quietMs);
    const unsubscribe = session.subscribe(() => {
      const { report } = session.snapshot();
      if (report === seen) return;
      seen = report;
      if (report.value?.verdict === 'good') return end();
      clearTimeout(quiet);
      quiet = setTimeout(end, quietMs);
    });
  });
}
