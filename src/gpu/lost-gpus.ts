import type { GpuDevice } from '../state/gpu-devices.js';
import { clean } from '../text/clean.js';
import { lostGpu } from './gpu-device.js';
import { samePciDevice } from './pci-bus-id.js';

/**
 * Puts the GPUs that nvidia-smi could not get at among those that answered. The sentence has had three forms:
 * `… handle for GPU 0000:41:00.0: GPU is lost.  Reboot the system to recover this GPU`, `… GPU0000:41:00.0: Unknown Error` and, from 535 on,
 * `… GPU3: 0000:41:00.0: Unknown Error`, after which the others keep their numbers. Devices come in order of their index.
 */
export function withLostGpus(devices: readonly GpuDevice[], said: string): readonly GpuDevice[] {
  const lost = lostSaid(said).filter(({ pciBusId }) => pciBusId === null || !devices.some((device) => samePciDevice(device.pciBusId, pciBusId)));
  if (lost.length === 0) return devices;
  const numbered = lost.filter(({ index }) => index !== null);
  if (numbered.length === lost.length) {
    const taken = new Set(lost.map(({ index }) => index));
    const free = Array.from({ length: devices.length + lost.length }, (_, index) => index).filter((index) => !taken.has(index));
    const moved = devices.map((device, position) => ({ ...device, index: free[position] ?? device.index }));
    return [...moved, ...lost.map(({ index, pciBusId, why }) => lostGpu(index ?? 0, pciBusId, why))].sort((a, b) => a.index - b.index);
  }
  // Without a number, the bus decides: nvidia-smi counts in its order.
  const all = [...devices, ...lost.map(({ pciBusId, why }) => lostGpu(0, pciBusId, why))];
  return all
    .sort((a, b) => (a.pciBusId ?? '~').padStart(16, '0').localeCompare((b.pciBusId ?? '~').padStart(16, '0'), 'en', { sensitivity: 'base' }))
    .map((device, index) => ({ ...device, index }));
}

interface LostGpu {
  readonly index: number | null;
  readonly pciBusId: string | null;
  readonly why: string;
}

const mostLost = 64;

function lostSaid(said: string): readonly LostGpu[] {
  const found: LostGpu[] = [];
  for (const [, index, pciBusId = null, reason = ''] of said.slice(0, 64 * 1024).matchAll(sentence)) {
    const why = clean(reason, 120).split(/\.\s/)[0]?.trim() || 'no reason given';
    const next = { index: index === undefined ? null : Number(index), pciBusId, why };
    if (!found.some((other) => other.index === next.index && other.pciBusId === next.pciBusId)) found.push(next);
    if (found.length === mostLost) break;
  }
  return found;
}

const busId = String.raw`[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-9a-fA-F]`;
const sentence = new RegExp(
  String.raw`unable to (?:determine|detect) the device handle for GPU ?(?:(\d{1,3})(?:: ?(?=${busId})|(?=: )))?(${busId})?: ([^\n<]{1,200})`,
  'gi',
);
