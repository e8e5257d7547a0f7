import { conditionStatus } from '../../controllers/objects.js';
import { versions } from '../../seed/nodes.js';
import type { MachineHost } from '../machine-host.js';
import { aptSays, done, type HostStep, missing, notApplicable, noted, type Scene, unneeded } from './host-step.js';

/** Container runtime, Kubernetes' packages, load balancer and what kubeadm does. */
export const clusterSteps: readonly (readonly [string, HostStep])[] = [
  ...runtimeSteps('cri-o', 'CRI-O', versions.crio, ['crio-repo', 'crio-install', 'crio-cni-clean', 'crio-pause', 'crio-service']),
  ...runtimeSteps('containerd', 'containerd', versions.containerd, [
    'docker-repo',
    'containerd-install',
    'containerd-config',
    'containerd-service',
    'containerd-pause',
  ]),
  noted('crictl-endpoint', { done: 'crictl reaches the runtime', missing: '/etc/crictl.yaml is not there' }),
  noted('k8s-repo', { done: 'the repository of v1.36 is set up', missing: 'there is no repository of Kubernetes' }),
  ['k8s-install', packages()],
  ['kubelet-enable', service('kubelet.service', 'the kubelet starts at boot')],
  noted('k8s-prepull', {
    done: `all images of ${versions.kubernetes} are there`,
    missing: 'images are missing',
    says: [`[config/images] Pulled registry.k8s.io/kube-apiserver:${versions.kubernetes}`],
  }),
  noted('haproxy-install', { done: 'HAProxy is installed, and starts at boot', missing: 'haproxy is not installed', says: aptSays('haproxy 2.8.15-1') }),
  noted('haproxy-config', { done: 'HAProxy knows all control planes', missing: '/etc/haproxy/haproxy.cfg is not as it should be' }),
  noted('keepalived-vip', { done: 'the virtual address is held', missing: 'keepalived is not installed', says: aptSays('keepalived 1:2.2.8-1') }),
  noted('kubeadm-config', { done: '/root/gpuk8s/kubeadm.yaml is as it should be', missing: '/root/gpuk8s/kubeadm.yaml is not there' }),
  [
    'kubeadm-init-single',
    {
      look: (scene) =>
        planesOf(scene) > 1 ? notApplicable('there are several control planes: kubeadm-init-ha makes the first one') : done('the API server is ready'),
    },
  ],
  [
    'kubeadm-init-ha',
    { look: (scene) => (planesOf(scene) > 1 ? done('the API server is ready') : notApplicable('there is one control plane: kubeadm-init-single makes it')) },
  ],
  ['kubeconfig-user', kubeconfig()],
  ['join-secrets', joinSecrets()],
  ['join-cp', { look: isNode }],
  ['join-worker', { look: isNode }],
  ['node-notready-kick', { look: ({ host }) => (readiness(host) === 'True' ? done('the node is Ready') : missing('the node is not Ready')), ...kick() }],
  ['kubeadm-reset', { look: () => missing('the host is a node of a cluster'), does: () => 'the machines of the demo do not give up their cluster' }],
  unneeded('calico-networkmanager', 'NetworkManager does not run here'),
  noted('cp-metrics', { done: 'Prometheus reaches the control plane', missing: 'kube-scheduler, kube-controller-manager and etcd listen on 127.0.0.1 only' }),
  unneeded('power-meter', 'this machine shows no power meter'),
  unneeded('model-server-image', 'docker is not installed here'),
  noted('nfs-server', { done: 'the folder is exported', missing: 'nfs-kernel-server is not installed', says: aptSays('nfs-kernel-server 1:2.6.4-3ubuntu5') }),
  noted('nfs-client', { done: 'nfs-common is installed', missing: 'nfs-common is not installed', says: aptSays('nfs-common 1:2.6.4-3ubuntu5') }),
];

