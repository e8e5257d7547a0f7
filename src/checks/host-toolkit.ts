import { defineHostCheck } from './host-check.js';
import { driverTag } from './host-driver.js';
import { type Machine, onHost, told } from './host-machine.js';

/** What nvidia-container-runtime hands containers on to. */
export const nvidiaLowLevel = defineHostCheck({
  id: 'nvidia-lowlevel',
  title: 'nvidia-container-runtime finds a runtime',
  severity: 'critical',
  about: 'gpus',
  good: 'runc or crun found',
  look(machine) {
    const { lowLevelRuntimes } = machine.facts;
    if (!lowLevelRuntimes.known && lowLevelRuntimes.why.endsWith(': not found'))
      return { status: 'skipped', why: 'no nvidia-container-runtime on the machine itself' };
    const runtimes = told(lowLevelRuntimes);
    if (runtimes.some(({ executable }) => executable)) return { status: 'pass' };
    return {
      status: 'fail',
      message: `nvidia-container-runtime on ${machine.name} finds none of the runtimes that it hands on to: ${runtimes.map(({ path }) => path).join(', ')}`,
      fix: {
        summary: 'Give their absolute paths in /etc/nvidia-container-runtime/config.toml',
        command: onHost(
          machine,
          `sudo nvidia-ctk config --in-place --set nvidia-container-runtime.runtimes=${machine.runtime === 'crio' ? '/usr/libexec/crio/crun,/usr/libexec/crio/runc' : '/usr/bin/runc'}`,
        ),
      },
      explains: handlerTags(machine),
    };
  },
});

/** The list of devices and files that containers get; one of an older driver names files that are gone. */
export const cdiSpec = defineHostCheck({
  id: 'cdi-spec',
  title: 'CDI specs fit the driver',
  severity: 'critical',
  dependsOn: ['driver-lib-match', 'modules', 'nvidia-smi'],
  about: 'gpus',
  good: 'CDI spec of the present driver',
  look(machine) {
    const { cdi, driver } = machine.facts;
    const without = !cdi.known && /not found$|^no CDI spec/.test(cdi.why);
    if (without && offersAll(machine)) return { status: 'skipped', why: 'no CDI spec, and the GPUs are offered without' };
    const about = {
      fix: {
        summary: `Write the CDI spec of ${machine.name} anew`,
        command: onHost(machine, 'sudo nvidia-ctk cdi generate --output=/var/run/cdi/nvidia.yaml'),
        operation: { id: 'refresh-cdi', input: { host: machine.name } },
      },
      explains: handlerTags(machine),
      explainedBy: driverTag(machine),
    };
    if (without) return { status: 'fail', message: `${machine.name} has no CDI spec for nvidia.com/gpu`, ...about };
    const { spec, devices, driverVersion } = told(cdi);
    if (devices.length === 0) return { status: 'fail', message: `The CDI spec ${spec} of ${machine.name} lists no device`, ...about };
    const present = driver.known ? (driver.value.library ?? driver.value.module) : null;
    if (present === null || driverVersion === null || present === driverVersion) return { status: 'pass' };
    return { status: 'fail', message: `The CDI spec ${spec} of ${machine.name} is for driver ${driverVersion}, but ${present} is installed`, ...about };
  },
});

function offersAll({ node }: Machine): boolean {
  const capacity = node?.capacity.get('nvidia.com/gpu') ?? 0;
  return capacity > 0 && (node?.allocatable.get('nvidia.com/gpu') ?? 0) >= capacity;
}

function handlerTags({ name, host }: Machine): readonly string[] {
  return [`handler/${host.node ?? name}`];
}
