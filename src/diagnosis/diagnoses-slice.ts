import type { Diagnosis } from '../state/diagnoses.js';
import { denied, live, loading, lost, type Slice } from '../state/freshness.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

type Diagnoses = Slice<readonly Diagnosis[]>;

/** The slice for what was found; null where nothing is different. That nothing was found counts only where something could be looked at. */
export function diagnosesSlice(
  diagnoses: readonly Diagnosis[],
  before: Diagnoses,
  snapshot: ClusterSnapshot,
  { logsRefused, now }: { readonly logsRefused: boolean; readonly now: number },
): Diagnoses | null {
  const next = sliceNow(diagnoses, before, snapshot, logsRefused, now);
  const same = told(next) === told(before);
  return same ? null : next;
}

/** All but the times, which pass by themselves. */
function told({ value, freshness }: Diagnoses): string {
  return JSON.stringify([value, { ...freshness, at: 0, since: 0 }]);
}

function sliceNow(diagnoses: readonly Diagnosis[], before: Diagnoses, snapshot: ClusterSnapshot, logsRefused: boolean, now: number): Diagnoses {
  const { connection, pods, events, hosts } = snapshot;
  const hostsSeen = [...(hosts.value?.values() ?? [])].some(({ contact }) => contact.status === 'connected');
  if (connection.status !== 'connected') {
    if (hostsSeen) return live(diagnoses, now);
    return lost(before, now, connection.status === 'lost' ? connection.why : 'not connected');
  }
  if (diagnoses.length > 0 || hostsSeen) return live(diagnoses, now);
  if (pods.value === null) return pods.freshness.status === 'denied' ? denied('list', 'pods') : loading(now);
  // Without logs and events there is nothing of what was said.
  return logsRefused && events.value === null ? denied('get', 'pods/log') : live(diagnoses, now);
}