function runtimeSteps(runtime: 'cri-o' | 'containerd', name: string, version: string, ids: readonly string[]): (readonly [string, HostStep])[] {
  return ids.map((id) => {
    const installed = ({ host }: Scene) => host.machine.hardware.runtime === runtime;
    const look = (scene: Scene) => {
      if (!installed(scene)) return id === 'crio-cni-clean' ? notApplicable(`${name} is not installed`) : missing(`${name} is not installed`);
      const unit = scene.host.unit(runtime === 'cri-o' ? 'crio' : 'containerd');
      if (id.endsWith('-service') && (unit?.active !== 'active' || unit.enabled !== 'enabled'))
        return missing(`${name} is ${unit?.active ?? 'not there'}, ${unit?.enabled ?? ''}`);
      return done(`${name} ${version}`);
    };
    const does = (scene: Scene) => {
      if (!installed(scene)) return 'the machines of the demo keep the container runtime that they have';
      if (id.endsWith('-service')) revive(scene.host, runtime === 'cri-o' ? 'crio.service' : 'containerd.service');
      return null;
    };
    return [id, { look, does }];
  });
}

function packages(): HostStep {
  const names = ['kubeadm', 'kubectl', 'kubelet'];
  return {
    look({ host }) {
      const loose = names.filter((name) => !host.machine.linux.holds.has(name));
      return loose.length > 0
        ? missing(`not held back from upgrades: ${loose.join(' ')}`)
        : done(`kubelet, kubeadm and kubectl ${versions.kubernetes.slice(1)}, held`);
    },
    says: () => [
      ...names.map((name) => `${name} is already the newest version (${versions.kubernetes.slice(1)}-1.1).`),
      ...names.map((name) => `${name} set on hold.`),
    ],
    does({ host }) {
      for (const name of names) host.machine.linux.holds.add(name);
      return null;
    },
    undoes({ host }) {
      for (const name of names) host.machine.linux.holds.delete(name);
    },
  };
}

/** A unit that has to run and to start at boot. */
export function service(name: string, words: string): HostStep {
  return {
    look({ host }) {
      const unit = host.unit(name);
      if (unit === null) return missing(`${name} is not installed`);
      if (unit.enabled !== 'enabled') return missing(`${name} is ${unit.enabled}: it does not start at boot`);
      return done(words);
    },
    says: () => [`Created symlink /etc/systemd/system/multi-user.target.wants/${name} → /usr/lib/systemd/system/${name}.`],
    does({ host }) {
      revive(host, name);
      return null;
    },
    undoes({ host }) {
      const unit = host.machine.linux.units.get(name);
      if (unit !== undefined) unit.enabled = 'disabled';
    },
  };
}

/** Enables a unit and starts it. */
export function revive(host: MachineHost, name: string): void {
  const unit = host.machine.linux.units.get(name);
  if (unit !== undefined && unit.enabled !== 'static') unit.enabled = 'enabled';
  host.systems?.start(host.machine, name);
}

function kubeconfig(): HostStep {
  const path = '/home/ops/.kube/config';
  return {
    look({ host }) {
      const found = host.machine.linux.files.get(path);
      if (found === undefined) return missing(`${path} is not there`);
      return found.owner === 'ops' && found.mode === '600'
        ? done(`${path} is of ops, for nobody else to read`)
        : missing(`${path} is of ${found.owner}, mode ${found.mode}`);
    },
    does({ host }) {
      const { files } = host.machine.linux;
      const source = files.get('/etc/kubernetes/admin.conf');
      if (source === undefined) return '/etc/kubernetes/admin.conf is not there';
      files.set(path, { ...source, owner: 'ops', mode: '600' });
      return null;
    },
    undoes: ({ host }) => host.machine.linux.files.delete(path),
  };
}

/** Made anew whenever somebody needs them: see the answer of apply. */
function joinSecrets(): HostStep {
  return { look: () => done('all hosts have joined'), says: () => ['a token for two hours'], does: () => null };
}

function isNode({ host }: Scene) {
  return host.world.store.get('nodes', host.machine.name) === null ? missing('the host is no node') : done('the host is a node of the cluster');
}

/** Of the inventory. */
function planesOf({ values }: Scene): number {
  return (values.get('CONTROL_PLANES') ?? '').split('\n').filter((line) => line !== '').length;
}

function readiness(host: MachineHost): string {
  const node = host.world.store.get('nodes', host.machine.name);
  return (node === null ? null : conditionStatus(node, 'Ready')) ?? 'Unknown';
}

function kick(): Pick<HostStep, 'does'> {
  return {
    does({ host }) {
      for (const name of [host.machine.hardware.runtime === 'cri-o' ? 'crio.service' : 'containerd.service', 'kubelet.service']) revive(host, name);
      return null;
    },
  };
}
