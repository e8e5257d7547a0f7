import { threshold } from '../config/thresholds.js';
import type { Observation } from './check.js';
import { hostObservations } from './host-check.js';
import { onHost, told } from './host-machine.js';
import type { Sight } from './sight.js';

/** What the machines say of their own clocks, for the check `time-sync`; nothing where none can be looked at. */
export function hostClocks(sight: Sight): readonly Observation[] {
  const found = hostObservations(
    {
      id: 'time-sync',
      title: 'clocks agree',
      severity: 'warning',
      about: 'all',
      good: 'clock kept by NTP',
      look(machine) {
        const synchronized = told(machine.facts.timeSynchronized);
        const { clockSkewMs } = machine.facts;
        const skew = clockSkewMs.known ? clockSkewMs.value / 1000 : 0;
        const off = Math.abs(skew) > threshold(sight.expectations.thresholds, 'clockSkewSeconds');
        if (synchronized && !off) return { status: 'pass' };
        const by = `${Math.abs(skew).toFixed(0)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's`;
        return {
          status: 'warn',
          message: synchronized
            ? `The clock of ${machine.name} is ${by}, though it says that NTP keeps it`
            : `The clock of ${machine.name} is not kept by NTP${off ? `, and ${by}` : ''}`,
          fix: {
            summary: `Let NTP keep the clock of ${machine.name}: skew breaks joins, certificates and etcd`,
            command: onHost(machine, 'sudo timedatectl set-ntp true'),
            operation: { id: 'time-sync', input: { host: machine.name } },
          },
        };
      },
    },
    sight,
  );
  return found.some(({ status }) => status !== 'skipped') ? found.filter(({ status }) => status !== 'skipped') : [];
}
