import type { KubeObject } from '../api/object-store.js';
import { listAt, textAt } from '../fields.js';
import { hasMismatch, isLost, type Machine } from './machines.js';
import { controllerOf, specOf } from './objects.js';

/** Annotation of a pod that works for so many seconds and then ends well. */
export const runSeconds = 'demo.gpuk8s-tui/run-seconds';

/** How long the work of a pod takes that ends by itself, in seconds; null for one that goes on. */
export function workSeconds(pod: KubeObject): number | null {
  const short = controllerOf(pod)?.kind === 'Job' || specOf(pod)['restartPolicy'] === 'Never';
  if (!short) return null;
  const said = pod.metadata.annotations?.[runSeconds];
  if (said !== undefined) return Number.isNaN(Number(said)) ? null : Number(said);
  const { image, command } = mainOf(pod);
  if (isGpuSample(image)) return 3;
  if (/kube-bench/.test(image)) return 4;
  const isShell = /^(?:\S*\/)?(?:ba)?sh -\w*c /.test(command);
  if (/sleep (?:infinity|inf)\b|tail -f|while (?:true|:)|httpd -f|netexec/.test(command)) return null;
  const naps = [...command.matchAll(/\bsleep (\d+)/g)].map(([, seconds]) => Number(seconds));
  if (naps.length > 0) return naps.reduce((sum, each) => sum + each, 0);
  return isShell || (smallImage.test(image) && command !== '') || /\bnvidia-smi\b/.test(command) ? 2 : null;
}

/** Why that work comes to no good end on that machine: what it prints last; null where it does. */
export function workTrouble(pod: KubeObject, machine: Machine): string | null {
  if (!isGpuSample(mainOf(pod).image)) return null;
  if (specOf(pod)['runtimeClassName'] !== 'nvidia' || machine.gpus === 0)
    return 'Failed to allocate device vector A (error code CUDA driver version is insufficient for CUDA runtime version)!';
  if (hasMismatch(machine) || isLost(machine, 0)) return 'Failed to allocate device vector A (error code no CUDA-capable device is detected)!';
  return null;
}

/** What a pod of short work has printed; null for any other. */
export function workLog(pod: KubeObject, machine: Machine | null): readonly string[] | null {
  if (workSeconds(pod) === null) return null;
  const { image, command } = mainOf(pod);
  const ended = ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
  if (isGpuSample(image)) {
    const trouble = machine === null ? null : workTrouble(pod, machine);
    if (!ended) return ['[Vector addition of 50000 elements]'];
    return ['[Vector addition of 50000 elements]', ...(trouble === null ? vectorsAdded : [trouble])];
  }
  const spoken = [...command.matchAll(/\becho (?:-n )?("[^"]*"|'[^']*'|[^>|&;\n]+?)\s*(?=[>|&;\n]|$)(?!>)|\bgrep "([^"]*)"|\bgrep '([^']*)'/g)];
  return spoken.map(([, echoed, double, single]) => (echoed ?? double ?? single ?? '').replaceAll(/^["']|["']$/g, '')).filter((line) => line !== '');
}

const vectorsAdded = [
  'Copy input data from the host memory to the CUDA device',
  'CUDA kernel launch with 196 blocks of 256 threads',
  'Copy output data from the CUDA device to the host memory',
  'Test PASSED',
  'Done',
];

const smallImage = /(?:^|\/)(?:busybox|alpine|curl|curlimages|ubuntu|debian|bash)(?:[:@/]|$)/;

function isGpuSample(image: string): boolean {
  return /cuda-sample|vectoradd/.test(image);
}

function mainOf(pod: KubeObject): { readonly image: string; readonly command: string } {
  const [main] = listAt(pod, 'spec', 'containers');
  return { image: textAt(main, 'image') ?? '', command: [...listAt(main, 'command'), ...listAt(main, 'args')].map(String).join(' ') };
}
