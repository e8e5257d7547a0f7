import { apiWords } from './cluster-steps.js';
import type { NodeSight } from './node-sight.js';

/** Where the words come from while the API server does not answer: "API server refused, seen over SSH: kubelet active, containerd active". null while it answers. */
export function seenBy({ answered, snapshot, host, facts }: NodeSight): string | null {
  if (answered) return null;
  const server = `API server ${apiWords(snapshot) || 'not reached'}`;
  if (host === null) return `${server}, no machine is looked at`;
  if (host.contact.status !== 'connected') return `${server}, and the machine does not answer over SSH`;
  const units = facts?.services.known === true ? facts.services.value : [];
  const told = ['kubelet', 'crio', 'containerd', 'docker'].flatMap((name) => units.filter((unit) => unit.name === name));
  const seen = host.road === 'this machine' ? 'seen on this machine' : 'seen over SSH';
  return `${server}, ${seen}${told.length === 0 ? '' : `: ${told.map(({ name, active }) => `${name} ${active}`).join(', ')}`}`;
}
