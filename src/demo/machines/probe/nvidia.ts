import type { MachineHost } from '../machine-host.js';
import { nvrmLine, xidLines } from '../shell/kernel-log.js';
import { type CommandResult, shortBusId, smiTrouble } from '../smi/answer.js';
import { nvidiaSmi } from '../smi/nvidia-smi.js';
import { missing, needsRoot, ok, type Section } from './section.js';

/** The bus, the driver, the container toolkit and the kernel's complaints. */
export function nvidiaSections(host: MachineHost, root: boolean): Section[] {
  const { machine } = host;
  const gpus = host.gpus();
  if (machine.gpus === 0) {
    return [
      ok('pci', []),
      missing('cdi', '/var/run/cdi and /etc/cdi specs'),
      missing('low-level-runtimes', 'nvidia-container-runtime'),
      ok('driver', [`kernel ${host.kernel()} module=no boots=yes`]),
      root ? ok('xids', ['== journal']) : needsRoot('xids'),
    ];
  }
  const { module, library } = machine.driver;
  const loaded = host.driverLoaded();
  const branch = library.split('.')[0] ?? '';
  const pci = gpus.map(
    ({ device, kind }) => `${shortBusId(device.pciBusId).toLowerCase()} 0x030200 0x${kind.pciDevice.slice(0, 4).toLowerCase()} ${loaded ? 'nvidia' : ''}`,
  );
  return [
    ok(
      'pci',
      pci.map((line) => line.trimEnd()),
    ),
    cdi(host),
    ok('low-level-runtimes', ['yes /usr/bin/runc', 'no crun']),
    ok('driver', [
      ...(loaded ? [`module ${module}`, nvrmLine(module).replace('NVRM: loading ', 'nvrm ')] : []),
      `library /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.${library}`,
      `package libnvidia-compute-${branch}-server ${library}-0ubuntu0.24.04.1 installed`,
      `package nvidia-utils-${branch}-server ${library}-0ubuntu0.24.04.1 installed`,
      `kernel ${host.kernel()} module=yes boots=yes`,
    ]),
    root ? ok('xids', ['== journal', ...xidLines(host).map(({ at, text }) => `${(at / 1000).toFixed(6)} ${machine.name} kernel: ${text}`)]) : needsRoot('xids'),
  ];
}

/** nvidia-ctk writes the spec at each boot and when the driver's files change. */
function cdi(host: MachineHost): Section {
  const { machine } = host;
  const { cdi: library } = machine.linux;
  if (library === null) return missing('cdi', '/var/run/cdi and /etc/cdi specs');
  const devices = host.gpus().flatMap(({ device }) => {
    const names = device.mig.length > 0 ? device.mig.flatMap(({ index, uuid }) => [`${device.index}:${index}`, uuid]) : [String(device.index), device.uuid];
    return names.map((name) => `name: ${name}`);
  });
  return ok('cdi', [
    '== /var/run/cdi/nvidia.yaml',
    'kind: nvidia.com/gpu',
    'devices:',
    ...devices,
    'name: all',
    'containerEdits:',
    `libcuda.so.${library}`,
    `libnvidia-ml.so.${library}`,
  ]);
}

/** The document of nvidia-smi and the cgroups of its processes, at the end of the answer. */
export function gpuSections(host: MachineHost): Section[] {
  const { machine } = host;
  if (machine.gpus === 0) return [missing('nvidia-smi', 'nvidia-smi')];
  const trouble = smiTrouble(machine, host.driverLoaded());
  const gpus = host.gpus();
  const answer = trouble ?? nvidiaSmi({ machine, gpus, now: host.now() }, ['-q', '-x']);
  const document: Section = { name: 'nvidia-smi', lines: answer.stdout.split('\n'), status: statusOf(answer) };
  if (answer.exitCode !== 0) return [document];
  const processes = gpus.flatMap((gpu) => gpu.processes);
  return [
    document,
    ok(
      'gpu-processes',
      processes.map(({ pid, cgroup }) => `${pid} ${cgroup}`),
    ),
  ];
}

function statusOf({ exitCode }: CommandResult): string {
  return exitCode === 0 ? 'ok' : `fail ${exitCode}`;
}
