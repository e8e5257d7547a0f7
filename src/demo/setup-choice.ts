import type { World } from './controllers/world.js';
import { addressOf, type Hardware } from './seed/hardware.js';

/** What whoever made the demo cluster with guided setup chose then, as plain data. */
export interface DemoSetupChoice {
  readonly profile: null;
  readonly playbooks: readonly string[];
  readonly hosts: readonly { readonly name: string; readonly address: string; readonly roles: readonly ('control-plane' | 'gpu' | 'worker')[] }[];
  readonly values: Readonly<Record<string, string>>;
  readonly seat: 'here';
}

/** The stack that the demo's machines have: kubeadm, Calico, the device plugin from its manifest and kube-prometheus-stack, with the container runtime that is on them. */
export function demoSetupChoice({ machines }: Pick<World, 'machines'>): DemoSetupChoice {
  const all = machines.all().map(({ hardware }) => hardware);
  const isCrio = all[0]?.runtime === 'cri-o';
  const shared = Math.max(1, ...all.map(({ replicas }) => replicas));
  const runtime = isCrio ? 'cri-o' : 'containerd';
  const rest = ['kubernetes-packages', 'kubeadm', 'calico', 'cluster-addons', 'storage', 'gpu', 'monitoring', 'maintenance', 'reboot'];
  return {
    profile: null,
    playbooks: ['host-prep', runtime, ...rest],
    hosts: all.slice(0, mostHosts).map((machine) => ({ name: machine.name, address: addressOf(machine), roles: rolesOf(machine) })),
    values: {
      RUNTIME: isCrio ? 'crio' : 'containerd',
      CNI: 'calico',
      GPU_STACK: 'device-plugin',
      DEVICE_PLUGIN_SOURCE: 'manifest',
      MONITORING_STACK: 'kube-prometheus-stack',
      STORAGE_CLASS: 'local-path',
      NFS_VOLUMES: 'no',
      NODE_CIDR: '10.0.0.0/16',
      ADMIN_USER: 'ops',
      SLICES: String(shared),
    },
    seat: 'here',
  };
}

/** A matrix of hundreds of machines would be of no use, and they are all alike. */
const mostHosts = 8;

function rolesOf({ role, gpus }: Hardware): readonly ('control-plane' | 'gpu' | 'worker')[] {
  const isNode = gpus > 0 ? (['gpu'] as const) : (['worker'] as const);
  if (role === 'worker') return isNode;
  return gpus > 0 ? ['control-plane', 'gpu'] : ['control-plane'];
}
