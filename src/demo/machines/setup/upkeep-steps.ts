import { isRenewable, reclaimable } from '../../controllers/linux.js';
import { diskChanged } from '../../controllers/machines.js';
import { runtimeUnit } from '../../controllers/units.js';
import { revive } from './cluster-steps.js';
import { aptSays, done, type HostStep, missing, notApplicable, noted, type Scene, type Seen, unneeded } from './host-step.js';

/** Maintenance, what has to survive a reboot, backups of etcd, and disks. */
export const upkeepSteps: readonly (readonly [string, HostStep])[] = [
  noted('unattended-upgrades', {
    done: 'security updates come by themselves, without those of Kubernetes and the driver',
    missing: 'unattended-upgrades is not installed',
    says: aptSays('unattended-upgrades 2.9.1+nmu4ubuntu1'),
  }),
  noted('kubelet-reserved-config', {
    done: 'nodes keep room for the system',
    missing: 'the ConfigMap kubelet-config does not keep back what it should',
    says: ['configmap/kubelet-config patched'],
  }),
  noted('kubelet-reserved', {
    done: 'the kubelet keeps room for the system',
    missing: 'the kubelet keeps nothing back for the system',
    says: ['restarting the kubelet'],
  }),
  ['fstab-dedupe', fstab()],
  ['certs-renew', certificates()],
  noted('podgc-threshold', { done: 'ended pods are cleared from 500 on', missing: 'ended pods are cleared from 12,500 on' }),
  ['services-enabled', services()],
  noted('reboot-node', { done: 'it came back after its last reboot', missing: 'it has not been rebooted from here' }),
  noted('reboot-selftest', { done: 'all checks are good since the last boot', missing: 'it has not been looked at since the last boot' }),
  noted('etcd-snapshot', {
    done: 'a snapshot of today is there',
    missing: 'there is no snapshot of etcd',
    says: [
      '{"level":"info","msg":"created temporary db file","path":"/var/backups/gpuk8s/etcd/snapshot.db.part"}',
      'Snapshot saved at /var/backups/gpuk8s/etcd/snapshot.db',
      '5d1e7aa4, 412031, 1874, 48 MB',
    ],
  }),
  ['etcd-restore', { look: () => missing('nothing is restored unless it is asked for'), does: () => 'the machines of the demo do not give up their cluster' }],
  noted('etcd-compaction', {
    done: 'etcd has no gaps worth closing',
    missing: 'etcd has gaps',
    says: ['Finished defragmenting etcd member[https://127.0.0.1:2379]'],
  }),
  noted('etcd-encryption-prepare', { done: 'the API server has the key', missing: 'the API server has no key' }),
  noted('etcd-encryption', { done: 'Secrets are encrypted in etcd', missing: 'Secrets lie in etcd as they are' }),
  unneeded('docker-build-cache', 'docker is not installed here'),
  unneeded('docker-dangling', 'docker is not installed here'),
  unneeded('docker-unused', 'docker is not installed here'),
  ['cri-unused', reclaim('images', 8e9, 'of images that no container uses', 'Deleted: registry.lab.local:5000/ai/llama-finetune')],
  ['journald-vacuum', reclaim('journal', 1e9, 'of journals', 'Vacuuming done, freed archived journals from /var/log/journal.')],
  ['apt-clean', reclaim('packages', 0.5e9, 'of packages that were fetched', 'Deleted archives of /var/cache/apt')],
  noted('pod-logs', { done: 'no log of a pod is larger than 100 MB', missing: 'logs of pods are large' }),
  noted('local-pv', { done: 'the folder is a file system of its own', missing: 'there is no file system for it' }),
];

function fstab(): HostStep {
  return {
    look({ host }) {
      const lost = host.machine.linux.mounts.filter(({ mounted }) => !mounted);
      return lost.length > 0
        ? missing(`fstab mounts ${lost.map(({ place }) => place).join(' ')}, which is not mounted`)
        : done('every line of fstab is there once, and mounted');
    },
    does({ host }) {
      const { linux } = host.machine;
      linux.mounts = linux.mounts.map((each) => ({ ...each, mounted: true }));
      return null;
    },
  };
}

function certificates(): HostStep {
  return {
    look({ host }) {
      const soon = [...host.machine.linux.certificates].filter(([path]) => isRenewable(path));
      if (soon.length === 0) return notApplicable('no certificates of kubeadm are here');
      const days = Math.floor((Math.min(...soon.map(([, end]) => end)) - host.now()) / 86_400_000);
      return days < 30 ? missing(`certificates end in ${days} days`) : done(`all certificates are good for ${days} days`);
    },
    says: () => ['certificate for serving the Kubernetes API renewed', 'certificate for serving etcd renewed', 'Done renewing certificates.'],
    does({ host }) {
      host.systems?.renewCertificates(host.machine);
      return null;
    },
  };
}

function services(): HostStep {
  const wanted = ({ host }: Scene) => [
    'kubelet.service',
    runtimeUnit(host.machine.hardware),
    'chrony.service',
    ...(host.machine.gpus > 0 ? ['nvidia-persistenced.service'] : []),
  ];
  return {
    look(scene): Seen {
      const off = wanted(scene).filter((name) => scene.host.unit(name)?.enabled !== 'enabled');
      return off.length > 0 ? missing(`does not start at boot: ${off.join(' ')}`) : done('all of them start at boot');
    },
    says: (scene) => wanted(scene).map((name) => `${name} starts at boot`),
    does(scene) {
      for (const name of wanted(scene)) revive(scene.host, name);
      return null;
    },
  };
}

/** Disk space of one kind, above a limit. */
function reclaim(kind: 'images' | 'journal' | 'packages', limit: number, words: string, says: string): HostStep {
  return {
    look({ host }) {
      const bytes = host.machine.linux.disk[kind];
      const text = `${(bytes / 1e9).toFixed(1)} GB ${words}`;
      return bytes > limit ? missing(text) : done(text);
    },
    says: () => [says],
    does({ host }) {
      const { machine } = host;
      const before = reclaimable(machine.linux);
      machine.linux.disk[kind] = Math.min(machine.linux.disk[kind], limit / 2);
      diskChanged(machine, before, host.now());
      host.systems?.look(machine);
      return null;
    },
  };
}
