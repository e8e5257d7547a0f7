import { at } from '../../kube/json.js';
import type { Verification } from '../../state/operations.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { duration, parseDuration } from '../../text/age.js';
import { nodePath } from '../cluster-reading.js';
import type { World } from '../operation.js';

export function hasDiskPressure(snapshot: ClusterSnapshot, node: string): boolean {
  return snapshot.nodes.value?.get(node)?.conditions.some(({ type, status }) => type === 'DiskPressure' && status === 'True') === true;
}

/** Waits until the kubelet takes its DiskPressure back: it keeps it for evictionPressureTransitionPeriod after there is room again. */
export async function pressureGone(world: World, node: string, signal: AbortSignal): Promise<Verification> {
  const startedAt = performance.now();
  const within = (await transitionMs(world, node)) + 120_000;
  const gone = await world.until((snapshot) => snapshot.nodes.value?.has(node) === true && !hasDiskPressure(snapshot, node), within, signal);
  return gone
    ? { seen: true, text: `DiskPressure went after ${duration(performance.now() - startedAt)}` }
    : { seen: false, text: `the kubelet still reports DiskPressure after ${duration(performance.now() - startedAt)}` };
}

const usualTransitionMs = 5 * 60_000;

async function transitionMs({ client }: World, node: string): Promise<number> {
  try {
    const { body } = await client.request(`${nodePath(node)}/proxy/configz`, { timeoutMs: 10_000 });
    const words = at(body, 'kubeletconfig', 'evictionPressureTransitionPeriod');
    return (typeof words === 'string' ? parseDuration(words) : null) ?? usualTransitionMs;
  } catch {
    return usualTransitionMs;
  }
}
