import type { Webhook } from '../state/cluster-services.js';
import { backingWorkload, restartFix, workloadTag } from './backing-workload.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { infrastructure } from './pods.js';
import type { Sight } from './sight.js';
import { counted, listed } from './wording.js';

export const webhooks: Check = defineCheck({
  id: 'webhooks',
  title: 'admission webhooks can be asked',
  severity: 'warning',
  dependsOn: [...infrastructure, 'pods-not-running', 'crashloop', 'workloads-ready'],
  unseenIsInfo: true,
  look(sight) {
    const all = [...sight.see('webhooks').values()];
    const inCluster = all.filter(({ service }) => service !== null);
    if (inCluster.length === 0)
      return [
        { object: 'cluster', status: 'skipped', message: all.length === 0 ? 'no admission webhooks here' : 'no admission webhook is a service of the cluster' },
      ];
    const silent = inCluster.filter(({ endpoints }) => endpoints?.ready === 0);
    const unknown = inCluster.filter(({ endpoints }) => endpoints === null);
    const found = [...byService(silent)].map((webhooks) => unanswered(webhooks, sight));
    if (found.length > 0) return found;
    if (unknown.length === inCluster.length)
      return [{ object: 'cluster', status: 'unknown', severity: 'info', message: 'the endpoints behind the webhooks are closed to this user' }];
    return [{ object: 'cluster', status: 'pass', message: `${counted(inCluster.length - unknown.length, 'webhook')} with endpoints` }];
  },
});

/** One service often stands behind many webhooks: that is one trouble. */
function byService(webhooks: readonly Webhook[]): Iterable<readonly [Webhook, ...Webhook[]]> {
  const groups = new Map<string, [Webhook, ...Webhook[]]>();
  for (const webhook of webhooks) {
    const key = `${webhook.service?.namespace}/${webhook.service?.name}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [webhook]);
    else known.push(webhook);
  }
  return groups.values();
}

function unanswered(webhooks: readonly [Webhook, ...Webhook[]], sight: Sight): Observation {
  const [first] = webhooks;
  const { service, endpoints } = first;
  if (service === null) return { object: `webhook/${first.configuration}`, status: 'skipped', message: 'outside the cluster' };
  const refuses = webhooks.some(({ failurePolicy }) => failurePolicy === 'Fail');
  const behind = backingWorkload(service, endpoints?.pods ?? [], sight);
  const names = [...new Set(webhooks.map(({ configuration }) => configuration))];
  const place = `service ${service.namespace}/${service.name}`;
  const state = endpoints === null || endpoints.total === 0 ? `${place} has no endpoint` : `${place} has 0 of ${endpoints.total} endpoints ready`;
  const effect = refuses ? 'the API server refuses what it has to judge (failurePolicy Fail)' : 'its judgement is left out (failurePolicy Ignore)';
  return {
    object: `webhook/${first.configuration}`,
    status: 'warn',
    severity: refuses ? 'warning' : 'info',
    message: `Webhook ${listed(names)} cannot be asked, and ${effect}: ${state}`,
    fix:
      behind === null
        ? { summary: `See what should run behind ${place}`, command: sight.kubectl('-n', service.namespace, 'get', 'service,pods', '-o', 'wide') }
        : restartFix(behind, `Restart ${behind.namespace}/${behind.name}, which answers it`, sight),
    explains: refuses ? ['webhook', ...names.map((name) => `webhook/${name}`)] : [],
    explainedBy: [[...(behind === null ? [] : [workloadTag(behind)]), ...(endpoints?.pods ?? []).map((pod) => `pod/${service.namespace}/${pod}`)]],
  };
}
