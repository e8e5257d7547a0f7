import type { Catalog } from './catalog.js';
import { reviewResources } from './group-resources.js';
import type { JsonObject } from './json.js';
import { allVerbs, apiVersionOf, type ResourceType } from './resource-type.js';

/** `/api` and `/apis` in one document each, as `apidiscovery.k8s.io/v2` has it. */
export function aggregatedDiscovery(catalog: Catalog, legacy: boolean): JsonObject {
  const groups = groupVersions(catalog).filter(({ group }) => (group === '') === legacy);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: versions.map((version) => ({
        version,
        resources: [...typesOf(catalog, group, version).map(aggregatedType), ...reviews(group, version).map(aggregatedReview)],
        freshness: 'Current',
      })),
    })),
  };
}

function aggregatedType(type: ResourceType): JsonObject {
  const subresources = allSubresources(type).map(({ name, kind, group, version, verbs }) => ({
    subresource: name,
    responseKind: { group: group ?? type.group, version: version ?? type.version, kind },
    verbs,
  }));
  return {
    resource: type.plural,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function aggregatedReview(review: (typeof reviewResources)[number]): JsonObject {
  return {
    resource: review.plural,
    responseKind: { group: review.group, version: 'v1', kind: review.kind },
    scope: review.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: review.kind.toLowerCase(),
    verbs: ['create'],
  };
}

/** `/apis` in the older form. */
export function groupList(catalog: Catalog): JsonObject {
  const groups = groupVersions(catalog).filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(({ group, versions }) => groupDocument(group, versions)) };
}

/** `/apis/GROUP`; null where there is no such group. */
export function groupByName(catalog: Catalog, name: string): JsonObject | null {
  const found = groupVersions(catalog).find(({ group }) => group === name && group !== '');
  return found === undefined ? null : { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(found.group, found.versions) };
}

function groupDocument(group: string, versions: readonly string[]): JsonObject {
  const listed = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: listed, preferredVersion: listed[0] };
}

/** `/api/v1` and `/apis/GROUP/VERSION`; null where there is no such version. */
export function resourceList(catalog: Catalog, group: string, version: string): JsonObject | null {
  const types = typesOf(catalog, group, version);
  const asked = reviews(group, version);
  if (types.length === 0 && asked.length === 0) return null;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: [
      ...types.flatMap((type) => [
        typeDocument(type),
        ...allSubresources(type).map((each) => ({
          name: `${type.plural}/${each.name}`,
          singularName: '',
          namespaced: type.namespaced,
          ...(each.group === undefined ? {} : { group: each.group, version: each.version }),
          kind: each.kind,
          verbs: each.verbs,
        })),
      ]),
      ...asked.map(({ plural, kind, namespaced }) => ({ name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs: ['create'] })),
    ],
  };
}

function typeDocument(type: ResourceType): JsonObject {
  return {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: type.verbs.length === allVerbs.length ? allVerbs : type.verbs,
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
  };
}

function allSubresources(type: ResourceType): ResourceType['subresources'] {
  const change = ['get', 'patch', 'update'];
  return [
    ...type.subresources,
    ...(type.scale ? [{ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: change }] : []),
    ...(type.status ? [{ name: 'status', kind: type.kind, verbs: change }] : []),
  ];
}

/** Groups in the catalogue's order, each with its versions. */
export function groupVersions(catalog: Catalog): { group: string; versions: string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const { group, version } of catalog.types) found.set(group, (found.get(group) ?? new Set()).add(version));
  for (const { group } of reviewResources) if (!found.has(group)) found.set(group, new Set(['v1']));
  return [...found].map(([group, versions]) => ({ group, versions: [...versions] }));
}

export function typesOf(catalog: Catalog, group: string, version: string): ResourceType[] {
  return catalog.types.filter((type) => apiVersionOf(type) === apiVersionOf({ group, version }));
}

function reviews(group: string, version: string): (typeof reviewResources)[number][] {
  return version === 'v1' ? reviewResources.filter((review) => review.group === group) : [];
}
