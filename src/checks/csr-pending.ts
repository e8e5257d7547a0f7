import { duration } from '../text/age.js';
import { type Check, defineCheck } from './check.js';
import { counted, listed } from './wording.js';

export const csrPending: Check = defineCheck({
  id: 'csr-pending',
  title: 'kubelets have their serving certificates',
  severity: 'warning',
  unseenIsInfo: true,
  look(sight) {
    // An approver in the cluster takes its moment.
    const waiting = [...sight.see('certificateRequests').values()].filter(({ createdAt }) => createdAt === null || sight.now - createdAt > graceMs);
    if (waiting.length === 0) return [{ object: 'cluster', status: 'pass', message: 'none waits for approval' }];
    const nodes = [...new Set(waiting.map(({ node, requester }) => node ?? requester))].sort();
    const oldest = Math.min(...waiting.map(({ createdAt }) => createdAt ?? sight.now));
    const [only, ...more] = nodes;
    return [
      {
        object: only !== undefined && more.length === 0 ? `node/${only}` : 'cluster',
        status: 'warn',
        message: `${counted(waiting.length, 'serving certificate')} of ${listed(nodes)} ${waiting.length === 1 ? 'waits' : 'wait'} for approval for ${duration(sight.now - oldest)}: kubectl logs and exec and the metrics server may be refused there`,
        fix: {
          summary: 'Approve those that ask for their own names only',
          command: `${sight.kubectl('get', 'csr', '--field-selector=spec.signerName=kubernetes.io/kubelet-serving', '-o', 'name')} | xargs -r ${sight.kubectl('certificate', 'approve')}`,
          operation: { id: 'approve-csrs', input: {} },
        },
        explains: nodes.map((node) => `serving-certificate/${node}`),
      },
    ];
  },
});

const graceMs = 60_000;
