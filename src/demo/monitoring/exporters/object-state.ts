import type { KubeObject } from '../../api/object-store.js';
import { seconds } from '../model/pod-record.js';
import { type Family, gauge, type LabelPairs, type Series, type Wants } from './family.js';

/** Labels and value of one series about an object. */
export type State = readonly [LabelPairs, number | ((time: number) => number)];

/** A family of kube-state-metrics: for each object some series, with the object's own labels first, from its creation on. */
export function stateFamily(
  name: string,
  help: string,
  objects: () => readonly KubeObject[],
  identity: (object: KubeObject) => LabelPairs,
  states: (object: KubeObject, wants: Wants) => Iterable<State>,
): Family {
  return gauge(name, help, function* (wants) {
    for (const object of objects()) {
      if (!wants('namespace', object.metadata.namespace ?? '')) continue;
      const own = identity(object);
      if (!own.every(([label, value]) => wants(label, value))) continue;
      const created = createdAt(object);
      for (const [labels, value] of states(object, wants)) yield stateSeries([...own, ...labels], value, created);
    }
  });
}

/** When an object was created, in seconds; null when it does not say. */
export function createdAt(object: KubeObject): number | null {
  return seconds(object.metadata.creationTimestamp ?? null);
}

function stateSeries(labels: LabelPairs, value: State[1], created: number | null): Series {
  const at = typeof value === 'number' ? () => value : value;
  return { suffix: '', labels, value: created === null ? at : (time) => (time >= created ? at(time) : null) };
}
