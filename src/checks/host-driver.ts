import type { Evidence } from '../state/report.js';
import { age } from '../text/age.js';
import { defineHostCheck } from './host-check.js';
import { gpuTags } from './host-kernel.js';
import { type Machine, onHost, told } from './host-machine.js';
import type { Sight } from './sight.js';

export const nouveauAbsent = defineHostCheck({
  id: 'nouveau-absent',
  title: 'nouveau leaves the GPUs alone',
  severity: 'critical',
  about: 'gpus',
  good: 'no nouveau',
  look(machine) {
    const loaded = told(machine.facts.modules);
    if (!loaded.includes('nouveau')) return { status: 'pass' };
    const instead = !loaded.includes('nvidia');
    return {
      status: instead ? 'fail' : 'warn',
      severity: instead ? 'critical' : 'warning',
      message: `The driver nouveau is loaded on ${machine.name}${instead ? ': it holds the GPUs, and the NVIDIA driver cannot load' : ' beside the NVIDIA driver'}`,
      fix: {
        summary: `Keep nouveau from being loaded on ${machine.name}, then reboot it`,
        command: onHost(
          machine,
          String.raw`printf 'blacklist nouveau\noptions nouveau modeset=0\n' | sudo tee /etc/modprobe.d/blacklist-nouveau.conf && sudo update-initramfs -u`,
        ),
      },
      explains: instead ? [`nouveau/${machine.name}`, ...gpuTags(machine)] : [],
    };
  },
});

/** An upgrade replaces the library at once and the module only at the next boot; until then no program gets at the GPUs. */
export const driverLibMatch = defineHostCheck({
  id: 'driver-lib-match',
  title: 'NVIDIA module and library agree',
  severity: 'critical',
  about: 'gpus',
  good: 'module and library of one version',
  look(machine, sight) {
    const { module, library } = told(machine.facts.driver);
    if (module === null) return { status: 'skipped', why: 'NVIDIA driver not loaded' };
    if (library === null) return { status: 'skipped', why: 'no NVIDIA library on the machine itself' };
    if (module === library) return { status: 'pass' };
    const upgrade = lastUpgrade(machine, sight);
    return {
      status: 'fail',
      message: `The NVIDIA driver of ${machine.name} was upgraded without a reboot: the loaded module is ${module}, its library ${library}`,
      fix: rebootFix(machine, `Reboot ${machine.name}, so that the module of the new driver is loaded`),
      evidence: upgrade,
      explains: gpuTags(machine),
    };
  },
});

/** A kernel without a module of the driver boots into a machine without GPUs. */
export const driverNextKernel = defineHostCheck({
  id: 'driver-next-kernel',
  title: 'the next kernel has an NVIDIA module',
  severity: 'critical',
  about: 'gpus',
  good: 'NVIDIA module for the kernel that boots next',
  look(machine) {
    const { module, library, nextKernel } = told(machine.facts.driver);
    if (nextKernel === null) return { status: 'skipped', why: 'no kernels to be seen' };
    if (nextKernel.hasModule) return { status: 'pass' };
    const { kernel } = nextKernel;
    const running = machine.facts.kernel.known && machine.facts.kernel.value === kernel;
    if (running && module !== null) return { status: 'skipped', why: 'the driver comes from a container' };
    if (library === null) return { status: 'skipped', why: 'no NVIDIA driver on the machine itself' };
    const fix = {
      summary: `Install the driver's module for ${kernel}${running ? ', then reboot' : ' before the next reboot'}`,
      command: moduleInstall(machine, kernel, library),
    };
    if (running) {
      return {
        status: 'fail',
        message: `${machine.name} booted the kernel ${kernel}, which has no NVIDIA module`,
        fix,
        explains: [`kernel-driver/${machine.name}`, ...gpuTags(machine)],
      };
    }
    return {
      status: 'warn',
      severity: 'warning',
      message: `${machine.name} boots the kernel ${kernel} next, which has no NVIDIA module: its GPUs will be gone`,
      fix,
    };
  },
});

export const rebootStillRequired = defineHostCheck({
  id: 'reboot-still-required',
  title: 'no reboot is due',
  severity: 'info',
  dependsOn: ['driver-lib-match'],
  about: 'all',
  good: 'no reboot due',
  look(machine) {
    if (!told(machine.facts.rebootRequired)) return { status: 'pass' };
    return {
      status: 'warn',
      message: `${machine.name} asks for a reboot: an upgrade takes effect only then`,
      explainedBy: driverTag(machine),
      fix: rebootFix(machine, `Reboot ${machine.name} when it suits`),
    };
  },
});

/** The tag of a machine's NVIDIA driver, for what follows from its trouble. */
export function driverTag({ host, name }: Machine): readonly (readonly string[])[] {
  return [[`driver/${host.node ?? name}`]];
}

/** As an operation only for nodes: they are emptied first. */
export function rebootFix(machine: Machine, summary: string) {
  const { node } = machine.host;
  return { summary, command: onHost(machine, 'sudo systemctl reboot'), ...(node === null ? {} : { operation: { id: 'reboot-node', input: { node } } }) };
}

/** When apt changed the driver since the boot. */
function lastUpgrade({ facts, name }: Machine, sight: Sight): readonly Evidence[] {
  if (!facts.aptHistory.known) return [];
  const run = facts.aptHistory.value.findLast(({ changes }) =>
    changes.some(({ packages }) => packages.some((text) => /^lib(?:nvidia|cuda)|^nvidia/.test(text))),
  );
  if (run === undefined) return [];
  const [first = ''] = run.changes.flatMap(({ packages }) => packages).filter((text) => text.includes('nvidia'));
  return [
    {
      source: `apt's history on ${name}`,
      text: `${run.at === null ? '' : `${age(run.at, sight.now)} ago: `}${first}${run.command === '' ? '' : ` (${run.command})`}`,
    },
  ];
}

function moduleInstall(machine: Machine, kernel: string, library: string): string {
  const ubuntu = machine.facts.osName.known && machine.facts.osName.value.startsWith('Ubuntu');
  const branch = library.split('.')[0] ?? '';
  return onHost(machine, ubuntu ? `sudo apt-get install linux-modules-nvidia-${branch}-server-${kernel}` : `sudo dkms autoinstall -k ${kernel}`);
}
