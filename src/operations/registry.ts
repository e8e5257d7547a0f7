import { applyRuntimeClass } from './fixes/apply-runtime-class.js';
import { approveCsrs } from './fixes/approve-csrs.js';
import { defaultStorageClass } from './fixes/default-storage-class.js';
import { deleteEndedPods } from './fixes/delete-ended-pods.js';
import { deletePod } from './fixes/delete-pod.js';
import { labelNode } from './fixes/label-node.js';
import { restartWorkload } from './fixes/restart-workload.js';
import { setRuntimeClass } from './fixes/set-runtime-class.js';
import { uncordon } from './fixes/uncordon.js';
import type { Operation } from './operation.js';

/** Every operation there is. */
export const operations: readonly Operation[] = [
  applyRuntimeClass,
  setRuntimeClass,
  labelNode,
  uncordon,
  deleteEndedPods,
  deletePod,
  restartWorkload,
  defaultStorageClass,
  approveCsrs,
];
