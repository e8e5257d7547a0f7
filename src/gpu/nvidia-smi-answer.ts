import type { GpuReport, GpuTrouble } from '../state/gpu-devices.js';
import { clean } from '../text/clean.js';

/** How nvidia-smi ended, besides what it printed. */
export interface NvidiaSmiEnd {
  readonly exitCode?: number | null;
  readonly stderr?: string;
}

export type Unreported = Exclude<GpuReport, { status: 'ok' }>;

/** What nvidia-smi said went wrong, from its sentences or, without one that is known, from its exit code; null where neither says so. */
export function troubleSaid(said: string, { exitCode, stderr = '' }: NvidiaSmiEnd): Unreported | null {
  const all = `${said}\n${stderr}`.slice(0, longestSaid);
  for (const { pattern, status, why } of sentences) {
    const match = pattern.exec(all);
    if (match !== null) return { status, why: clean(why(match, all), 300) };
  }
  const code = exitCode === null || exitCode === undefined ? undefined : exitCodes.get(exitCode);
  return code ?? null;
}

/** The exit code in words, for a document that is there all the same; null for 0, for none and for codes nvidia-smi does not have. */
export function exitCodeWarning(exitCode: number | null | undefined): string | null {
  if (exitCode === null || exitCode === undefined || exitCode === 0) return null;
  return exitCodes.get(exitCode)?.why ?? `nvidia-smi ended with exit code ${exitCode}`;
}

/** Sentences that stand beside a document and that a person should read. */
export function warningsSaid(said: string): readonly string[] {
  const lines = said.slice(0, longestSaid).split(/\r?\n/);
  return [...new Set(lines.map((line) => clean(line, 300).trim()).filter((line) => warning.test(line)))].slice(0, 32);
}

const longestSaid = 64 * 1024;

const warning =
  /^(?:warning:.*|unable to determine the device handle.*|.*\b(?:gpu is lost|inforom is corrupted|fallen off the bus)\b.*|failed to .*|error:.*)$/i;

interface Sentence {
  readonly pattern: RegExp;
  readonly status: GpuTrouble;
  readonly why: (match: RegExpExecArray, all: string) => string;
}

// In the order in which they decide: the more telling first.
const sentences: readonly Sentence[] = [
  {
    pattern: /driver\/library version mismatch/i,
    status: 'library-mismatch',
    why: (_, all) => {
      const library = /NVML library version:\s*([\d.]{1,20})/i.exec(all)?.[1];
      const kernel = /(?:kernel module|NVRM|driver) version:?\s*([\d.]{1,20})/i.exec(all)?.[1];
      const versions = [library === undefined ? '' : `library ${library}`, kernel === undefined ? '' : `kernel module ${kernel}`].filter((part) => part !== '');
      return `the NVIDIA kernel module and the library are of different versions${versions.length === 0 ? '' : ` (${versions.join(', ')})`}: the driver was updated and the module not reloaded`;
    },
  },
  {
    pattern: /couldn'?.?t communicate with the NVIDIA driver/i,
    status: 'driver-not-loaded',
    why: () => 'nvidia-smi cannot communicate with the NVIDIA driver: it is not loaded, or not built for the running kernel',
  },
  { pattern: /failed to initialize NVML:\s*driver not loaded/i, status: 'driver-not-loaded', why: () => 'the NVIDIA driver is not loaded' },
  { pattern: /no devices were found|no NVIDIA GPU found/i, status: 'no-devices', why: () => 'nvidia-smi found no devices' },
  {
    pattern: /unable to (?:determine|detect) the device handle for\s+([^\n]{1,200})/i,
    status: 'gpu-lost',
    why: (match) => `nvidia-smi cannot get at ${gpuSaid(match[1] ?? '')}`,
  },
  {
    pattern: /inforom is corrupted(?: at gpu ([0-9a-f:.]{5,20}))?/i,
    status: 'info-rom',
    why: (match) => `the infoROM is corrupted${match[1] === undefined ? '' : ` on GPU ${match[1]}`}`,
  },
  { pattern: /gpu is lost|fallen off the bus/i, status: 'gpu-lost', why: () => 'a GPU is lost: it has fallen off the bus' },
  {
    pattern: /couldn'?.?t find (\S{0,60}(?:libnvidia-ml|nvml)\S{0,40})|libnvidia-ml\S{0,20}: cannot open|NVML Shared Library Not Found/i,
    status: 'nvml-missing',
    why: () => 'the library libnvidia-ml.so was not found',
  },
  {
    pattern: /failed to initialize NVML:\s*insufficient permissions|insufficient permissions|permission denied|you are not permitted/i,
    status: 'permission',
    why: () => 'insufficient permissions to ask the NVIDIA driver',
  },
  {
    pattern:
      /nvidia-smi\W{0,3}:?\s*(?:command )?not found|executable file not found|nvidia-smi\W{0,3}:? no such file|no such file or directory|is not recognized as an internal/i,
    status: 'not-installed',
    why: () => 'there is no nvidia-smi',
  },
  {
    pattern: /failed to initialize NVML:?\s*([^\n]{0,120})/i,
    status: 'unreadable',
    why: (match) => `nvidia-smi failed to initialize NVML: ${(match[1] ?? '').trim() || 'no reason given'}`,
  },
  { pattern: /function not found/i, status: 'nvml-missing', why: () => 'the NVML library is older than nvidia-smi' },
];

