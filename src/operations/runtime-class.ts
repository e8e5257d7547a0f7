import { at, text } from '../kube/json.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { listed } from '../text/wording.js';
import { readObject, uidOf } from './cluster-reading.js';
import type { World } from './operation.js';
import { type Change, deleteChange, fieldManager, patchTypes, requestChange } from './steps.js';

export const runtimeClassPath = '/apis/node.k8s.io/v1/runtimeclasses/nvidia';

/** What makes RuntimeClass nvidia name the handler nvidia; none where it does. A handler cannot be changed, so a class with another one is replaced. */
export async function runtimeClassChanges(world: World): Promise<readonly Change[]> {
  const existing = await readObject(world, runtimeClassPath);
  const handler = text(at(existing, 'handler'));
  if (handler === 'nvidia') return [];
  const create = requestChange({
    object: 'runtimeclass/nvidia',
    text: 'Create RuntimeClass nvidia with handler nvidia',
    path: runtimeClassPath,
    method: 'PATCH',
    contentType: patchTypes.apply,
    query: { fieldManager },
    body: { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'nvidia' }, handler: 'nvidia' },
  });
  if (existing === null) return [create];
  const remove = { object: 'runtimeclass/nvidia', text: `Delete RuntimeClass nvidia, whose handler is ${handler ?? 'empty'}`, path: runtimeClassPath };
  return [deleteChange({ ...remove, uid: uidOf(existing) }), create];
}

/** Nodes with GPUs whose container runtime says that it has no handler nvidia, as a warning. */
export function handlerWarnings(snapshot: ClusterSnapshot): readonly string[] {
  const without = [...(snapshot.nodes.value?.values() ?? [])].filter(
    ({ name, runtimeHandlers }) =>
      runtimeHandlers !== null && !runtimeHandlers.includes('nvidia') && (snapshot.gpus.value?.nodes.get(name)?.resources.length ?? 0) > 0,
  );
  if (without.length === 0) return [];
  const names = listed(without.map(({ name }) => name));
  return [`the container runtime of ${names} has no handler nvidia: configure the NVIDIA container toolkit there, or pods of this class will not start`];
}
