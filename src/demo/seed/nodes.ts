import { createHash, randomUUID } from 'node:crypto';
import { microStamp, stamp } from '../controllers/objects.js';
import type { Fields } from '../fields.js';
import { type GpuModel, migResource } from './gpu-models.js';
import { addressOf, type Hardware, podNetworkOf } from './hardware.js';
import { imagesOn } from './images.js';
import { type Manifest, manifest } from './manifest.js';

export const versions = {
  kubernetes: 'v1.36.2',
  containerd: '2.3.4',
  crio: '1.36.1',
  kernel: '6.8.0-94-generic',
  os: 'Ubuntu 24.04.3 LTS',
  driver: '580.173.02',
  calico: 'v3.32.2',
} as const;

/** A node with its lease and its CSINode, as a kubeadm cluster with GPU feature discovery has them; Ready since `now` (ms since the epoch). */
export function nodeManifests(machine: Hardware, now: number, bootId: string, maxPods: number): Manifest[] {
  const { name } = machine;
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid: randomUUID() };
  return [
    manifest(
      'nodes',
      'v1',
      'Node',
      { name, uid: owner.uid, labels: labelsOf(machine), annotations: annotationsOf(machine) },
      {
        spec: {
          podCIDR: `${podNetworkOf(machine)}.0/24`,
          podCIDRs: [`${podNetworkOf(machine)}.0/24`],
          ...(machine.takesWork ? {} : { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }),
        },
        status: statusOf(machine, now, bootId, maxPods),
      },
    ),
    manifest(
      'leases.coordination.k8s.io',
      'coordination.k8s.io/v1',
      'Lease',
      { name, namespace: 'kube-node-lease', ownerReferences: [owner] },
      { spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microStamp(now) } },
    ),
    manifest('csinodes.storage.k8s.io', 'storage.k8s.io/v1', 'CSINode', { name, ownerReferences: [owner] }, { spec: { drivers: null } }),
  ];
}

function labelsOf(machine: Hardware): Record<string, string> {
  const common = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': machine.name,
    'kubernetes.io/os': 'linux',
  };
  const role: Record<string, string> =
    machine.role === 'control-plane'
      ? { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
      : { 'node-role.kubernetes.io/worker': '' };
  return { ...common, ...role, ...gpuLabels(machine) };
}

/** What GPU feature discovery 0.20 says. */
function gpuLabels({ gpu, gpus, mig, replicas }: Hardware): Record<string, string> {
  if (gpu === null) return {};
  const whole = Array.from({ length: gpus }, (_, index) => (mig[index] ?? []).length === 0).filter(Boolean).length;
  const shared = replicas > 1;
  const [driverMajor = '', driverMinor = '', driverRevision = ''] = versions.driver.split('.');
  return {
    'nvidia.com/cuda.driver-version.full': versions.driver,
    'nvidia.com/cuda.driver-version.major': driverMajor,
    'nvidia.com/cuda.driver-version.minor': driverMinor,
    'nvidia.com/cuda.driver-version.revision': driverRevision,
    'nvidia.com/cuda.runtime-version.full': '13.0',
    'nvidia.com/cuda.runtime-version.major': '13',
    'nvidia.com/cuda.runtime-version.minor': '0',
    'nvidia.com/gpu.compute.major': gpu.compute[0],
    'nvidia.com/gpu.compute.minor': gpu.compute[1],
    'nvidia.com/gpu.count': String(whole),
    'nvidia.com/gpu.family': gpu.family,
    'nvidia.com/gpu.machine': gpu.machine,
    'nvidia.com/gpu.memory': String(gpu.memoryMi),
    'nvidia.com/gpu.mode': 'compute',
    'nvidia.com/gpu.present': 'true',
    'nvidia.com/gpu.product': `${gpu.product}${shared ? '-SHARED' : ''}`,
    'nvidia.com/gpu.replicas': String(replicas),
    'nvidia.com/gpu.sharing-strategy': shared ? 'time-slicing' : 'none',
    'nvidia.com/mig.capable': Object.keys(gpu.mig).length > 0 ? 'true' : 'false',
    'nvidia.com/mig.strategy': mig.length > 0 ? 'mixed' : 'none',
    ...migLabels(gpu, mig),
  };
}

