import { clusterSteps } from './cluster-steps.js';
import { gpuSteps } from './gpu-steps.js';
import type { HostStep } from './host-step.js';
import { linuxSteps } from './linux-steps.js';
import { upkeepSteps } from './upkeep-steps.js';

/** The steps that the machines of the demo know, by id. */
export const hostSteps: ReadonlyMap<string, HostStep> = new Map([...linuxSteps, ...clusterSteps, ...gpuSteps, ...upkeepSteps]);
