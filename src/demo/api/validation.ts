import { badRequest, invalid } from './api-error.js';
import { deepEqual } from './deep-equal.js';
import { at, isObject, type JsonObject, listAt, objectAt, stringsAt, textAt, withAt } from './json.js';
import type { KubeObject } from './object-store.js';
import { apiVersionOf, type ResourceType } from './resource-type.js';
import { matchesLabelSelector } from './selectors.js';

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** Throws ApiError 422 with all that is wrong with an object, and 400 where a field has a type it cannot be decoded to. */
export function validate(object: KubeObject, previous: KubeObject | null, type: ResourceType): void {
  checkTypes(object, type);
  const causes = [...nameCauses(object, type), ...labelCauses(object), ...specCauses(object), ...(previous === null ? [] : changeCauses(object, previous))];
  if (causes.length > 0) throw invalid(type.kind, type.group, object.metadata.name, causes);
}

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

function nameCauses(object: KubeObject, type: ResourceType): Cause[] {
  const { name } = object.metadata;
  if (name === '') return [{ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field: 'metadata.name' }];
  // RBAC names are path segments, no more.
  if (type.group === 'rbac.authorization.k8s.io') return /[/%]/.test(name) ? [wrong('metadata.name', name, `may not contain '/'`)] : [];
  const short = type.kind === 'Namespace' || type.kind === 'Service';
  if (name.length > (short ? 63 : 253)) return [wrong('metadata.name', name, `must be no more than ${short ? 63 : 253} bytes`)];
  return (short ? label : subdomain).test(name) ? [] : [wrong('metadata.name', name, short ? labelRule : subdomainRule)];
}

function labelCauses(object: KubeObject): Cause[] {
  const value = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
  const key = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
  return Object.entries(object.metadata.labels ?? {}).flatMap(([name, text]) => [
    ...(key.test(name)
      ? []
      : [
          wrong(
            'metadata.labels',
            name,
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          ),
        ]),
    ...(value.test(text)
      ? []
      : [
          wrong(
            'metadata.labels',
            text,
            text.length > 63
              ? 'must be no more than 63 bytes'
              : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
          ),
        ]),
  ]);
}

function specCauses(object: KubeObject): Cause[] {
  switch (object.kind) {
    case 'Pod':
      return containerCauses(objectAt(object, 'spec'), 'spec');
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return [...replicaCauses(object), ...selectorCauses(object), ...containerCauses(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec')];
    case 'Job':
      return containerCauses(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec');
    case 'Service':
      return listAt(object, 'spec', 'ports').length === 0 && textAt(object, 'spec', 'type') !== 'ExternalName' && textAt(object, 'spec', 'clusterIP') !== 'None'
        ? [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.ports' }]
        : [];
    default:
      return [];
  }
}

function replicaCauses(object: KubeObject): Cause[] {
  const replicas = at(object, 'spec', 'replicas');
  return typeof replicas === 'number' && replicas < 0 ? [wrong('spec.replicas', replicas, 'must be greater than or equal to 0')] : [];
}

function selectorCauses(object: KubeObject): Cause[] {
  const selector = at(object, 'spec', 'selector');
  if (selector === undefined) return [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' }];
  const labels = stringsAt(object, 'spec', 'template', 'metadata', 'labels');
  if (matchesLabelSelector(selector, labels)) return [];
  return [wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

function containerCauses(spec: JsonObject, path: string): Cause[] {
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) return [{ reason: 'FieldValueRequired', message: 'Required value', field: `${path}.containers` }];
  const seen = new Set<string>();
  return containers.flatMap((container, index) => {
    const field = `${path}.containers[${index}]`;
    const name = textAt(container, 'name');
    const twice = seen.has(name);
    seen.add(name);
    return [
      ...(name === ''
        ? [{ reason: 'FieldValueRequired', message: 'Required value', field: `${field}.name` }]
        : label.test(name)
          ? []
          : [wrong(`${field}.name`, name, labelRule)]),
      ...(twice ? [{ reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(name)}`, field: `${field}.name` }] : []),
      ...(textAt(container, 'image') === '' ? [{ reason: 'FieldValueRequired', message: 'Required value', field: `${field}.image` }] : []),
    ];
  });
}

function changeCauses(object: KubeObject, previous: KubeObject): Cause[] {
  switch (object.kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'DaemonSet': {
      const selector = at(object, 'spec', 'selector');
      return deepEqual(selector, at(previous, 'spec', 'selector')) ? [] : [wrong('spec.selector', selector, 'field is immutable')];
    }
    case 'Pod':
      return deepEqual(fixedPodSpec(object), fixedPodSpec(previous))
        ? []
        : [
            {
              reason: 'FieldValueForbidden',
              message:
                'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
              field: 'spec',
            },
          ];
    default:
      return [];
  }
}

function fixedPodSpec(pod: KubeObject): JsonObject {
  const { activeDeadlineSeconds: _, tolerations: __, terminationGracePeriodSeconds: ___, ...rest } = objectAt(pod, 'spec');
  const withoutImages = (key: string): unknown => listAt(rest, key).map((container) => withAt(objectAt(container), ['image'], undefined));
  return { ...rest, containers: withoutImages('containers'), initContainers: withoutImages('initContainers') };
}

/** Numbers that are none, and the like: what Go's decoder refuses before anything is validated. */
function checkTypes(object: KubeObject, type: ResourceType): void {
  if (type.custom) return;
  const replicas = at(object, 'spec', 'replicas');
  if (replicas !== undefined && replicas !== null && !(typeof replicas === 'number' && Number.isInteger(replicas))) {
    const got = typeof replicas === 'number' ? `number ${replicas}` : isObject(replicas) ? 'object' : Array.isArray(replicas) ? 'array' : typeof replicas;
    throw badRequest(
      `${type.kind} in version "${apiVersionOf(type).split('/').at(-1)}" cannot be handled as a ${type.kind}: json: cannot unmarshal ${got} into Go struct field ${type.kind}Spec.spec.replicas of type int32`,
    );
  }
}

function wrong(field: string, value: unknown, why: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field };
}
