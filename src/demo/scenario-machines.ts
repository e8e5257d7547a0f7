import { isFields } from './fields.js';
import { type GpuModelName, gpuModelNames, gpuModels } from './seed/gpu-models.js';
import type { MachineSetup } from './seed/hardware.js';

/** Checks a scenario's `machines`: by node, what differs from the usual machine. `fail` gets where and what is wrong. */
export function parseMachines(value: unknown, fail: (where: string, what: string) => never): Record<string, MachineSetup> {
  if (!isFields(value)) return fail('"machines"', 'must be an object of machines by node');
  return Object.fromEntries(
    Object.entries(value).map(([node, setup]) => [node, parseMachine(setup, (field, what) => fail(`"machines.${node}${field}"`, what))]),
  );
}

function parseMachine(value: unknown, fail: (field: string, what: string) => never): MachineSetup {
  if (!isFields(value)) return fail('', 'must be an object');
  for (const field of Object.keys(value)) if (!known.includes(field)) fail(`.${field}`, `is not a field; the fields are ${known.join(', ')}`);
  const { gpu, gpus, mig, replicas, runtime, diskGi } = value;
  const model = gpu === undefined ? undefined : (gpuModelNames.find((name) => name === gpu) ?? fail('.gpu', `must be one of ${gpuModelNames.join(', ')}`));
  if (gpus !== undefined && !isCount(gpus, 0, 16)) fail('.gpus', 'must be a whole number from 0 to 16');
  if (replicas !== undefined && !isCount(replicas, 1, 64)) fail('.replicas', 'must be a whole number from 1 to 64');
  if (runtime !== undefined && runtime !== 'containerd' && runtime !== 'cri-o') fail('.runtime', 'must be containerd or cri-o');
  if (diskGi !== undefined && !isCount(diskGi, 20, 100_000)) fail('.diskGi', 'must be a whole number from 20 to 100000');
  return {
    ...(model === undefined ? {} : { gpu: model }),
    ...(typeof gpus === 'number' ? { gpus } : {}),
    ...(typeof replicas === 'number' ? { replicas } : {}),
    ...(runtime === 'containerd' || runtime === 'cri-o' ? { runtime } : {}),
    ...(typeof diskGi === 'number' ? { diskGi } : {}),
    ...(mig === undefined ? {} : { mig: parseMig(mig, model ?? 'A100-SXM4-80GB', fail) }),
  };
}

const known = ['gpu', 'gpus', 'mig', 'replicas', 'runtime', 'diskGi'];

function parseMig(value: unknown, model: GpuModelName, fail: (field: string, what: string) => never): string[][] {
  const profiles = Object.keys(gpuModels[model].mig);
  if (!Array.isArray(value)) return fail('.mig', 'must be a list with the profiles of each GPU');
  return value.map((ofGpu: unknown, gpu) => {
    if (!Array.isArray(ofGpu)) return fail(`.mig[${gpu}]`, 'must be a list of profiles');
    return ofGpu.map((profile: unknown) => profiles.find((each) => each === profile) ?? fail(`.mig[${gpu}]`, `may hold ${profiles.join(', ') || 'nothing'}`));
  });
}

function isCount(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
