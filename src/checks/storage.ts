import type { ClusterEvent } from '../state/events.js';
import type { Collection } from '../state/snapshot.js';
import type { PersistentVolumeClaim, StorageClass } from '../state/storage.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { mostTelling } from './most-telling.js';
import type { Sight } from './sight.js';
import { clause, listed } from './wording.js';

export const pvcBound: Check = defineCheck({
  id: 'pvc-bound',
  title: 'volume claims are bound',
  severity: 'critical',
  dependsOn: ['default-sc', 'provisioner'],
  look(sight) {
    const claims = [...sight.see('persistentVolumeClaims').values()];
    if (claims.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no volume claims here' }];
    const open = claims.filter((claim) => claim.phase !== 'Bound');
    if (open.length === 0) return [{ object: 'cluster', status: 'pass', message: 'all bound' }];
    const events = latestEvents(sight);
    const classes = sight.see('storageClasses');
    const unbound = open.flatMap((claim) => {
      const why = whyUnbound(claim, classes, events.get(`${claim.namespace}/${claim.name}`), sight.now);
      return why === null ? [] : [{ claim, why }];
    });
    if (unbound.length === 0) return [{ object: 'cluster', status: 'pass', message: 'all bound, or waiting for their first pod' }];
    return mostTelling(
      unbound,
      'volume claims',
      ({ claim, why }) => notBound(claim, why, classes, sight),
      ({ claim }) => explainedBy(claim, classes),
    );
  },
});

export const defaultStorageClass: Check = defineCheck({
  id: 'default-sc',
  title: 'there is one default StorageClass',
  severity: 'warning',
  look(sight) {
    const classes = [...sight.see('storageClasses').values()];
    const defaults = classes.filter((storageClass) => storageClass.isDefault).map((storageClass) => storageClass.name);
    const [first, ...more] = defaults;
    if (first !== undefined && more.length === 0) return [{ object: 'cluster', status: 'pass', message: first }];
    if (first === undefined && classes.length === 0) {
      const claims = sight.peek('persistentVolumeClaims')?.size ?? 0;
      if (claims === 0) return [{ object: 'cluster', status: 'skipped', message: 'no storage classes and no volume claims here' }];
      const fix = { summary: 'Install a provisioner, for one node local-path, and make its class the default', command: null };
      return [{ object: 'cluster', status: 'warn', message: 'No StorageClass exists, yet there are volume claims', fix, explains: ['default-sc'] }];
    }
    if (first === undefined) {
      const best = (classes.find(({ provisioner }) => provisioner !== 'kubernetes.io/no-provisioner') ?? classes[0])?.name ?? '';
      const fix = {
        summary: classes.length === 1 ? `Make ${best} the default` : `Make one of them the default: ${best} makes volumes by itself`,
        command: mark(best, true, sight),
        operation: { id: 'default-storage-class', input: { name: best } },
      };
      return [
        {
          object: 'cluster',
          status: 'warn',
          message: `No StorageClass is the default${waiting(sight)} (there ${classes.length === 1 ? 'is' : 'are'} ${listed(classes.map(({ name }) => name))})`,
          fix,
          explains: ['default-sc'],
        },
      ];
    }
    const fix = {
      summary: `Keep one as the default: ${first}`,
      command: mark(more[0] ?? first, false, sight),
      operation: { id: 'default-storage-class', input: { name: first } },
    };
    return [
      {
        object: 'cluster',
        status: 'warn',
        message: `${defaults.length} StorageClasses are the default: ${listed(defaults)}; claims without a class get the newest`,
        fix,
      },
    ];
  },
});

/** The claims that were left to the default. */
function waiting(sight: Sight): string {
  const claims = [...(sight.peek('persistentVolumeClaims')?.values() ?? [])].filter(
    ({ phase, storageClassName }) => phase === 'Pending' && storageClassName === null,
  );
  if (claims.length === 0) return '';
  return `, and ${listed(claims.map(({ namespace, name }) => `${namespace}/${name}`))} ${claims.length === 1 ? 'waits' : 'wait'} for one`;
}

/** null for a claim that only waits for its first pod, or has just been made. */
function whyUnbound(claim: PersistentVolumeClaim, classes: Collection<StorageClass>, event: ClusterEvent | undefined, now: number): string | null {
  if (claim.phase === 'Lost') return `lost its volume ${claim.volumeName ?? ''}`.trim();
  if (event?.reason === 'ProvisioningFailed') return `cannot get a volume: ${clause(event.message)}`;
  if (claim.createdAt !== null && now - claim.createdAt < 60_000) return null;
  const age = claim.createdAt === null ? '' : ` for ${duration(now - claim.createdAt)}`;
  if (claim.storageClassName === null) return `waits${age}: it names no StorageClass, and none was the default when it was made`;
  const storageClass = classes.get(claim.storageClassName);
  if (storageClass === undefined) return `waits${age}: its StorageClass ${claim.storageClassName} does not exist`;
  if (event?.reason === 'ExternalProvisioning') return `waits${age} for ${storageClass.provisioner} to make a volume: ${clause(event.message)}`;
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? null : `waits${age} for a volume from ${storageClass.provisioner}`;
}

function notBound(claim: PersistentVolumeClaim, why: string, classes: Collection<StorageClass>, sight: Sight): Observation {
  return {
    object: `pvc/${claim.namespace}/${claim.name}`,
    status: 'fail',
    message: `Volume claim ${claim.namespace}/${claim.name} ${why}`,
    fix: { summary: 'See its events; then the pods of its provisioner', command: sight.kubectl('-n', claim.namespace, 'describe', 'pvc', claim.name) },
    explains: [`pvc/${claim.namespace}`],
    explainedBy: explainedBy(claim, classes),
  };
}

function explainedBy(claim: PersistentVolumeClaim, classes: Collection<StorageClass>): readonly (readonly string[])[] {
  if (claim.storageClassName === null) return [['default-sc']];
  const storageClass = classes.get(claim.storageClassName);
  return storageClass === undefined ? [] : [[`provisioner/${storageClass.provisioner}`]];
}

function latestEvents(sight: Sight): ReadonlyMap<string, ClusterEvent> {
  const latest = new Map<string, ClusterEvent>();
  for (const event of sight.peek('events')?.values() ?? []) {
    if (event.object.kind !== 'PersistentVolumeClaim') continue;
    const key = `${event.object.namespace ?? event.namespace}/${event.object.name}`;
    if ((event.lastAt ?? 0) >= (latest.get(key)?.lastAt ?? 0)) latest.set(key, event);
  }
  return latest;
}

function mark(name: string, isDefault: boolean, sight: Sight): string {
  const patch = { metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) } } };
  return sight.kubectl('patch', 'storageclass', name, '-p', JSON.stringify(patch));
}
