import type { Pod } from '../state/pods.js';
import type { Workload } from '../state/workloads.js';
import { restartFix, workloadTag } from './backing-workload.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { podIndex } from './pod-index.js';
import { podExplainedBy } from './pod-links.js';
import { podStatusAndRestarts } from './pod-status.js';
import { infrastructure } from './pods.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

export const provisioner: Check = defineCheck({
  id: 'provisioner',
  title: 'volumes can be made',
  severity: 'critical',
  dependsOn: infrastructure,
  look(sight) {
    const classes = [...sight.see('storageClasses').values()].filter(({ provisioner }) => provisioner !== byHand);
    if (classes.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no storage class makes volumes here' }];
    const names = [...new Set(classes.map(({ provisioner }) => provisioner))];
    const workloads = [...sight.see('deployments').values(), ...(sight.peek('statefulSets')?.values() ?? [])];
    const known = names.flatMap((name) => makersOf(name, workloads).map((workload) => ({ name, workload })));
    if (known.length === 0) return [{ object: 'cluster', status: 'skipped', message: `no Deployment known that makes volumes for ${listed(names)}` }];
    return known.map(({ name, workload }) => making(name, workload, sight));
  },
});

/** Volumes of these classes are made by a person. */
const byHand = 'kubernetes.io/no-provisioner';

/** The workloads that serve a provisioner, by the names that their manifests and charts give them. */
function makersOf(provisioner: string, workloads: readonly Workload[]): readonly Workload[] {
  const found = makers.find(([name]) => name.test(provisioner));
  const pattern = found?.[1] ?? driverPattern(provisioner);
  return workloads.filter(({ name, app }) => pattern.test(name) || (app !== null && pattern.test(app)));
}

const makers: readonly (readonly [provisioner: RegExp, workload: RegExp])[] = [
  [/^rancher\.io\/local-path$|local-path/, /local-path-provisioner/],
  [/nfs-subdir-external-provisioner|nfs-client|fuseim\.pri\/ifs/, /nfs-(?:subdir-external|client)-provisioner/],
  [/^openebs\.io\/local$/, /openebs.*localpv.*provisioner|localpv-provisioner/],
  [/^nfs\.csi\.k8s\.io$/, /csi-nfs-controller/],
  [/^driver\.longhorn\.io$/, /^csi-provisioner$/],
  [/\.rbd\.csi\.ceph\.com$/, /csi-rbdplugin-provisioner|rbd.*ctrlplugin/],
  [/\.cephfs\.csi\.ceph\.com$/, /csi-cephfsplugin-provisioner|cephfs.*ctrlplugin/],
];

/** Other drivers call their controller after themselves: `ebs.csi.aws.com`, ebs-csi-controller. */
function driverPattern(provisioner: string): RegExp {
  const [, driver = ''] = /^([a-z0-9-]+)\.csi\./.exec(provisioner) ?? [];
  return driver === '' ? /^$/ : new RegExp(`^(?:${driver}-csi|csi-${driver})-controller`);
}

function making(provisioner: string, workload: Workload, sight: Sight): Observation {
  const object = workloadTag(workload);
  const name = `${workload.namespace}/${workload.name}`;
  if (workload.desired > 0 && workload.ready > 0) return { object, status: 'pass', message: `${name} ${workload.ready} of ${workload.desired} ready` };
  const waiting = [...(sight.peek('persistentVolumeClaims')?.values() ?? [])].filter(({ phase }) => phase === 'Pending').length;
  const lost = `no volumes for ${provisioner} are made${waiting === 0 ? '' : `, ${waiting} ${waiting === 1 ? 'claim waits' : 'claims wait'}`}`;
  if (workload.desired === 0) {
    return {
      object,
      status: 'warn',
      severity: 'warning',
      message: `Provisioner ${name} is scaled to 0: ${lost}`,
      fix: {
        summary: 'Scale it up again',
        command: sight.kubectl('-n', workload.namespace, 'scale', `${workload.kind.toLowerCase()}/${workload.name}`, '--replicas=1'),
      },
      explains: [`provisioner/${provisioner}`],
    };
  }
  const pods = podIndex(sight.snapshot.pods)?.troubledByOwner.get(object) ?? [];
  return {
    object,
    status: 'fail',
    message: `Provisioner ${name} has 0 of ${workload.desired} ready${states(pods)}: ${lost}`,
    fix: restartFix(workload, `Restart it; if it fails again, read its log`, sight),
    explains: [object, `provisioner/${provisioner}`, ...pods.map((pod) => `pod/${pod.namespace}/${pod.name}`)],
    explainedBy: pods.flatMap(podExplainedBy),
  };
}

function states(pods: readonly Pod[]): string {
  const seen = [...new Set(pods.map(podStatusAndRestarts))].filter((state) => state !== 'NotReady');
  return seen.length === 0 ? '' : ` (${listed(seen)})`;
}
