import { threshold } from '../config/thresholds.js';
import type { Fix } from '../state/report.js';
import { duration } from '../text/age.js';
import type { Observation } from './check.js';
import { hostObservations } from './host-check.js';
import { type Machine, onHost, told } from './host-machine.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

/** Certificates on the machines' disks, for the check `certs`: those that kubeadm renews, and the kubelets' own. */
export function hostCertificates(sight: Sight): readonly Observation[] {
  const { thresholds } = sight.expectations;
  const warnDays = threshold(thresholds, 'certsWarnDays');
  const criticalDays = threshold(thresholds, 'certsCriticalDays');
  return hostObservations(
    {
      id: 'certs',
      title: 'certificates last',
      severity: 'critical',
      about: 'nodes',
      good: 'certificates last',
      look(machine) {
        const { certificates } = machine.facts;
        if (!certificates.known && certificates.why.startsWith('/etc/kubernetes/pki: not found'))
          return { status: 'skipped', why: 'no certificates of kubeadm there' };
        const ending = told(certificates)
          .filter(({ endsAt }) => endsAt - sight.now < warnDays * day)
          .sort((a, b) => a.endsAt - b.endsAt);
        const [first] = ending;
        if (first === undefined) return { status: 'pass' };
        const left = first.endsAt - sight.now;
        const others = ending.length === 1 ? '' : `, and ${ending.length - 1} more within ${warnDays} days`;
        const ends = left <= 0 ? `ended ${duration(-left)} ago` : `ends in ${duration(left)}`;
        const kubelet = first.path.startsWith('/var/lib/kubelet');
        return {
          status: left < criticalDays * day ? 'fail' : 'warn',
          severity: left < criticalDays * day ? 'critical' : 'warning',
          message: `The certificate ${first.path.replace(/^\/(?:etc\/kubernetes|var\/lib\/kubelet)\/(?:pki\/)?/, '')} of ${machine.name} ${ends}${others}`,
          evidence: [
            {
              source: `certificates of ${machine.name}`,
              text: listed(
                ending.map(({ path, endsAt }) => `${path} ${new Date(endsAt).toISOString().slice(0, 10)}`),
                6,
              ),
            },
          ],
          fix: kubelet ? kubeletFix(machine) : kubeadmFix(machine),
          explains: left <= 0 ? [kubelet ? machine.object : 'api'] : [],
        };
      },
    },
    sight,
  );
}

function kubeletFix(machine: Machine): Fix {
  return {
    summary: `The kubelet of ${machine.name} renews it by itself while it reaches the API server: restart it`,
    command: onHost(machine, 'sudo systemctl restart kubelet'),
    operation: { id: 'restart-unit', input: { host: machine.name, unit: 'kubelet.service' } },
  };
}

function kubeadmFix(machine: Machine): Fix {
  return {
    summary: `Renew all certificates on ${machine.name}, then restart its static pods`,
    command: onHost(machine, 'sudo kubeadm certs renew all'),
    operation: { id: 'renew-certificates', input: { host: machine.name } },
  };
}

const day = 24 * 60 * 60_000;
