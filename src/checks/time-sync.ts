import { threshold } from '../config/thresholds.js';
import type { Lease } from '../state/leases.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { hostClocks } from './host-clock.js';
import { sawItChange } from './kubelet-heartbeat.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

export const timeSync: Check = defineCheck({
  id: 'time-sync',
  title: 'clocks agree',
  severity: 'warning',
  dependsOn: ['hosts', 'coming-back', 'node-ready', 'kubelet-heartbeat'],
  look(sight) {
    const onHosts = hostClocks(sight);
    // Without leases there is still what the machines themselves say.
    if (onHosts.length > 0 && sight.peek('leases') === null) return onHosts;
    const byLeases = leaseClocks(sight);
    const told = new Set(byLeases.filter(({ status }) => status === 'warn').map(({ object }) => object));
    const more = onHosts.filter(({ object, status }) => status === 'warn' && !told.has(object));
    // Leases tell less than the machines: one line is enough where both are well.
    const well = byLeases.every(({ status }) => status === 'pass' || status === 'skipped');
    return well && onHosts.length > 0 ? onHosts : [...byLeases, ...more];
  },
});

function leaseClocks(sight: Sight): readonly Observation[] {
  const { connection } = sight.snapshot;
  const leases = [...sight.see('leases').values()].filter((lease) => sight.now - lease.seenAt < 60_000 && lease.renewedAt !== null);
  if (leases.length === 0 || connection.status !== 'connected') return [{ object: 'cluster', status: 'skipped', message: 'no kubelet is renewing its lease' }];
  const newest = Math.max(...leases.map((lease) => lease.renewedAt ?? 0));
  const skews = leases.map((lease) => ({ name: lease.name, seconds: skewOf(lease, newest, connection.since) }));
  const off = skews.filter(({ seconds }) => seconds !== null && Math.abs(seconds) > threshold(sight.expectations.thresholds, 'clockSkewSeconds'));
  if (off.length === 0) return [{ object: 'cluster', status: 'pass', message: 'within what can be told from the leases' }];
  if (off.length === leases.length && leases.length > 1) return [everyOther(off.map(({ seconds }) => seconds ?? 0))];
  return off.map(({ name, seconds }) => oneOff(name, seconds ?? 0));
}

/**
 * Seconds by which a node's clock is ahead of this machine's; null where that cannot be told. A lease that we saw change was renewed just
 * then. On the first list it may be up to ten seconds old, and much older where the kubelet is silent, which only the other leases can tell.
 */
function skewOf(lease: Lease, newest: number, connectedAt: number): number | null {
  const ahead = ((lease.renewedAt ?? 0) - lease.seenAt) / 1000;
  if (sawItChange(lease, connectedAt) || ahead > 0) return ahead;
  const silent = newest - (lease.renewedAt ?? 0) > 20_000;
  return ahead < -12 && !silent ? ahead + 5 : null;
}

function oneOff(name: string, seconds: number): Observation {
  return {
    object: `node/${name}`,
    status: 'warn',
    message: `The clock of ${name} is ${Math.abs(seconds).toFixed(0)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`,
    fix: {
      summary: 'Let both keep time with NTP: skew breaks joins, certificates and etcd',
      command: `ssh ${name} sudo timedatectl set-ntp true`,
      operation: { id: 'time-sync', input: { host: name } },
    },
    explainedBy: [[`node/${name}`]],
  };
}

function everyOther(skews: readonly number[]): Observation {
  const seconds = [...skews].sort((a, b) => a - b)[Math.floor(skews.length / 2)] ?? 0;
  return {
    object: 'cluster',
    status: 'warn',
    message: `This machine's clock is ${Math.abs(seconds).toFixed(0)} s ${seconds > 0 ? 'behind' : 'ahead of'} those of all nodes${skews.length > 1 ? ` (${listed(skews.map((skew) => `${(-skew).toFixed(0)} s`))})` : ''}`,
    fix: { summary: 'Let this machine keep time with NTP', command: 'sudo timedatectl set-ntp true' },
  };
}
