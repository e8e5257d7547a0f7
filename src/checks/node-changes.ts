import { whyMissing } from '../state/freshness.js';
import type { NodeRecovery } from '../state/recovery.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import type { Sight } from './sight.js';

/** Worth knowing, and never bad: what a reboot changed. */
export const bootId: Check = defineCheck({
  id: 'boot-id',
  title: 'which nodes were rebooted',
  severity: 'info',
  look(sight) {
    const recovery = sight.peek('recovery');
    if (recovery === null) return [notKnown(sight, 'recovery')];
    const rebooted = recovery.nodes.filter(({ because }) => because !== 'down');
    if (rebooted.length > 0) return rebooted.map((node) => reboot(node, sight.now));
    if (isFirstVisit(sight)) return [{ object: 'cluster', status: 'skipped', message: firstVisit }];
    return [{ object: 'cluster', status: 'pass', message: 'no reboot since the last visit' }];
  },
});

export const kernelChanged: Check = defineCheck({
  id: 'kernel-changed',
  title: 'which kernels changed',
  severity: 'info',
  look(sight) {
    const visit = sight.peek('visit');
    if (visit === null) return [notKnown(sight, 'visit')];
    if (isFirstVisit(sight)) return [{ object: 'cluster', status: 'skipped', message: firstVisit }];
    const changes = visit.changes.filter(({ kind, text }) => kind === 'version' && /\bkernel\b/.test(text));
    if (changes.length === 0) return [{ object: 'cluster', status: 'pass', message: 'the kernels of the last visit' }];
    return changes.map(({ object, text }) => ({ object, status: 'pass' as const, message: `${text}: the NVIDIA driver must have a module for it` }));
  },
});

function reboot({ node, because, bootedAt }: NodeRecovery, now: number): Observation {
  const when = bootedAt === null ? '' : ` ${duration(now - bootedAt)} ago`;
  const how = because === 'boot-id' ? 'another boot id than at the last visit' : 'it booted after the last visit';
  return { object: `node/${node}`, status: 'pass', message: `${node} rebooted${when}: ${how}` };
}

function isFirstVisit(sight: Sight): boolean {
  return sight.peek('visit')?.lastVisitAt === null;
}

const firstVisit = 'nothing to compare with: this is the first visit';

function notKnown({ snapshot }: Sight, name: 'recovery' | 'visit'): Observation {
  const why = whyMissing(snapshot[name]);
  return { object: 'cluster', status: 'skipped', message: why === null || why === 'loading' ? 'the last visit is not remembered here' : why };
}
