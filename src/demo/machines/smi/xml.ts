import type { GpuReading } from '../gpu-readings.js';
import { ctime, cudaVersion, lostSentence, type SmiScene } from './answer.js';
import { clockSections, powerSections, stateSections, temperatureSections } from './xml-board.js';
import { el, print } from './xml-element.js';
import { identitySections } from './xml-identity.js';
import { eccSections, memorySections, migSections } from './xml-memory.js';

/** `nvidia-smi -q -x` as driver 580 prints it (nvsmi_device_v13.dtd). Where a GPU is lost, a sentence stands in its place. */
export function smiXml({ machine, gpus, now }: SmiScene): string {
  const head = [el('timestamp', ctime(now)), el('driver_version', machine.driver.module), el('cuda_version', cudaVersion), el('attached_gpus', gpus.length)];
  const described = gpus.map((gpu) => (gpu.device.lost ? lostSentence(gpu) : `${print(gpuElement(gpu, machine), 1)}\n`));
  return [
    '<?xml version="1.0" ?>\n',
    '<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v13.dtd">\n',
    '<nvidia_smi_log>\n',
    ...head.map((element) => print(element, 1)),
    ...described,
    '</nvidia_smi_log>\n',
  ].join('');
}

function gpuElement(gpu: GpuReading, machine: SmiScene['machine']): ReturnType<typeof el> {
  const memory = memorySections(gpu);
  return {
    name: 'gpu',
    id: gpu.device.pciBusId,
    body: [
      ...identitySections(gpu, machine, migSections(gpu)),
      ...stateSections(gpu),
      ...memory,
      ...eccSections(gpu),
      ...temperatureSections(gpu),
      ...powerSections(gpu),
      ...clockSections(gpu),
      processes(gpu),
      el('accounted_processes', []),
      el('capabilities', [el('egm', 'disabled')]),
    ],
  };
}

function processes({ processes: found }: GpuReading): ReturnType<typeof el> {
  return el(
    'processes',
    found.map(({ pid, name, usedMi, gpuInstanceId }) =>
      el('process_info', [
        el('gpu_instance_id', gpuInstanceId ?? 'N/A'),
        el('compute_instance_id', gpuInstanceId === null ? 'N/A' : 0),
        el('pid', pid),
        el('type', 'C'),
        el('process_name', name),
        el('used_memory', `${usedMi} MiB`),
      ]),
    ),
  );
}
