import { at, isObject } from '../../kube/json.js';
import { counted, listed } from '../../text/wording.js';
import { forbidden, kubectl, nameOf, readObjects, uidOf } from '../cluster-reading.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import type { Operation } from '../operation.js';
import { patchChange } from '../steps.js';
import { lookFor } from '../verification.js';

const path = '/apis/storage.k8s.io/v1/storageclasses';
const annotation = 'storageclass.kubernetes.io/is-default-class';
/** What clusters older than 1.6 wrote; the API server still counts it. */
const formerAnnotation = 'storageclass.beta.kubernetes.io/is-default-class';

/** Makes one storage class the default, and no other: of two the newest wins in silence. */
export const defaultStorageClass: Operation = defineFix({
  id: 'default-storage-class',
  title: 'make a storage class the default',
  fields: { name: fieldForms.object },
  headline: (field) => `Make storage class ${field('name')} the default`,
  subject: (field) => field('name'),
  async propose(field, world) {
    const name = field('name');
    const classes = await readObjects(world, path);
    const chosen = classes.find((one) => nameOf(one) === name);
    if (chosen === undefined) {
      const others = classes.map(nameOf);
      throw new Blocked(
        `there is no storage class ${name}${others.length === 0 ? ': no class at all, install a provisioner first' : ` among ${listed(others)}`}`,
      );
    }
    const others = classes.filter((one) => one !== chosen && isDefault(one));
    if (isDefault(chosen) && others.length === 0) throw nothingToDo(`${name} is the only default storage class`);
    const mark = (object: unknown, value: 'true' | 'false') => {
      const own = nameOf(object);
      const annotations = { [annotation]: value, ...(annotationsOf(object)[formerAnnotation] === undefined ? {} : { [formerAnnotation]: value }) };
      const text = value === 'true' ? `Mark ${own} as the default` : `Mark ${own} as no default`;
      return patchChange({
        object: `storageclass/${own}`,
        text,
        path: `${path}/${encodeURIComponent(own)}`,
        type: 'merge',
        uid: uidOf(object),
        patch: { metadata: { annotations } },
      });
    };
    const waiting = [...(world.snapshot().persistentVolumeClaims.value?.values() ?? [])].filter(
      (claim) => claim.phase === 'Pending' && claim.storageClassName === null,
    );
    const before = others.map(nameOf);
    const goal = `${name} is the only default storage class`;
    return {
      risk: 'safe',
      changes: [...(isDefault(chosen) ? [] : [mark(chosen, 'true')]), ...others.map((one) => mark(one, 'false'))],
      warnings: [
        ...(before.length === 0
          ? []
          : [`${listed(before)} ${before.length === 1 ? 'is the default' : 'are defaults'} now: claims that name no class will get ${name}`]),
        ...(waiting.length === 0 ? [] : [`${counted(waiting.length, 'pending claim')} without a class will get ${name}`]),
      ],
      blockers: await forbidden(world, { verb: 'patch', resource: 'storageclasses.storage.k8s.io' }),
      undo: [...(isDefault(chosen) ? [] : [unmark(name, 'false')]), ...before.map((one) => unmark(one, 'true'))]
        .map((words) => kubectl(world, ...words))
        .join('; '),
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 30_000,
          goal,
          missing({ storageClasses }) {
            const defaults = [...(storageClasses.value?.values() ?? [])].filter((one) => one.isDefault).map((one) => one.name);
            return defaults.length === 1 && defaults[0] === name
              ? null
              : defaults.length === 0
                ? 'no storage class shows as the default'
                : `${listed(defaults)} show as default`;
          },
        }),
    };
  },
});

function isDefault(object: unknown): boolean {
  const annotations = annotationsOf(object);
  return annotations[annotation] === 'true' || annotations[formerAnnotation] === 'true';
}

function annotationsOf(object: unknown): Readonly<Record<string, unknown>> {
  const annotations = at(object, 'metadata', 'annotations');
  return isObject(annotations) ? annotations : {};
}

function unmark(name: string, value: string): readonly string[] {
  return ['annotate', '--overwrite', 'storageclass', name, `${annotation}=${value}`];
}
