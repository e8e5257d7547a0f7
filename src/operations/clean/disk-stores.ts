import { apt } from './stores/apt.js';
import { coreDumps } from './stores/core-dumps.js';
import { criImages } from './stores/cri-images.js';
import { dockerBuildCache } from './stores/docker-build-cache.js';
import { dockerContainers } from './stores/docker-containers.js';
import { dockerDangling } from './stores/docker-dangling.js';
import { dockerImages } from './stores/docker-images.js';
import { journal } from './stores/journal.js';
import { localPath } from './stores/local-path.js';
import { oldKernels } from './stores/old-kernels.js';
import { podLogs } from './stores/pod-logs.js';
import { rotatedLogs } from './stores/rotated-logs.js';
import type { Store } from './stores/store.js';

/** What can be won back on a machine, by least harm first: in this order it goes. */
export const diskStores: readonly Store[] = [
  journal,
  apt,
  rotatedLogs,
  dockerDangling,
  dockerBuildCache,
  podLogs,
  coreDumps,
  localPath,
  oldKernels,
  criImages,
  dockerContainers,
  dockerImages,
];
