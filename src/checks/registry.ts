import { apiServerReady, certificates, etcdHealth } from './api-server.js';
import { apiServices } from './apiservices.js';
import type { Check } from './check.js';
import { comingBack } from './coming-back.js';
import { coreDns } from './coredns.js';
import { csrPending } from './csr-pending.js';
import { devicePlugin } from './device-plugin.js';
import { diskVsEviction } from './disk-vs-eviction.js';
import { evicted, unexpectedAdmission } from './ended-pods.js';
import { gpuCount } from './gpu-count.js';
import { dcgmExporter, gpuLabel } from './gpu-exporter.js';
import { gpuPod } from './gpu-pod.js';
import { driverLibMatch, driverNextKernel, nouveauAbsent, rebootStillRequired } from './host-driver.js';
import { gpuPersistence, nvidiaSmi } from './host-gpus.js';
import { cgroupV2, kernelModules, sysctl } from './host-kernel.js';
import { kubeconfigPerms } from './host-kubeconfig.js';
import { mounts } from './host-mounts.js';
import { packageHolds, unattendedRan } from './host-packages.js';
import { hosts } from './host-reach.js';
import { runtimeBinaries } from './host-runtime-binaries.js';
import { failedUnits, kubeletService, loadBalancers, runtimeService } from './host-services.js';
import { swapZero } from './host-swap.js';
import { cdiSpec, nvidiaLowLevel } from './host-toolkit.js';
import { gpuXid } from './host-xid.js';
import { kubeletHeartbeat } from './kubelet-heartbeat.js';
import { grafanaHealth, prometheusTargets } from './monitoring.js';
import { namespaces } from './namespaces.js';
import { bootId, kernelChanged } from './node-changes.js';
import { nodeConditions } from './node-conditions.js';
import { nodeReady } from './node-ready.js';
import { nodeSchedulable } from './node-schedulable.js';
import { nvidiaHandler, nvidiaRuntimeClass } from './nvidia-runtime.js';
import { cniPods, kubeProxy } from './pod-network.js';
import { crashLoop, podsNotRunning } from './pods.js';
import { provisioner } from './provisioner.js';
import { staticPods } from './static-pods.js';
import { defaultStorageClass, pvcBound } from './storage.js';
import { terminatingStuck } from './terminating-pods.js';
import { timeSync } from './time-sync.js';
import { webhooks } from './webhooks.js';
import { workloadsReady } from './workloads.js';

/** Every check, in the order in which a cluster comes back: that is also the order in which they are told and believed as causes. */
export const checks: readonly Check[] = [
  apiServerReady,
  etcdHealth,
  certificates,
  hosts,
  loadBalancers,
  mounts,
  swapZero,
  cgroupV2,
  nouveauAbsent,
  driverNextKernel,
  driverLibMatch,
  kernelModules,
  sysctl,
  gpuXid,
  nvidiaSmi,
  runtimeBinaries,
  runtimeService,
  kubeletService,
  comingBack,
  nodeReady,
  kubeletHeartbeat,
  csrPending,
  timeSync,
  diskVsEviction,
  nodeConditions,
  nodeSchedulable,
  staticPods,
  cniPods,
  kubeProxy,
  coreDns,
  provisioner,
  defaultStorageClass,
  pvcBound,
  nvidiaRuntimeClass,
  nvidiaHandler,
  nvidiaLowLevel,
  cdiSpec,
  gpuLabel,
  devicePlugin,
  gpuCount,
  dcgmExporter,
  podsNotRunning,
  crashLoop,
  terminatingStuck,
  evicted,
  unexpectedAdmission,
  workloadsReady,
  namespaces,
  apiServices,
  webhooks,
  prometheusTargets,
  grafanaHealth,
  failedUnits,
  kubeconfigPerms,
  packageHolds,
  gpuPersistence,
  bootId,
  kernelChanged,
  rebootStillRequired,
  unattendedRan,
  gpuPod,
];
