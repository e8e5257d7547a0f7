import type { Unreported } from './nvidia-smi-answer.js';

/** Why a text is no answer of nvidia-smi that can be read, in one sentence that helps the person who saved it. */
export function strangerSaid(text: string): Unreported {
  const start = text.slice(0, 64 * 1024);
  if (text.trim() === '') return unreadable('it is empty: nvidia-smi printed nothing');
  if (/\|\s*NVIDIA-SMI\s+\d/.test(start)) return unreadable('it is the table of nvidia-smi for people; save the output of nvidia-smi -q -x instead');
  if (/={5,}NVSMI LOG={5,}/.test(start)) return unreadable('it is the text of nvidia-smi -q; save the output of nvidia-smi -q -x instead');
  if (/^GPU \d+: .*\(UUID: GPU-/m.test(start)) return unreadable('it is the list of nvidia-smi -L; save the output of nvidia-smi -q -x instead');
  if (start.includes('\0')) return unreadable('it is binary, not a document of nvidia-smi');
  if (/^\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE nvidia_smi_log[^>]*>\s*)?<?[^<]*$/.test(start) && start.includes('nvidia_smi_log'))
    return unreadable('the document ends in the middle');
  return unreadable('it is not a document of nvidia-smi');
}

function unreadable(why: string): Unreported {
  return { status: 'unreadable', why };
}
