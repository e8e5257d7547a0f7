import type { Lease } from '../state/leases.js';
import { type Node, readiness } from '../state/nodes.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { nodeReasons } from './machine-reasons.js';
import { restartKubelet } from './node-fix.js';
import type { Sight } from './sight.js';

export const kubeletHeartbeat: Check = defineCheck({
  id: 'kubelet-heartbeat',
  title: 'kubelets renew their leases',
  severity: 'critical',
  dependsOn: [...nodeReasons, 'coming-back', 'node-ready'],
  look(sight) {
    const nodes = sight.see('nodes');
    const leases = sight.see('leases');
    const newest = Math.max(...[...leases.values()].map((lease) => lease.renewedAt ?? 0));
    const connectedAt = sight.snapshot.connection.status === 'connected' ? sight.snapshot.connection.since : sight.now;
    if (nodes.size === 0) return [{ object: 'cluster', status: 'skipped', message: 'no nodes' }];
    return [...nodes.values()].map((node) => heartbeat(node, leases.get(node.name), { sight, newest, connectedAt }));
  },
});

/** Whether this program itself saw the lease change: the list at the start shows a moment of up to ten seconds ago. */
export function sawItChange(lease: Lease, connectedAt: number): boolean {
  return lease.seenAt > connectedAt + 5_000;
}

function heartbeat(node: Node, lease: Lease | undefined, clocks: { sight: Sight; newest: number; connectedAt: number }): Observation {
  const object = `node/${node.name}`;
  const explainedBy = [[object]];
  const fix = restartKubelet(node.name, `On ${node.name}: see why the kubelet is silent (journalctl -u kubelet -b), then start it`, clocks.sight.snapshot);
  if (lease === undefined || lease.renewedAt === null) {
    return {
      object,
      status: 'fail',
      message: `${node.name} has no lease in kube-node-lease: its kubelet never reached this API server`,
      fix,
      explains: [object],
      explainedBy,
    };
  }
  const limit = (lease.durationSeconds ?? 40) * 1000;
  const silence = clocks.sight.now - lease.seenAt;
  if (silence > limit) {
    return {
      object,
      status: 'fail',
      message: `The kubelet of ${node.name} last renewed its lease ${duration(silence)} ago (every 10 s is normal)`,
      fix,
      explains: [object],
      explainedBy,
    };
  }
  // On first sight the age is not known without trusting clocks: the other kubelets' leases say how far this one lags.
  const lag = clocks.newest - lease.renewedAt;
  if (!sawItChange(lease, clocks.connectedAt) && lag > limit + renewal) {
    const message = `The kubelet of ${node.name} last renewed its lease ${duration(lag)} before the newest of the others`;
    if (readiness(node) !== 'ready') return { object, status: 'fail', message, fix, explains: [object], explainedBy };
    return { object, status: 'warn', severity: 'warning', message: `${message}, though it counts as Ready: silent, or its clock is behind`, fix, explainedBy };
  }
  return { object, status: 'pass', message: `renewed within ${limit / 1000} s` };
}

const renewal = 10_000;
