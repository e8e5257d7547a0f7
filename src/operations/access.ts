import type { KubeClient } from '../kube/client.js';
import { at } from '../kube/json.js';
import type { World } from './operation.js';

/**
 * Asks the API server whether the user may do something (SelfSubjectAccessReview) and keeps each answer for a minute: rights rarely change while somebody
 * looks at a plan. 'unknown' where it cannot be asked; that is not kept.
 */
export function createAccess(client: KubeClient, now: () => number = Date.now): World['access'] {
  const kept = new Map<string, { readonly answer: Promise<Answer>; readonly at: number }>();
  return (verb, resource, namespace) => {
    const key = `${verb} ${resource} ${namespace ?? ''}`;
    const before = kept.get(key);
    if (before !== undefined && Math.abs(now() - before.at) < keptMs) return before.answer;
    const answer = ask(client, verb, resource, namespace);
    kept.set(key, { answer, at: now() });
    void answer.then((said) => {
      if (said === 'unknown' && kept.get(key)?.answer === answer) kept.delete(key);
    });
    return answer;
  };
}

type Answer = Awaited<ReturnType<World['access']>>;

const keptMs = 60_000;

async function ask(client: KubeClient, verb: string, named: string, namespace: string | null): Promise<Answer> {
  // `daemonsets.apps/status`: resource, group, subresource.
  const [qualified = '', subresource] = named.split('/');
  const [resource = '', ...group] = qualified.split('.');
  const resourceAttributes = {
    verb,
    resource,
    group: group.join('.'),
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === null ? {} : { namespace }),
  };
  try {
    const { body } = await client.request('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
      timeoutMs: 5_000,
    });
    const allowed = at(body, 'status', 'allowed');
    return allowed === true ? 'yes' : allowed === false ? 'no' : 'unknown';
  } catch {
    return 'unknown';
  }
}
