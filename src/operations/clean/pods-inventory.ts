import type { EndedPodInventory } from '../../state/ended-pods.js';
import type { World } from '../operation.js';
import { readCollector, readPressures } from './pods-causes.js';
import { groupEndedPods, readRunners } from './pods-groups.js';
import { readEndedPods } from './pods-list.js';

/** Reads all ended pods and groups them; of the pods themselves nothing is kept but when each ended. Rejects with KubeError. */
export async function readInventory(world: Pick<World, 'snapshot' | 'client'>, signal: AbortSignal, now: () => number = Date.now): Promise<EndedPodInventory> {
  const [pods, runners, pressures, collector] = await Promise.all([
    readEndedPods(world.client, { phases: 'ended', signal }),
    readRunners(world, null, signal),
    readPressures(world),
    readCollector(world),
  ]);
  return {
    at: now(),
    pressures,
    collector,
    groups: groupEndedPods(pods, runners).map(({ pods: members, ...group }) => ({
      ...group,
      endedAt: members
        .filter(({ terminating }) => !terminating)
        .map(({ endedAt }) => endedAt)
        .sort((a, b) => a - b),
      terminating: members.filter(({ terminating }) => terminating).length,
    })),
  };
}
