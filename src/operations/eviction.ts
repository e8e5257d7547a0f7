import { at, isObject, list, number, text, textMap } from '../kube/json.js';
import { selects } from '../kube/label-selector.js';
import { projectPod } from '../kube/projections/pod.js';
import type { Pod } from '../state/pods.js';
import { podPath, readObjects } from './cluster-reading.js';
import type { World } from './operation.js';
import { type Change, requestChange } from './steps.js';

/** A pod on a node that is to be emptied. */
export interface Resident {
  readonly pod: Pod;
  /** evict: it can go elsewhere. stay: a DaemonSet or a manifest on the machine keeps it there, also through a reboot. */
  readonly fate: 'evict' | 'stay';
  /** Nothing makes it anew once it is gone. */
  readonly bare: boolean;
  /** Data in emptyDir volumes go with it. */
  readonly scratch: boolean;
  /** The disruption budget that allows none of its pods to go now, as `name`; null where one may. */
  readonly heldBy: string | null;
}

/** The pods that live on a node, with what stands in the way of their leaving. Rejects with KubeError. */
export async function residentsOf(world: World, node: string): Promise<readonly Resident[]> {
  const fieldSelector = `spec.nodeName=${node},status.phase!=Failed,status.phase!=Succeeded`;
  const [pods, budgets] = await Promise.all([
    readObjects(world, '/api/v1/pods', { fieldSelector }),
    // Without the right to see budgets, the server's answer to each eviction tells.
    readObjects(world, '/apis/policy/v1/poddisruptionbudgets').catch(() => []),
  ]);
  return pods.flatMap((object) => {
    const pod = projectPod(object);
    if (pod === null) return [];
    const stays = pod.mirror || pod.owner?.kind === 'DaemonSet' || pod.owner?.kind === 'Node';
    const held = budgets.find((budget) => holds(budget, object));
    return [
      {
        pod,
        fate: stays ? 'stay' : 'evict',
        bare: pod.owner === null && !pod.mirror,
        scratch: list(at(object, 'spec', 'volumes')).some((volume) => isObject(at(volume, 'emptyDir'))),
        heldBy: held === undefined ? null : text(at(held, 'metadata', 'name')),
      },
    ];
  });
}

/** Asks the server to end a pod in good order. A budget that forbids it is asked again until another pod has taken over, or the time is over (429). */
export function evictionChange({ pod: { namespace, name, uid } }: Resident): Change {
  return requestChange({
    object: `pod/${namespace}/${name}`,
    text: 'Evict it',
    path: `${podPath(namespace, name)}/eviction`,
    method: 'POST',
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name }, deleteOptions: { preconditions: { uid } } },
    alsoDone: { 404: 'already gone', 409: 'already gone: another one has its name now' },
    retry: { status: 429, everyMs: 5000, forMs: 300_000 },
  });
}

function holds(budget: unknown, pod: unknown): boolean {
  if (at(budget, 'metadata', 'namespace') !== at(pod, 'metadata', 'namespace') || (number(at(budget, 'status', 'disruptionsAllowed')) ?? 0) > 0) return false;
  return selects(at(budget, 'spec', 'selector'), textMap(at(pod, 'metadata', 'labels')));
}
