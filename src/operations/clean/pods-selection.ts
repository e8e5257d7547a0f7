import { parseDuration } from '../../text/age.js';
import { clean } from '../../text/clean.js';
import { groupId, ownerWords } from './pods-groups.js';
import type { EndedPhases, EndedPod } from './pods-list.js';

/** Which ended pods somebody wants gone; null: whatever it is. */
export interface PodSelection {
  readonly reasons: ReadonlySet<string> | null;
  readonly namespaces: readonly string[] | null;
  /** `deployment whisper` */
  readonly owners: ReadonlySet<string> | null;
  readonly nodes: ReadonlySet<string> | null;
  /** Ids of groups of the inventory. */
  readonly groups: ReadonlySet<string> | null;
  /** Only what ended at least so long ago. */
  readonly olderThanMs: number;
  /** So many stay of each owner, those that ended last. */
  readonly keep: number;
  /** Whether the pods of Jobs, which are their record, go too. */
  readonly jobs: boolean;
}

/**
 * The wish as an operation is told it: `reasons`, `namespaces`, `owners` and `nodes` with commas between, `groups` one per line, `olderThan` as `1h`, `keep` a number,
 * `jobs` yes. Throws a sentence for what cannot be meant.
 */
export function parseSelection(input: Readonly<Record<string, string>>): PodSelection {
  const unknown = Object.keys(input).find((name) => !fields.has(name));
  if (unknown !== undefined) throw new Error(`clean-pods knows no ${clean(unknown, 80)}; it can be told ${[...fields].join(', ')}`);
  const among = (name: string, between: RegExp) => {
    const words = (input[name] ?? '')
      .split(between)
      .map((word) => clean(word.trim()))
      .filter((word) => word !== '');
    return words.length === 0 ? null : words;
  };
  const asSet = (words: readonly string[] | null) => (words === null ? null : new Set(words));
  const namespaces = among('namespaces', /,/);
  const wrong = namespaces?.find((name) => !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name));
  if (wrong !== undefined) throw new Error(`"${clean(wrong, 80)}" cannot be a namespace`);
  return {
    reasons: asSet(among('reasons', /,/)),
    namespaces: namespaces === null ? null : [...new Set(namespaces)],
    owners: asSet(among('owners', /,/)),
    nodes: asSet(among('nodes', /,/)),
    groups: asSet(among('groups', /\n/)),
    olderThanMs: durationOf(input['olderThan'] ?? ''),
    keep: numberOf(input['keep'] ?? ''),
    jobs: input['jobs'] === 'yes',
  };
}

const fields = new Set(['reasons', 'namespaces', 'owners', 'nodes', 'groups', 'olderThan', 'keep', 'jobs']);

/** What has to be listed to find them. */
export function phasesOf({ reasons, groups }: PodSelection): EndedPhases {
  return reasons === null && groups === null ? 'failed' : reasons?.has('Completed') || groups !== null ? 'ended' : 'failed';
}

/** Those of the pods that are wanted, whether they may go or not: of each owner all but the newest `keep`, and of those what is old enough. */
export function select(pods: readonly EndedPod[], selection: PodSelection, now: number): readonly EndedPod[] {
  const { reasons, namespaces, owners, nodes, groups, olderThanMs, keep } = selection;
  const wanted = pods.filter(
    (pod) =>
      (reasons?.has(pod.reason) ?? true) &&
      (namespaces?.includes(pod.namespace) ?? true) &&
      (owners?.has(ownerWords(pod.owner)) ?? true) &&
      (nodes?.has(pod.node ?? '') ?? true) &&
      (groups?.has(groupId(pod)) ?? true),
  );
  const latest = now - olderThanMs;
  return (keep === 0 ? wanted : withoutNewest(wanted, keep)).filter(({ endedAt }) => endedAt <= latest);
}

function withoutNewest(pods: readonly EndedPod[], keep: number): readonly EndedPod[] {
  const owners = Map.groupBy(pods, ({ namespace, owner }) => `${namespace}\n${ownerWords(owner)}`);
  // In the same second the name decides, so that a second look keeps the same ones.
  const byAge = (a: EndedPod, b: EndedPod) => b.endedAt - a.endedAt || (a.name < b.name ? -1 : 1);
  const kept = new Set([...owners.values()].flatMap((own) => [...own].sort(byAge).slice(0, keep)));
  return pods.filter((pod) => !kept.has(pod));
}

function durationOf(text: string): number {
  if (text.trim() === '') return 0;
  const ms = parseDuration(text.trim());
  if (ms === null || ms < 0) throw new Error(`"${clean(text, 40)}" is no span of time such as 90s, 1h or 7d`);
  return ms;
}

function numberOf(text: string): number {
  if (text.trim() === '') return 0;
  if (!/^\d{1,6}$/.test(text.trim())) throw new Error(`"${clean(text, 40)}" is no number of pods to keep`);
  return Number(text);
}
