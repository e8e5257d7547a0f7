import type { ApiService } from '../state/cluster-services.js';
import { duration } from '../text/age.js';
import { cut } from '../text/width.js';
import { backingWorkload, restartFix, workloadTag } from './backing-workload.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { infrastructure } from './pods.js';
import type { Sight } from './sight.js';
import { clause } from './wording.js';

export const apiServices: Check = defineCheck({
  id: 'apiservices',
  title: 'APIs that services in the cluster serve are available',
  severity: 'warning',
  dependsOn: [...infrastructure, 'pods-not-running', 'crashloop', 'workloads-ready'],
  unseenIsInfo: true,
  look(sight) {
    const services = [...sight.see('apiServices').values()];
    if (services.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'the API server serves all APIs itself' }];
    // Without a condition it was made a moment ago.
    const down = services.filter(({ available }) => available === false);
    if (down.length === 0) return [{ object: 'cluster', status: 'pass', message: `${services.map(({ name }) => name).join(', ')} available` }];
    return down.map((service) => unavailable(service, sight));
  },
});

function unavailable(api: ApiService, sight: Sight): Observation {
  const { name, service, reason, message, since } = api;
  const behind = backingWorkload(service, [], sight);
  const why = clause(cut(message === '' ? reason : message, 200));
  const lost = lostWith.find(([group]) => name.endsWith(group))?.[1];
  return {
    object: `apiservice/${name}`,
    status: 'warn',
    message: `API ${name} is not available${since === null ? '' : ` for ${duration(sight.now - since)}`}${lost === undefined ? '' : ` (${lost})`}: ${why || 'no reason given'}`,
    fix:
      behind === null
        ? {
            summary: `See what runs behind service ${service.namespace}/${service.name}`,
            command: sight.kubectl('-n', service.namespace, 'get', 'endpointslices', '-l', `kubernetes.io/service-name=${service.name}`),
          }
        : restartFix(behind, `Restart ${behind.namespace}/${behind.name}, which serves it`, sight),
    explains: [`api/${name}`],
    explainedBy: behind === null ? [] : [[workloadTag(behind)]],
  };
}

/** What people miss first while an API is away. */
const lostWith: readonly (readonly [group: string, words: string])[] = [
  ['.metrics.k8s.io', 'kubectl top and autoscaling fail'],
  ['.projectcalico.org', 'calicoctl and Calico policies cannot be read'],
  ['.custom.metrics.k8s.io', 'autoscaling on metrics fails'],
];