/** With the mixed strategy each size of MIG device is described on its own. */
function migLabels(gpu: GpuModel, mig: readonly (readonly string[])[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const name of new Set(mig.flat())) {
    const profile = gpu.mig[name];
    if (profile === undefined) continue;
    const prefix = migResource(name);
    const slices = name.split('g')[0] ?? '1';
    labels[`${prefix}.count`] = String(mig.flat().filter((each) => each === name).length);
    labels[`${prefix}.memory`] = String(profile.memoryMi);
    labels[`${prefix}.multiprocessors`] = String(profile.multiprocessors);
    labels[`${prefix}.product`] = `${gpu.product}-MIG-${name}`;
    labels[`${prefix}.replicas`] = '1';
    labels[`${prefix}.slices.ci`] = slices;
    labels[`${prefix}.slices.gi`] = slices;
    labels[`${prefix}.engines.copy`] = String(profile.copyEngines);
    labels[`${prefix}.engines.decoder`] = String(profile.decoders);
  }
  return labels;
}

function annotationsOf(machine: Hardware): Record<string, string> {
  return {
    'node.alpha.kubernetes.io/ttl': '0',
    'projectcalico.org/IPv4Address': `${addressOf(machine)}/16`,
    'projectcalico.org/IPv4VXLANTunnelAddr': `${podNetworkOf(machine)}.0`,
    'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
  };
}

function statusOf(machine: Hardware, now: number, bootId: string, maxPods: number): Fields {
  const beat = { lastHeartbeatTime: stamp(now), lastTransitionTime: stamp(now) };
  const fine = (type: string, reason: string, message: string) => ({ type, status: 'False', ...beat, reason, message });
  const address = addressOf(machine);
  const ephemeral = Math.floor(machine.diskKi * 1024 * 0.9);
  const pools = { 'hugepages-1Gi': '0', 'hugepages-2Mi': '0' };
  // The device plugin registers the GPUs when it comes up.
  const gpus = Object.fromEntries(machine.resources.map((resource) => [resource, '0']));
  return {
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: machine.name },
    ],
    capacity: {
      cpu: String(machine.cpus),
      'ephemeral-storage': `${machine.diskKi}Ki`,
      ...pools,
      memory: `${machine.memoryKi}Ki`,
      ...gpus,
      pods: String(maxPods),
    },
    allocatable: {
      cpu: String(machine.cpus),
      'ephemeral-storage': String(ephemeral),
      ...pools,
      memory: `${machine.memoryKi - 102_400}Ki`,
      ...gpus,
      pods: String(maxPods),
    },
    conditions: [
      { type: 'NetworkUnavailable', status: 'True', ...beat, reason: 'CalicoIsDown', message: 'Calico is shutting down on this node' },
      fine('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      fine('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      fine('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      { type: 'Ready', status: 'True', ...beat, reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    features: { supplementalGroupsPolicy: true },
    images: imagesOn(machine),
    nodeInfo: {
      architecture: 'amd64',
      bootID: bootId,
      containerRuntimeVersion: machine.runtime === 'cri-o' ? `cri-o://${versions.crio}` : `containerd://${versions.containerd}`,
      kernelVersion: versions.kernel,
      kubeProxyVersion: '',
      kubeletVersion: versions.kubernetes,
      machineID: createHash('md5').update(machine.name).digest('hex'),
      operatingSystem: 'linux',
      osImage: versions.os,
      swap: { capacity: 0 },
      systemUUID: systemUuid(machine.name),
    },
    runtimeHandlers: (machine.runtime === 'cri-o' ? ['', 'crun', 'nvidia', 'runc'] : ['', 'nvidia', 'runc']).map((name) => ({
      ...(name === '' ? {} : { name }),
      features: { recursiveReadOnlyMounts: true, userNamespaces: name !== 'nvidia' },
    })),
  };
}

function systemUuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `4c4c4544-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 24)}`;
}