/** `GPU3: 0000:5F:00.0: Unknown Error` in words. */
function gpuSaid(text: string): string {
  return text
    .trim()
    .replace(/^GPU(?=[0-9a-f]{4,8}:)/i, 'GPU ')
    .replace(/^GPU(\d+):/i, 'GPU $1,')
    .replace(/\s{2,}/g, ' ');
}

// RETURN VALUE of nvidia-smi(1); 18 is NVML's code for a library and a module that differ, 124 and 137 are how timeout(1) ends a command.
const exitCodes: ReadonlyMap<number, Unreported> = new Map<number, Unreported>([
  [2, { status: 'unreadable', why: 'nvidia-smi does not know the options it was given (exit code 2)' }],
  [3, { status: 'unreadable', why: 'the device cannot do what nvidia-smi was asked for (exit code 3)' }],
  [4, { status: 'permission', why: 'this user may not ask the NVIDIA driver (exit code 4)' }],
  [6, { status: 'no-devices', why: 'nvidia-smi found no such device (exit code 6)' }],
  [8, { status: 'gpu-lost', why: "a GPU's external power cables are not properly attached (exit code 8)" }],
  [9, { status: 'driver-not-loaded', why: 'the NVIDIA driver is not loaded (exit code 9)' }],
  [10, { status: 'gpu-lost', why: 'the kernel found an interrupt problem with a GPU (exit code 10)' }],
  [12, { status: 'nvml-missing', why: 'the library libnvidia-ml.so was not found or could not be loaded (exit code 12)' }],
  [13, { status: 'nvml-missing', why: 'the NVML library here is too old for what nvidia-smi asks of it (exit code 13)' }],
  [14, { status: 'info-rom', why: "a GPU's infoROM is corrupted (exit code 14)" }],
  [15, { status: 'gpu-lost', why: 'a GPU has fallen off the bus or is otherwise out of reach (exit code 15)' }],
  [18, { status: 'library-mismatch', why: 'the NVIDIA kernel module and the library are of different versions (exit code 18)' }],
  [124, { status: 'hung', why: 'nvidia-smi did not answer in time' }],
  [126, { status: 'permission', why: 'nvidia-smi may not be run by this user (exit code 126)' }],
  [127, { status: 'not-installed', why: 'there is no nvidia-smi (exit code 127)' }],
  [137, { status: 'hung', why: 'nvidia-smi did not answer in time and was killed' }],
  [255, { status: 'unreadable', why: 'nvidia-smi ended with an internal driver error (exit code 255)' }],
]);
