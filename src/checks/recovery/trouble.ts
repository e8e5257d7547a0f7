import type { CheckReport, Finding } from '../../state/report.js';
import { clause } from '../../text/wording.js';
import { comingBack } from '../coming-back.js';
import { nodeFinder } from '../monitoring.js';
import type { NodeSight } from './node-sight.js';

/** The words of the cause that holds a step of this node up: what one of its checks says itself, or what explains it. null while no check complains. */
export function troubleOf(checks: readonly string[], sight: NodeSight, report: CheckReport | null): string | null {
  // What a machine is only warned of (a certificate that ends next week) holds nothing up.
  const counts = ({ object, status }: Finding) => status === 'fail' || (status === 'warn' && !object.startsWith('host/'));
  const isOurs = (finding: Finding) => checks.includes(finding.id) && counts(finding) && concerns(finding, sight);
  const causes = report?.causes ?? [];
  const own = causes.find(({ finding }) => isOurs(finding)) ?? causes.find(({ follows }) => follows.some(isOurs));
  if (own === undefined) return null;
  // That the node is on its way explains nothing about a step that is late on this way.
  const telling = own.finding.id === comingBack.id ? own.follows.find(isOurs) : own.finding;
  return telling === undefined ? null : clause(telling.message);
}

function concerns({ object, message }: Finding, { name, node, pods, sight, snapshot }: NodeSight): boolean {
  const [kind = '', ...rest] = object.split('/');
  const id = rest.join('/');
  if (kind === 'cluster' || kind === 'runtimeclass') return true;
  if (kind === 'node' || kind === 'host') return id === name;
  if (kind === 'pod') {
    if (pods.some((pod) => `${pod.namespace}/${pod.name}` === id)) return true;
    return snapshot.pods.value?.get(id)?.nodeName === null && node !== null;
  }
  if (kind === 'target') {
    const nodeOf = nodeFinder(sight);
    return (sight.peek('targets') ?? []).some((target) => `${target.job}/${target.instance}` === id && nodeOf(target) === name);
  }
  return (
    message.split(/[\s,;:()]+/).includes(name) ||
    pods.some((pod) => id.startsWith(`${pod.namespace}/`) && pod.owner?.name.startsWith(rest.at(-1) ?? '-') === true)
  );
}
