import type { ExecOptions, ExecResult } from '../api/hooks.js';
import type { KubeObject } from '../api/object-store.js';
import type { World } from '../controllers/world.js';
import { at, textAt } from '../fields.js';
import type { ClusterModel } from '../monitoring/model/cluster-model.js';
import { machineHost } from './machine-host.js';
import { createShell, programOf } from './shell/shell.js';

/** Runs a command in a container: programs there are those of a small image, and nvidia-smi where the nvidia runtime put it, for the GPUs that the container may use. */
export async function execInContainer(world: World, model: ClusterModel, pod: KubeObject, { command, stdin }: ExecOptions): Promise<ExecResult> {
  const machine = world.machines.get(textAt(pod, 'spec', 'nodeName') ?? '');
  const withGpus = textAt(pod, 'spec', 'runtimeClassName') === 'nvidia';
  if (machine === null || machine.downSince !== null) return { failure: 'Internal error occurred: error dialing backend: connect: no route to host' };
  const host = machineHost(world, model, machine, 1, null);
  const visible = visibleTo(model, pod);
  const shell = createShell(
    { ...host, hostname: pod.metadata.name, gpus: () => host.gpus().filter(({ device }) => visible === null || visible.has(device.index)) },
    { user: 'root', name: pod.metadata.name, programs: withGpus ? [...imagePrograms, 'nvidia-smi'] : imagePrograms },
  );
  const program = programOf(command);
  if (!shell.has(program)) return { failure: notFound(program) };
  return shell.runWords(command, { stdin, env: {} });
}

const imagePrograms = ['true', 'false', 'echo', 'printf', 'cat', 'hostname', 'uname', 'id', 'whoami', 'date', 'pwd', 'head', 'tail', 'wc', 'grep', ':', 'exit'];

function notFound(program: string): string {
  const why = `failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH`;
  return `Internal error occurred: error executing command in container: ${why}`;
}

/** The GPUs that a pod sees: those it was given, or, for the device plugin and the like that ask for none, all of them (null). */
function visibleTo(model: ClusterModel, pod: KubeObject): ReadonlySet<number> | null {
  for (const record of model.pods()) {
    if (record.uid !== pod.metadata.uid || record.gpuCount === 0) continue;
    return new Set([...record.gpus, ...record.migDevices.map(({ gpu }) => gpu)]);
  }
  return at(pod, 'spec', 'runtimeClassName') === undefined ? new Set() : null;
}
