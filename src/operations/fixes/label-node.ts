import { at, isObject, text } from '../../kube/json.js';
import type { Node } from '../../state/nodes.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { listed } from '../../text/wording.js';
import { forbidden, kubectl, nodePath, readObject, uidOf } from '../cluster-reading.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import type { Operation } from '../operation.js';
import { patchChange } from '../steps.js';
import { lookFor } from '../verification.js';

/** Sets one label of a node, such as the one that GPU DaemonSets select by. */
export const labelNode: Operation = defineFix({
  id: 'label-node',
  title: 'label a node',
  fields: {
    node: fieldForms.object,
    key: /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/,
    value: /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/,
  },
  headline: (field) => `Label node ${field('node')} with ${field('key')}=${field('value')}`,
  subject: (field) => field('node'),
  async propose(field, world) {
    const [name, key, value] = [field('node'), field('key'), field('value')];
    const node = await readObject(world, nodePath(name));
    if (node === null) throw new Blocked(`there is no node ${name}`);
    const labels = at(node, 'metadata', 'labels');
    const before = isObject(labels) && typeof labels[key] === 'string' ? (text(labels[key]) ?? '') : null;
    if (before === value) throw nothingToDo(`node ${name} has the label ${key}=${value}`);
    const comers = daemonSetsLetIn(world.snapshot(), name, key, value);
    const warnings = [
      ...(before === null ? [] : [`the label is ${key}=${before} now`]),
      ...(comers.length === 0 ? [] : [`${listed(comers.map((one) => `daemonset ${one}`))} will start a pod there`]),
    ];
    const goal = `node ${name} has the label ${key}=${value}${comers.length === 0 ? '' : `, and ${listed(comers)} runs there`}`;
    return {
      risk: 'safe',
      changes: [
        patchChange({
          object: `node/${name}`,
          text: `Set label ${key}=${value}`,
          path: nodePath(name),
          type: 'merge',
          uid: uidOf(node),
          patch: { metadata: { labels: { [key]: value } } },
        }),
      ],
      warnings,
      blockers: await forbidden(world, { verb: 'patch', resource: 'nodes' }),
      undo: before === null ? kubectl(world, 'label', 'node', name, `${key}-`) : kubectl(world, 'label', '--overwrite', 'node', name, `${key}=${before}`),
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: comers.length === 0 ? 30_000 : 120_000,
          goal,
          missing(snapshot) {
            if (snapshot.nodes.value?.get(name)?.labels.get(key) !== value) return `node ${name} does not show the label yet`;
            const absent = comers.find((one) => !runsOn(snapshot, one, name));
            return absent === undefined ? null : `daemonset ${absent} has no ready pod on ${name} yet`;
          },
        }),
    };
  },
});

/** DaemonSets, as `namespace/name`, whose node selector the node fulfils with the label and not without. */
function daemonSetsLetIn({ nodes, daemonSets }: ClusterSnapshot, name: string, key: string, value: string): readonly string[] {
  const node = nodes.value?.get(name);
  if (node === undefined) return [];
  const after: Node = { ...node, labels: new Map([...node.labels, [key, value]]) };
  return [...(daemonSets.value ?? [])].filter(([, { nodeSelector }]) => !selects(nodeSelector, node) && selects(nodeSelector, after)).map(([id]) => id);
}

function selects(selector: ReadonlyMap<string, string>, { labels }: Node): boolean {
  return [...selector].every(([key, value]) => labels.get(key) === value);
}

function runsOn({ pods }: ClusterSnapshot, daemonSet: string, node: string): boolean {
  return [...(pods.value?.values() ?? [])].some(
    (pod) => pod.nodeName === node && pod.owner?.kind === 'DaemonSet' && `${pod.namespace}/${pod.owner.name}` === daemonSet && pod.ready?.status === 'True',
  );
}
