import { type Action, type ApiUser, allowsAction, allowsPath, rulesOf } from './authorization.js';
import { at, type JsonObject, listAt, textAt } from './json.js';

/** The answer to a review: the object sent, with its status. Null for a kind that is none. */
export function answerReview(plural: string, body: JsonObject, user: ApiUser, userNamed: UserNamed): JsonObject | null {
  switch (plural) {
    case 'selfsubjectaccessreviews':
      return { ...body, status: decide(user, body) };
    case 'subjectaccessreviews':
    case 'localsubjectaccessreviews': {
      const subject = userNamed(textAt(body, 'spec', 'user'), listAt(body, 'spec', 'groups').map(String));
      return { ...body, status: decide(subject, body) };
    }
    case 'selfsubjectrulesreviews':
      return { ...body, status: rulesStatus(user, textAt(body, 'spec', 'namespace')) };
    case 'selfsubjectreviews':
      return { ...body, status: { userInfo: { username: user.name, groups: groupsOf(user) } } };
    default:
      return null;
  }
}

/** Whom the server knows by that name, or else somebody who may do what is bound to that name and those groups. */
export type UserNamed = (name: string, groups: readonly string[]) => ApiUser;

export function groupsOf(user: ApiUser): readonly string[] {
  return [...(user.groups ?? (user.role === 'cluster-admin' ? ['system:masters'] : [])), 'system:authenticated'];
}

function decide(user: ApiUser, body: JsonObject): JsonObject {
  const path = at(body, 'spec', 'nonResourceAttributes');
  const attributes = at(body, 'spec', 'resourceAttributes');
  const action: Action = {
    verb: textAt(attributes, 'verb'),
    group: textAt(attributes, 'group'),
    resource: textAt(attributes, 'resource'),
    subresource: textAt(attributes, 'subresource'),
    name: textAt(attributes, 'name'),
    namespace: textAt(attributes, 'namespace'),
  };
  const allowed = path === undefined ? allowsAction(user, action) : allowsPath(user, textAt(path, 'verb'), textAt(path, 'path'));
  if (!allowed) return { allowed: false };
  if (user.role === 'bound') return { allowed: true };
  return { allowed: true, reason: `RBAC: allowed by ClusterRoleBinding "${user.role}" of ClusterRole "${user.role}" to User "${user.name}"` };
}

function rulesStatus(user: ApiUser, namespace: string): JsonObject {
  const rules = rulesOf(user, namespace);
  return {
    incomplete: false,
    resourceRules: rules.filter((rule) => rule.resources !== undefined),
    nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined),
  };
}
