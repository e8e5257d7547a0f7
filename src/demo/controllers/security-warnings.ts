import type { KubeObject } from '../api/object-store.js';
import { at } from '../fields.js';
import { securityLevel, securityViolations } from './pod-security.js';
import type { World } from './world.js';

/** What the pod security admission says beside its answer: of pods that a namespace's new standard would refuse, and of pods that break the one it warns of. */
export function securityWarnings(world: World, object: KubeObject, previous: KubeObject | null): readonly string[] {
  if (object.kind === 'Namespace') return ofNamespace(world, object, previous);
  const spec = object.kind === 'Pod' ? object['spec'] : at(object, 'spec', 'template', 'spec');
  if (spec === undefined || previous !== null) return [];
  const level = securityLevel(world.store.get('namespaces', object.metadata.namespace ?? ''), 'warn');
  const violations = securityViolations(spec, level);
  return violations.length === 0 ? [] : [`would violate PodSecurity "${level}:latest": ${violations.join(', ')}`];
}

function ofNamespace(world: World, namespace: KubeObject, previous: KubeObject | null): readonly string[] {
  const level = securityLevel(namespace, 'enforce');
  if (level === securityLevel(previous, 'enforce')) return [];
  const byWhat = new Map<string, string[]>();
  for (const pod of world.pods.inNamespace(namespace.metadata.name)) {
    const what = securityViolations(pod['spec'], level)
      .map((each) => each.replace(/ \(.*/, ''))
      .join(', ');
    if (what !== '') byWhat.set(what, [...(byWhat.get(what) ?? []), pod.metadata.name]);
  }
  if (byWhat.size === 0) return [];
  const told = [...byWhat].map(([what, [first = '', ...others]]) => {
    const more = others.length === 0 ? '' : ` (and ${others.length} other pod${others.length > 1 ? 's' : ''})`;
    return `${first}${more}: ${what}`;
  });
  return [`existing pods in namespace "${namespace.metadata.name}" violate the new PodSecurity enforce level "${level}:latest"`, ...told];
}
