import { at, list, text } from '../../kube/json.js';
import { KubeError } from '../../kube/kube-error.js';
import { nameOf, readObject, readObjects } from '../cluster-reading.js';
import type { World } from '../operation.js';
import type { ScalablePlace } from './scalable.js';

/** What the volumes of a new pod demand: the nodes that its bound volumes can be used from, or why no node will do. `ordinal` numbers a StatefulSet's pods. */
export type ClaimRules = (ordinal: number) => { readonly terms: readonly (readonly unknown[])[]; readonly why: string | null };

/** The claims of a workload's pods with the volumes they are bound to. What cannot be looked at demands nothing. */
export async function readClaims(world: World, { kind, namespace, name }: ScalablePlace, object: unknown, spec: unknown): Promise<ClaimRules> {
  const templates = kind === 'StatefulSet' ? list(at(object, 'spec', 'volumeClaimTemplates')).map(nameOf) : [];
  const own = templates.map((template) => `${template}-${name}-`);
  const shared = list(at(spec, 'volumes')).flatMap((volume) => text(at(volume, 'persistentVolumeClaim', 'claimName')) ?? []);
  const plain = shared.filter((claim) => !own.some((prefix) => claim.startsWith(prefix)));
  if (own.length === 0 && plain.length === 0) return () => ({ terms: [], why: null });
  const claims = new Map(
    (await readable(() => readObjects(world, `/api/v1/namespaces/${encodeURIComponent(namespace)}/persistentvolumeclaims`), [])).map((claim) => [
      nameOf(claim),
      claim,
    ]),
  );
  const wanted = [...claims].filter(([claim]) => plain.includes(claim) || own.some((prefix) => claim.startsWith(prefix)));
  const volumes = new Map(
    await Promise.all(
      wanted.map(async ([claim, found]) => {
        const volume = text(at(found, 'spec', 'volumeName'));
        return [
          claim,
          volume === null ? null : await readable(() => readObject(world, `/api/v1/persistentvolumes/${encodeURIComponent(volume)}`), null),
        ] as const;
      }),
    ),
  );
  const classes = new Map((await readable(() => readObjects(world, '/apis/storage.k8s.io/v1/storageclasses'), [])).map((one) => [nameOf(one), one]));

  return (ordinal) => {
    const names = [...plain, ...own.map((prefix) => `${prefix}${ordinal}`)];
    const missing = plain.find((claim) => !claims.has(claim));
    if (missing !== undefined && claims.size > 0) return { terms: [], why: `persistentvolumeclaim "${missing}" not found` };
    const unbound = names.some((claim) => {
      const found = claims.get(claim);
      if (found === undefined || at(found, 'status', 'phase') === 'Bound') return false;
      return at(classes.get(text(at(found, 'spec', 'storageClassName')) ?? ''), 'volumeBindingMode') !== 'WaitForFirstConsumer';
    });
    if (unbound) return { terms: [], why: 'pod has unbound immediate PersistentVolumeClaims' };
    const terms = names.flatMap((claim) => {
      const required = at(volumes.get(claim), 'spec', 'nodeAffinity', 'required');
      return required === undefined ? [] : [list(at(required, 'nodeSelectorTerms'))];
    });
    return { terms, why: null };
  };
}

async function readable<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KubeError && (error.kind === 'forbidden' || error.kind === 'not-found')) return otherwise;
    throw error;
  }
}
