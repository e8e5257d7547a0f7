import type { ApiUser, PolicyRule } from './authorization.js';
import { at, listAt, objectAt, textAt } from './json.js';
import type { KubeObject, ObjectStore } from './object-store.js';
import { matchesLabelSelector } from './selectors.js';

/** Somebody whom the server knows by name and groups alone: may do what Roles and ClusterRoles that are bound to them say. */
export function boundUser(store: ObjectStore, name: string, groups: readonly string[]): ApiUser {
  const service = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const all = [...groups, ...(service === null ? [] : ['system:serviceaccounts', `system:serviceaccounts:${service[1] ?? ''}`]), 'system:authenticated'];
  const isMeant = (subject: unknown, namespace: string): boolean => {
    const named = textAt(subject, 'name');
    switch (textAt(subject, 'kind')) {
      case 'User':
        return named === name;
      case 'Group':
        return all.includes(named);
      case 'ServiceAccount':
        return name === `system:serviceaccount:${textAt(subject, 'namespace') || namespace}:${named}`;
      default:
        return false;
    }
  };
  const rulesBy = (binding: KubeObject): readonly PolicyRule[] => {
    const { namespace = '' } = binding.metadata;
    return listAt(binding, 'subjects').some((subject) => isMeant(subject, namespace)) ? rulesOfRole(store, objectAt(binding, 'roleRef'), namespace) : [];
  };
  return {
    name,
    token: '',
    groups,
    role: 'bound',
    bound: (namespace) => [
      ...store.list('clusterrolebindings.rbac.authorization.k8s.io').flatMap(rulesBy),
      ...(namespace === '' ? [] : store.list('rolebindings.rbac.authorization.k8s.io', namespace).flatMap(rulesBy)),
    ],
  };
}

function rulesOfRole(store: ObjectStore, reference: unknown, namespace: string): readonly PolicyRule[] {
  const name = textAt(reference, 'name');
  if (textAt(reference, 'kind') === 'Role') return rulesIn(store.get('roles.rbac.authorization.k8s.io', name, namespace));
  const role = store.get('clusterroles.rbac.authorization.k8s.io', name);
  const selectors = listAt(role, 'aggregationRule', 'clusterRoleSelectors');
  if (selectors.length === 0) return rulesIn(role);
  const parts = store
    .list('clusterroles.rbac.authorization.k8s.io')
    .filter((each) => selectors.some((selector) => matchesLabelSelector(selector, each.metadata.labels ?? {})));
  return [...rulesIn(role), ...parts.flatMap(rulesIn)];
}

function rulesIn(role: KubeObject | null): readonly PolicyRule[] {
  return listAt(role, 'rules').map((rule) => {
    const texts = (field: string) => listAt(rule, field).map(String);
    return {
      verbs: texts('verbs'),
      ...(at(rule, 'apiGroups') === undefined ? {} : { apiGroups: texts('apiGroups') }),
      ...(at(rule, 'resources') === undefined ? {} : { resources: texts('resources') }),
      ...(listAt(rule, 'resourceNames').length === 0 ? {} : { resourceNames: texts('resourceNames') }),
      ...(at(rule, 'nonResourceURLs') === undefined ? {} : { nonResourceURLs: texts('nonResourceURLs') }),
    };
  });
}
