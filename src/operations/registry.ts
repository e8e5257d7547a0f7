import { cleanDisk } from './clean/disk.js';
import { cleanPods } from './clean/pods.js';
import { applyRuntimeClass } from './fixes/apply-runtime-class.js';
import { applySysctls } from './fixes/apply-sysctls.js';
import { approveCsrs } from './fixes/approve-csrs.js';
import { defaultStorageClass } from './fixes/default-storage-class.js';
import { deleteEndedPods } from './fixes/delete-ended-pods.js';
import { deletePod } from './fixes/delete-pod.js';
import { enableUnit } from './fixes/enable-unit.js';
import { freeDisk } from './fixes/free-disk.js';
import { gpuPersistence } from './fixes/gpu-persistence.js';
import { holdPackages } from './fixes/hold-packages.js';
import { kubeconfigOwner } from './fixes/kubeconfig-owner.js';
import { labelNode } from './fixes/label-node.js';
import { loadModules } from './fixes/load-modules.js';
import { loadNvidia } from './fixes/load-nvidia.js';
import { rebootNode } from './fixes/reboot-node.js';
import { refreshCdi } from './fixes/refresh-cdi.js';
import { remount } from './fixes/remount.js';
import { renewCertificates } from './fixes/renew-certificates.js';
import { restartUnit } from './fixes/restart-unit.js';
import { restartWorkload } from './fixes/restart-workload.js';
import { setRuntimeClass } from './fixes/set-runtime-class.js';
import { swapOff } from './fixes/swap-off.js';
import { timeSync } from './fixes/time-sync.js';
import { uncordon } from './fixes/uncordon.js';
import { applyAlertRules } from './monitoring/apply-alert-rules.js';
import { importDashboards } from './monitoring/import-dashboards.js';
import type { Operation } from './operation.js';
import { scale, scaleMany } from './scale/scale.js';

/** Every operation there is: what the API server changes, then what is changed on a machine. */
export const operations: readonly Operation[] = [
  applyRuntimeClass,
  setRuntimeClass,
  labelNode,
  uncordon,
  deleteEndedPods,
  cleanPods,
  deletePod,
  restartWorkload,
  defaultStorageClass,
  approveCsrs,
  restartUnit,
  enableUnit,
  swapOff,
  loadModules,
  applySysctls,
  kubeconfigOwner,
  renewCertificates,
  timeSync,
  holdPackages,
  refreshCdi,
  gpuPersistence,
  loadNvidia,
  remount,
  freeDisk,
  cleanDisk,
  rebootNode,
  importDashboards,
  applyAlertRules,
  scale,
  scaleMany,
];
