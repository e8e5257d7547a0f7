import { at } from '../../kube/json.js';
import { readiness } from '../../state/nodes.js';
import { forbidden, kubectl, nodePath, readObject, uidOf } from '../cluster-reading.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import type { Operation } from '../operation.js';
import { patchChange } from '../steps.js';
import { lookFor } from '../verification.js';

/** Lets pods be scheduled to a node again. */
export const uncordon: Operation = defineFix({
  id: 'uncordon',
  title: 'let pods be scheduled to a node again',
  fields: { node: fieldForms.object },
  headline: (field) => `Uncordon node ${field('node')}`,
  subject: (field) => field('node'),
  async propose(field, world) {
    const name = field('node');
    const node = await readObject(world, nodePath(name));
    if (node === null) throw new Blocked(`there is no node ${name}`);
    if (at(node, 'spec', 'unschedulable') !== true) throw nothingToDo(`pods can be scheduled to ${name}`);
    const known = world.snapshot().nodes.value?.get(name);
    const goal = `pods can be scheduled to ${name}`;
    return {
      risk: 'safe',
      changes: [uncordonChange(name, uidOf(node))],
      warnings: [
        ...(known === undefined || readiness(known) === 'ready' ? [] : [`${name} is not Ready: its taints keep pods away until it is`]),
        'somebody cordoned it: see that their work on it is over',
      ],
      blockers: await forbidden(world, { verb: 'patch', resource: 'nodes' }),
      undo: kubectl(world, 'cordon', name),
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 30_000,
          goal,
          missing: ({ nodes }) => (nodes.value?.get(name)?.unschedulable === false ? null : `${name} still shows as cordoned`),
        }),
    };
  },
});

export function uncordonChange(name: string, uid: string) {
  const text = `Let pods be scheduled to ${name} again (uncordon)`;
  return patchChange({ object: `node/${name}`, text, path: nodePath(name), type: 'strategic', uid, patch: { spec: { unschedulable: null } } });
}
