import type { Fix } from '../state/report.js';
import { count } from '../text/amount.js';
import { type Check, defineCheck } from './check.js';
import type { Sight } from './sight.js';
import { counted, listed } from './wording.js';

export const unexpectedAdmission: Check = defineCheck({
  id: 'unexpected-admission',
  title: 'no pod was refused by its node',
  severity: 'warning',
  dependsOn: ['coming-back', 'device-plugin', 'gpu-count', 'nvidia-handler'],
  look(sight) {
    const refused = sight.see('deadPods').failedByReason.get(unexpected) ?? 0;
    if (refused === 0) return [{ object: 'cluster', status: 'pass', message: 'none' }];
    return [
      {
        object: 'cluster',
        status: 'warn',
        message: `${counted(refused, 'pod')} failed with ${unexpected}: started before the device plugin of ${refused === 1 ? 'its' : 'their'} node had registered the GPUs`,
        fix: { summary: 'Delete them; pods without an owner must be created again', ...deletion(unexpected, sight) },
        explainedBy: [['gpus']],
      },
    ];
  },
});

export const evicted: Check = defineCheck({
  id: 'evicted',
  title: 'no evicted pods lie about',
  severity: 'warning',
  dependsOn: ['disk-vs-eviction', 'node-conditions'],
  look(sight) {
    const { failedByReason } = sight.see('deadPods');
    const pods = failedByReason.get('Evicted') ?? 0;
    const others = [...failedByReason].filter(([reason, amount]) => reason !== 'Evicted' && reason !== unexpected && amount > 0);
    const beside = others.length === 0 ? '' : `${listed(others.map(([reason, amount]) => `${count(amount)} ${reason}`))}`;
    if (pods === 0) return [{ object: 'cluster', status: 'pass', message: beside === '' ? 'none' : `none (other failed pods: ${beside})` }];
    return [
      {
        object: 'cluster',
        status: 'warn',
        message: `${counted(pods, 'evicted pod')} ${pods === 1 ? 'lies' : 'lie'} about${beside === '' ? '' : `; other failed pods: ${beside}`}`,
        fix: {
          summary: `${runsShort(sight) ? 'Free the disk or memory that runs short first, then delete them' : 'Delete them'}; those who own them have replaced them`,
          ...deletion('Evicted', sight),
        },
        explainedBy: [['disk-pressure', 'taint/node.kubernetes.io/memory-pressure']],
      },
    ];
  },
});

function deletion(reason: string, sight: Sight): Pick<Fix, 'command' | 'operation'> {
  return { command: deleteByStatus(reason, sight), operation: { id: 'delete-ended-pods', input: { reason } } };
}

function runsShort(sight: Sight): boolean {
  return [...(sight.peek('nodes')?.values() ?? [])].some(({ conditions }) =>
    conditions.some(({ type, status }) => status === 'True' && (type === 'DiskPressure' || type === 'MemoryPressure')),
  );
}

/** The reason is not a field selector, so the STATUS column has to do; only failed pods are ever listed. */
function deleteByStatus(status: string, sight: Sight): string {
  const list = sight.kubectl('get', 'pods', '-A', '--no-headers', '--field-selector=status.phase=Failed');
  return `${list} | awk '$4=="${status}"{print $1,$2}' | xargs -r -n2 -P8 ${sight.kubectl('delete', 'pod', '--wait=false', '-n')}`;
}

const unexpected = 'UnexpectedAdmissionError';
