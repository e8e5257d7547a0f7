import type { Pod } from '../state/pods.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { isReady } from './pod-index.js';
import { podExplainedBy } from './pod-links.js';
import { gpuStack, infrastructure } from './pods.js';
import type { Sight } from './sight.js';
import { counted, listed } from './wording.js';

/** What the settings say must run: a namespace that vanished leaves no pod behind that could be in trouble. */
export const namespaces: Check = defineCheck({
  id: 'namespaces',
  title: 'expected namespaces have running pods',
  severity: 'critical',
  dependsOn: [...infrastructure, ...gpuStack, 'pvc-bound', 'pods-not-running', 'crashloop', 'workloads-ready'],
  look(sight) {
    const expected = sight.expectations.namespaces ?? [];
    if (expected.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'the settings expect none' }];
    const pods = [...sight.see('pods').values()];
    return expected.map((namespace) =>
      running(
        namespace,
        pods.filter((pod) => pod.namespace === namespace),
        sight,
      ),
    );
  },
});

function running(namespace: string, pods: readonly Pod[], sight: Sight): Observation {
  const object = `namespace/${namespace}`;
  const ready = pods.filter(isReady).length;
  if (ready > 0) return { object, status: 'pass', message: `${counted(ready, 'pod')} of ${namespace} Ready` };
  if (pods.length > 0) {
    return {
      object,
      status: 'fail',
      message: `Namespace ${namespace} is expected to run pods, and none of its ${pods.length} is Ready`,
      fix: { summary: 'See what holds them up', command: sight.kubectl('-n', namespace, 'get', 'pods') },
      explainedBy: pods.flatMap(podExplainedBy),
    };
  }
  const idle = [...(sight.peek('deployments')?.values() ?? []), ...(sight.peek('statefulSets')?.values() ?? [])].filter(
    (workload) => workload.namespace === namespace,
  );
  return {
    object,
    status: 'fail',
    message:
      idle.length === 0
        ? `Namespace ${namespace} is expected to run pods: it has none, and no workload that would make one`
        : `Namespace ${namespace} is expected to run pods: it has none; ${listed(idle.map(({ name, desired }) => `${name} wants ${desired}`))}`,
    fix: {
      summary: idle.length === 0 ? 'Install again what belongs there' : 'Scale up what belongs there',
      command: sight.kubectl('-n', namespace, 'get', 'all'),
    },
  };
}
