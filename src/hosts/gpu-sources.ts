import type { GpuReport } from '../state/gpu-devices.js';
import type { Pod } from '../state/pods.js';
import type { Collection } from '../state/snapshot.js';
import { clean } from '../text/clean.js';
import { pciGpus } from './facts-nvidia.js';
import type { GpuReader } from './gpu-reader.js';
import type { ProbeAnswer } from './probe-stream.js';

/** What the probe's nvidia-smi said, processes joined to pods; null where there is none on the machine, or it was not asked. */
export function probedGpus(answer: ProbeAnswer, podOf: ReadonlyMap<string, string>, reader: GpuReader): GpuReport | null {
  const section = answer.sections.get('nvidia-smi');
  if (section === undefined) return null;
  const { status, lines, errors } = section;
  if (status.kind === 'missing' || status.kind === 'root') return null;
  if (status.kind === 'timeout') return { status: 'hung', why: errors[0] === undefined ? 'nvidia-smi gave no answer in time' : clean(errors[0], 300) };
  const report = reader.nvidiaSmi(`${lines.join('\n')}\n`, {
    exitCode: status.kind === 'fail' ? status.code : status.kind === 'ok' ? 0 : null,
    stderr: errors.join('\n'),
  });
  return reader.withPods(report, cgroups(answer), podOf);
}

function cgroups(answer: ProbeAnswer): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const line of answer.sections.get('gpu-processes')?.lines ?? []) {
    const match = /^(\d{1,10}) (.*)$/.exec(line);
    if (match === null) continue;
    const pid = Number(match[1]);
    texts.set(pid, `${texts.get(pid) ?? ''}${match[2]}\n`);
  }
  return texts;
}

/** `namespace/name` by uid. */
export function podsByUid(pods: Collection<Pod> | null): ReadonlyMap<string, string> {
  return new Map([...(pods?.values() ?? [])].map((pod) => [pod.uid, `${pod.namespace}/${pod.name}`]));
}

/** NVIDIA display and 3D controllers that the machine has on its bus. */
export function cardCount({ sections }: ProbeAnswer): number {
  const cards = pciGpus(sections.get('pci')?.lines ?? []);
  return cards.known ? cards.value : 0;
}
