import type { Session } from '../session.js';
import type { ScaleTarget } from '../state/scaling.js';
import { listed } from '../text/wording.js';

/**
 * The workloads that `KIND/NAME` on the command line mean. Without -n and without a namespace of the context, a name that only one namespace has is found there, and
 * `tell` is told. Throws a sentence for what is no such thing.
 */
export function namedTargets(
  { objects, namespace }: { readonly objects: readonly string[]; readonly namespace: string | null },
  session: Pick<Session, 'snapshot' | 'contexts'>,
  tell: (said: string) => void,
): readonly ScaleTarget[] {
  const given = namespace ?? session.contexts().find(({ current }) => current)?.namespace ?? null;
  return objects.map((object) => {
    const [kind = '', name = '', ...rest] = object.split('/');
    if (name === '' || rest.length > 0) throw new Error(`"${object}" does not name a workload: give KIND/NAME, for example deployment/resnet50-inference`);
    if (given !== null) return { kind, namespace: given, name };
    const found = namespacesOf(kind, name, session);
    if (found.includes('default') || found.length === 0) return { kind, namespace: 'default', name };
    const [only] = found;
    if (found.length > 1 || only === undefined) throw new Error(`${object} is in namespaces ${listed(found)}: say which with -n`);
    tell(`${object} is in namespace ${only}`);
    return { kind, namespace: only, name };
  });
}

function namespacesOf(kind: string, name: string, session: Pick<Session, 'snapshot'>): readonly string[] {
  const { deployments, statefulSets } = session.snapshot();
  const slice = /^(?:deploy|deployments?(?:\.apps)?)$/i.test(kind) ? deployments : /^(?:sts|statefulsets?(?:\.apps)?)$/i.test(kind) ? statefulSets : null;
  return [...(slice?.value?.values() ?? [])].filter((workload) => workload.name === name).map((workload) => workload.namespace);
}
