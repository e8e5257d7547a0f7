import { forbidden, kubectl } from '../cluster-reading.js';
import { defineFix, nothingToDo } from '../fix.js';
import type { Operation } from '../operation.js';
import { handlerWarnings, runtimeClassChanges } from '../runtime-class.js';
import { lookFor } from '../verification.js';

/** RuntimeClass nvidia: what GPU pods name to be run by NVIDIA's runtime. */
export const applyRuntimeClass: Operation = defineFix({
  id: 'apply-runtime-class',
  title: 'create the runtime class nvidia',
  fields: {},
  headline: () => 'Create RuntimeClass nvidia with handler nvidia',
  subject: () => 'nvidia',
  async propose(_, world) {
    const changes = await runtimeClassChanges(world);
    if (changes.length === 0) throw nothingToDo('RuntimeClass nvidia names the handler nvidia');
    const replaces = changes.length > 1;
    const resource = 'runtimeclasses.node.k8s.io';
    const operator = [...(world.snapshot().deployments.value?.values() ?? [])].find(({ name }) => name === 'gpu-operator');
    const goal = 'RuntimeClass nvidia names the handler nvidia';
    return {
      risk: replaces ? 'disruptive' : 'safe',
      changes,
      warnings: [
        ...handlerWarnings(world.snapshot()),
        ...(replaces ? ['pods of the class that runs now are not touched; new ones get the new handler'] : []),
        ...(operator === undefined ? [] : [`the GPU operator (${operator.namespace}/${operator.name}) creates this class itself: see first why it has not`]),
      ],
      blockers: await forbidden(world, { verb: 'create', resource }, { verb: 'patch', resource }, ...(replaces ? [{ verb: 'delete', resource }] : [])),
      undo: kubectl(world, 'delete', 'runtimeclass', 'nvidia'),
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 30_000,
          goal,
          missing({ runtimeClasses }) {
            const handler = runtimeClasses.value?.get('nvidia')?.handler;
            if (handler === 'nvidia') return null;
            return handler === undefined ? 'RuntimeClass nvidia is not seen yet' : `RuntimeClass nvidia still names the handler ${handler}`;
          },
        }),
    };
  },
});
