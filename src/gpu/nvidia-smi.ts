import type { GpuReport } from '../state/gpu-devices.js';
import type { NvidiaSmiEnd } from './nvidia-smi-answer.js';
import { parseNvidiaSmiCsv } from './nvidia-smi-csv.js';
import { parseNvidiaSmiXml } from './nvidia-smi-xml.js';

/** Understands a saved answer of nvidia-smi, XML (`-q -x`) or CSV (`--query-gpu`); never throws. */
export function parseNvidiaSmi(text: string, end: NvidiaSmiEnd = {}): GpuReport {
  const start = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return start.includes('nvidia_smi_log') || start.trimStart().startsWith('<') ? parseNvidiaSmiXml(start, end) : parseNvidiaSmiCsv(start, end);
}
