import type { GpuDevice, GpuReport } from '../state/gpu-devices.js';
import { cut, fit, pad } from '../text/width.js';
import { migTable } from './native-page-mig.js';

/**
 * The report as NVIDIA's own `nvidia-smi` prints it from driver 570 on: boxes of ASCII, 91 columns wide, with the MIG devices and the processes below. `fallbackTime` (ms since
 * the epoch) stands in the first line where the document has no time of its own. A report without devices is the one sentence that nvidia-smi gives instead.
 */
export function nativePage(report: GpuReport, fallbackTime: number): readonly string[] {
  if (report.status !== 'ok') return [sentenceOf(report)];
  return [
    report.writtenAt ?? cTime(fallbackTime),
    ...headLines(report),
    ...report.devices.flatMap(deviceLines),
    '',
    ...migTable(report.devices),
    ...processLines(report.devices),
  ].map((text) => text.trimEnd());
}

const rule = `+${'-'.repeat(89)}+`;
const deviceRule = `+${'-'.repeat(41)}+${'-'.repeat(24)}+${'-'.repeat(22)}+`;

function headLines({ driverVersion, cudaVersion }: { readonly driverVersion: string | null; readonly cudaVersion: string | null }): readonly string[] {
  const driver = driverVersion ?? 'N/A';
  return [
    rule,
    `| NVIDIA-SMI ${fit(driver, 22)} Driver Version: ${fit(driver, 14)} CUDA Version: ${fit(cudaVersion ?? 'N/A', 8)} |`,
    deviceRule,
    '| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |',
    '| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |',
    '|                                         |                        |               MIG M. |',
    `|${'='.repeat(41)}+${'='.repeat(24)}+${'='.repeat(22)}|`,
  ];
}

function deviceLines(device: GpuDevice): readonly string[] {
  const errors = device.lost === null ? 'N/A' : 'ERR!';
  const number = (value: number | null, unit: string, digits = 0) => (value === null ? errors : `${value.toFixed(digits)}${unit}`);
  const { mode: migMode } = device.mig;
  // In MIG mode the errors are counted by MIG device.
  const ecc = migMode === 'on' && device.ecc.mode === 'on' ? 'On' : number(device.ecc.uncorrectable, '');
  const first = `| ${pad(String(device.index), 3, 'left')}  ${fit(device.name ?? errors, 27, 'right', '...')}    ${pad(onOff(device.persistence), 3)} |`;
  const bus = `${pad(cut(longBusId(device.pciBusId) ?? errors, 18), 18, 'left')} ${pad(device.displayActive === undefined ? 'N/A' : onOff(device.displayActive), 3, 'left')} |`;
  const power = `${pad(number(device.power.drawW, 'W'), 13, 'left')} / ${pad(number(device.power.limitW, 'W'), 5, 'left')}`;
  const memory = `${pad(number(device.memory.usedMiB, 'MiB'), 9, 'left')} / ${pad(number(device.memory.totalMiB, 'MiB'), 9, 'left')}`;
  const compute = computeModes.get(device.computeMode ?? '') ?? device.computeMode ?? 'N/A';
  return [
    `${first} ${pad(bus, 24, 'left')} ${pad(ecc, 20, 'left')} |`,
    `|${pad(number(device.fanPercent, '%'), 4, 'left')}  ${pad(number(device.temperatureC, 'C'), 4, 'left')}  ${pad(device.performanceState ?? errors, 4, 'left')}  ${pad(power, 22, 'left')} | ${pad(memory, 22, 'left')} | ${pad(number(device.utilization.gpuPercent, '%'), 7, 'left')} ${pad(cut(compute, 12), 12, 'left')} |`,
    `|${' '.repeat(41)}|${' '.repeat(24)}| ${pad(migMode === null ? 'N/A' : migMode === 'on' ? 'Enabled' : 'Disabled', 20, 'left')} |`,
    deviceRule,
  ];
}

const computeModes: ReadonlyMap<string, string> = new Map([
  ['Exclusive_Process', 'E. Process'],
  ['Exclusive_Thread', 'E. Thread'],
]);

function processLines(devices: readonly GpuDevice[]): readonly string[] {
  const rows = devices.flatMap((device) =>
    device.processes.map(({ pid, type, name, usedMiB, gpuInstanceId }) => {
      // A GPU instance may be shared by several compute instances; then it is not known whose the process is.
      const instances = gpuInstanceId === null ? [] : device.mig.devices.filter((mig) => mig.gpuInstanceId === gpuInstanceId);
      const compute = instances.length === 1 ? (instances[0]?.computeInstanceId ?? null) : null;
      const used = usedMiB === null ? 'N/A' : `${Math.round(usedMiB)}MiB`;
      return `| ${pad(String(device.index), 4, 'left')}  ${pad(instanceText(gpuInstanceId), 4, 'left')}  ${pad(instanceText(compute), 3, 'left')}  ${pad(String(pid), 14, 'left')}  ${pad(cut(type ?? 'N/A', 5), 5, 'left')}   ${fit(shortName(name ?? 'N/A'), 35)} ${pad(used, 10, 'left')} |`;
    }),
  );
  return [
    rule,
    `| ${'Processes:'.padEnd(87)} |`,
    '|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |',
    '|        ID   ID                                                               Usage      |',
    `|${'='.repeat(89)}|`,
    ...(rows.length > 0 ? rows : [`|  ${(processesUnknown(devices) ? 'Processes are not known' : 'No running processes found').padEnd(87)}|`]),
    rule,
  ];
}

/** Numbers stand one column left of where `N/A` ends. */
function instanceText(id: number | null): string {
  return id === null ? 'N/A' : `${id} `;
}

/** nvidia-smi keeps the end of a long name. */
function shortName(name: string): string {
  const program = name.split(' ')[0] ?? name;
  return program.length > 35 ? `...${program.slice(-32)}` : program;
}

function processesUnknown(devices: readonly GpuDevice[]): boolean {
  return devices.length > 0 && devices.every(({ unavailable }) => unavailable['processes'] !== undefined);
}

function onOff(value: 'on' | 'off' | null): string {
  return value === null ? 'N/A' : value === 'on' ? 'On' : 'Off';
}

/** With the domain's eight digits, as nvidia-smi has had it since driver 375. */
function longBusId(busId: string | null): string | null {
  return busId === null ? null : busId.replace(/^[0-9a-f]{4}(?=:[0-9a-f]{2}:)/i, '0000$&').toUpperCase();
}

function sentenceOf(report: Exclude<GpuReport, { status: 'ok' }>): string {
  if (report.status === 'no-devices') return 'No devices were found';
  return `nvidia-smi: ${report.why}`;
}

/** As C's asctime has it, which nvidia-smi uses: `Fri Jul  3 08:33:53 2026`, local time. */
function cTime(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
  return `${days[date.getDay()]} ${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${time} ${date.getFullYear()}`;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
