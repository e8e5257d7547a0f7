import type { GpuReading } from '../gpu-readings.js';
import { lostSentence } from './answer.js';

/** `nvidia-smi -L`. */
export function smiList(gpus: readonly GpuReading[]): string {
  return gpus
    .map((gpu) => {
      const { device } = gpu;
      if (device.lost) return lostSentence(gpu);
      const parts = device.mig.map(({ index, profile, uuid }) => `  MIG ${profile.padEnd(12)}Device ${String(index).padStart(2)}: (UUID: ${uuid})\n`);
      return `GPU ${device.index}: ${device.model} (UUID: ${device.uuid})\n${parts.join('')}`;
    })
    .join('');
}
