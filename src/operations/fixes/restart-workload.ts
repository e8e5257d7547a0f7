import { at, number } from '../../kube/json.js';
import { forbidden, kubectl, readObject, uidOf, workloadPlace } from '../cluster-reading.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import type { Operation } from '../operation.js';
import { rolledOut, rolloutWarnings, updateStrategy } from '../rollout.js';
import { patchChange } from '../steps.js';

/** Replaces all pods of a workload, as `kubectl rollout restart` does. */
export const restartWorkload: Operation = defineFix({
  id: 'restart-workload',
  title: 'restart a workload',
  fields: { kind: fieldForms.kind, namespace: fieldForms.object, name: fieldForms.object },
  headline: (field) => `Restart ${workloadPlace(field('kind'), field('namespace'), field('name')).words}`,
  subject: (field) => field('name'),
  async propose(field, world) {
    const place = workloadPlace(field('kind'), field('namespace'), field('name'));
    const object = await readObject(world, place.path);
    if (object === null) throw new Blocked(`there is no ${place.words}`);
    if (number(at(object, 'spec', 'replicas')) === 0) throw nothingToDo(`${place.words} is scaled to 0`);
    const paused = at(object, 'spec', 'paused') === true;
    const resume = kubectl(world, '-n', place.namespace, 'rollout', 'resume', place.kind.toLowerCase(), place.name);
    const goal = `all pods of ${place.words} are new and ready`;
    const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString().replace(/\.\d+Z$/, 'Z') };
    return {
      risk: 'disruptive',
      changes: [
        patchChange({
          object: place.object,
          text: 'Replace its pods one after another (rollout restart)',
          path: place.path,
          type: 'strategic',
          uid: uidOf(object),
          patch: { spec: { template: { metadata: { annotations } } } },
        }),
      ],
      warnings: rolloutWarnings(object, place, world.snapshot()),
      blockers: [
        ...(paused ? [`${place.words} is paused: resume it first (${resume})`] : []),
        ...(updateStrategy(object) === 'OnDelete' ? [`${place.words} has the update strategy OnDelete: delete its pods instead`] : []),
        ...(await forbidden(world, { verb: 'patch', resource: place.resource, namespace: place.namespace })),
      ],
      undo: kubectl(world, '-n', place.namespace, 'rollout', 'undo', place.kind.toLowerCase(), place.name),
      goal,
      verify: (seen, signal) => rolledOut(seen, signal, place, { within: 180_000, goal }),
    };
  },
});
