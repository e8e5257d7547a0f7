import { threshold } from '../config/thresholds.js';
import type { Pod } from '../state/pods.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { mostTelling } from './most-telling.js';
import { podIndex } from './pod-index.js';
import type { Sight } from './sight.js';

export const terminatingStuck: Check = defineCheck({
  id: 'terminating-stuck',
  title: 'no pod hangs in Terminating',
  severity: 'warning',
  dependsOn: ['coming-back', 'node-ready', 'kubelet-heartbeat'],
  look(sight) {
    sight.see('pods');
    const limit = threshold(sight.expectations.thresholds, 'podsTerminatingMinutes') * 60_000;
    // deletionTimestamp is the moment the grace period ends, not the one it began.
    const stuck = (podIndex(sight.snapshot.pods)?.troubled ?? []).filter((pod) => pod.deletedAt !== null && sight.now - pod.deletedAt > limit);
    if (stuck.length === 0) return [{ object: 'cluster', status: 'pass', message: 'none' }];
    return mostTelling(stuck, 'pods', (pod) => hanging(pod, sight), explainedBy);
  },
});

function hanging(pod: Pod, sight: Sight): Observation {
  return {
    object: `pod/${pod.namespace}/${pod.name}`,
    status: 'warn',
    message: `Pod ${pod.namespace}/${pod.name}${pod.nodeName === null ? '' : ` on ${pod.nodeName}`} should have ended ${duration(sight.now - (pod.deletedAt ?? sight.now))} ago and is still Terminating`,
    fix: {
      summary: 'See its finalizers and whether its node is there; force it only when the node is surely gone',
      command: sight.kubectl('-n', pod.namespace, 'get', 'pod', pod.name, '-o', 'jsonpath={.metadata.finalizers}'),
    },
    explains: [`pod/${pod.namespace}/${pod.name}`],
    explainedBy: explainedBy(pod),
  };
}

function explainedBy(pod: Pod): readonly (readonly string[])[] {
  return pod.nodeName === null ? [] : [[`node/${pod.nodeName}`]];
}
