import type { GpuReport, GpuTrouble, MachineGpus } from '../state/gpu-devices.js';
import type { Fix } from '../state/report.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { gpuNodes } from './gpu-nodes.js';
import { rebootFix } from './host-driver.js';
import { gpuTags } from './host-kernel.js';
import { type Machine, machinesOf, onHost } from './host-machine.js';
import type { Sight } from './sight.js';
import { clause, counted, listed } from './wording.js';

/** Whether nvidia-smi answers on each machine with GPUs, and for all of them; it may have been asked over SSH or in a pod. */
export const nvidiaSmi: Check = defineCheck({
  id: 'nvidia-smi',
  title: 'nvidia-smi sees every GPU',
  severity: 'critical',
  dependsOn: ['hosts', 'coming-back', 'node-ready', 'nouveau-absent', 'driver-next-kernel', 'driver-lib-match', 'modules', 'gpu-xid'],
  look(sight) {
    const { machineGpus } = sight.snapshot;
    if (machineGpus.value === null || machineGpus.freshness.status !== 'live')
      return [
        {
          object: 'cluster',
          status: 'skipped',
          message: machineGpus.freshness.status === 'absent' ? machineGpus.freshness.why : 'nvidia-smi has not answered yet',
        },
      ];
    const entries = [...machineGpus.value.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
    const seen = entries.map((entry) => observe(entry, sight));
    const well = seen.filter(({ status }) => status === 'pass');
    const names = well.map(({ object }) => object.replace(/^\w+\//, ''));
    const [only, ...more] = well;
    const passed: Observation[] =
      only === undefined ? [] : [more.length === 0 ? only : { object: 'cluster', status: 'pass', message: `every GPU answers on ${listed(names)}` }];
    const missing = silentNodes(sight, new Set(entries.map(({ node }) => node)));
    const rest: Observation[] =
      missing.length === 0 ? [] : [{ object: 'cluster', status: 'skipped', message: `no answer of nvidia-smi on ${listed(missing)}` }];
    const found = [...seen.filter(({ status }) => status !== 'pass'), ...passed, ...rest];
    return found.length > 0 ? found : [{ object: 'cluster', status: 'skipped', message: 'no NVIDIA GPUs here' }];
  },
});

/** Without it the driver starts every GPU anew for each program, which takes seconds. */
export const gpuPersistence: Check = defineCheck({
  id: 'gpu-persistence',
  title: 'GPUs stay started',
  severity: 'info',
  look(sight) {
    const entries = [...(sight.peek('machineGpus')?.values() ?? [])];
    const modes = entries.flatMap(({ node, report }) =>
      report.status === 'ok' ? [{ node, devices: report.devices.filter(({ persistence }) => persistence !== null) }] : [],
    );
    const telling = modes.filter(({ devices }) => devices.length > 0);
    if (telling.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no GPU tells its persistence mode' }];
    const off = telling.map(({ node, devices }) => ({ node, without: devices.filter(({ persistence }) => persistence === 'off').length, all: devices.length }));
    const found = off.filter(({ without }) => without > 0);
    if (found.length === 0)
      return [{ object: 'cluster', status: 'pass', message: `persistence mode on for all GPUs of ${listed(telling.map(({ node }) => node))}` }];
    return found.map(({ node, without, all }) => {
      const machine = machineOf(node, sight);
      return {
        object: objectOf(node, sight),
        status: 'warn' as const,
        message: `Persistence mode is off for ${without} of ${counted(all, 'GPU')} of ${node}: each program waits for them to start`,
        fix: {
          summary: `Turn it on with nvidia-persistenced on ${node}`,
          command: machine === null ? `ssh ${node} sudo nvidia-smi -pm 1` : onHost(machine, 'sudo nvidia-smi -pm 1'),
          operation: { id: 'gpu-persistence', input: { host: machine?.name ?? node } },
        },
      };
    });
  },
});

function observe(entry: MachineGpus, sight: Sight): Observation {
  const { node, report, at, source } = entry;
  const machine = machineOf(node, sight);
  const object = objectOf(node, sight);
  const tags = machine === null ? [`driver/${node}`, `gpus/${node}`, 'gpus'] : gpuTags(machine);
  const explainedBy = [[`driver/${node}`, `gpus/${node}`, object, `contact/${node}`]];
  if (sight.now - at > oldMs) {
    return { object, status: 'unknown', severity: 'info', message: `the GPUs of ${node} were last seen ${duration(sight.now - at)} ago`, explainedBy };
  }
  if (report.status !== 'ok') return troubled(report, { node, object, machine, tags, explainedBy, sight });
  const lost = report.devices.filter((device) => device.lost !== null);
  const onBus = machine?.facts.pciGpus.known === true ? machine.facts.pciGpus.value : null;
  if (lost.length > 0) {
    return {
      object,
      status: 'fail',
      message: `${counted(lost.length, 'GPU')} of ${node} ${lost.length === 1 ? 'is' : 'are'} lost: ${listed(lost.map(({ index, pciBusId }) => `GPU ${index}${pciBusId === null ? '' : ` (${pciBusId})`}`))}`,
      fix: lostFix(node, machine),
      evidence: lost.map((device) => ({ source: `nvidia-smi on ${node}`, text: device.lost ?? '' })),
      explains: tags,
      explainedBy,
    };
  }
  // Behind the exporter, slices and what it was told to leave out make other counts.
  if (onBus !== null && report.devices.length < onBus && source !== 'dcgm' && source !== 'file') {
    return {
      object,
      status: 'fail',
      message: `nvidia-smi on ${node} sees ${report.devices.length} of the ${counted(onBus, 'GPU')} on its bus`,
      fix: { summary: 'The kernel log says why the driver did not take it', command: command(node, machine, "sudo journalctl -k -b | grep -E 'NVRM|nvidia'") },
      evidence: report.warnings.map((text) => ({ source: `nvidia-smi on ${node}`, text })),
      explains: tags,
      explainedBy,
    };
  }
  return { object, status: 'pass', message: `${counted(report.devices.length, 'GPU')}, driver ${report.driverVersion ?? 'of unknown version'}` };
}

interface About {
  readonly node: string;
  readonly object: string;
  readonly machine: Machine | null;
  readonly tags: readonly string[];
  readonly explainedBy: readonly (readonly string[])[];
  readonly sight: Sight;
}

function troubled(report: Exclude<GpuReport, { status: 'ok' }>, about: About): Observation {
  const { node, object, machine, tags, explainedBy, sight } = about;
  const { status, why } = report;
  if (status === 'permission' || status === 'unreadable') {
    return { object, status: 'unknown', severity: 'warning', message: `nvidia-smi on ${node}: ${clause(why)}`, explainedBy };
  }
  const offered = sight.peek('gpus')?.nodes.get(node);
  if (status === 'not-installed' && offered !== undefined && offered.total.capacity > 0 && offered.total.allocatable >= offered.total.capacity) {
    return { object, status: 'skipped', message: `no nvidia-smi on ${node}, and its GPUs are offered without` };
  }
  return {
    object,
    status: 'fail',
    message: `nvidia-smi on ${node} ${troubles[status]}: ${clause(why)}`,
    fix: fixOf(status, node, machine),
    explains: tags,
    explainedBy,
  };
}

const troubles: Readonly<Record<Exclude<GpuTrouble, 'permission' | 'unreadable'>, string>> = {
  'not-installed': 'is not there',
  'driver-not-loaded': 'finds no driver',
  'library-mismatch': 'does not fit the loaded driver',
  'no-devices': 'finds no GPU',
  'gpu-lost': 'says that a GPU is lost',
  'nvml-missing': 'finds no NVML library',
  'info-rom': 'says that a board is damaged',
  hung: 'hangs',
};

function fixOf(status: GpuTrouble, node: string, machine: Machine | null): Fix {
  switch (status) {
    case 'driver-not-loaded':
      return {
        summary: `Load the driver on ${node}; if that fails, its kernel log says why`,
        command: command(node, machine, 'sudo modprobe -a nvidia nvidia_uvm'),
        operation: { id: 'load-nvidia', input: { host: machine?.name ?? node } },
      };
    case 'library-mismatch':
      return machine === null ? rebootOf(node) : rebootFix(machine, `Reboot ${node}, so that the module of the new driver is loaded`);
    case 'gpu-lost':
    case 'hung':
      return lostFix(node, machine);
    case 'info-rom':
      return { summary: 'The board has to be replaced: open a case with the log of nvidia-bug-report.sh', command: null };
    case 'not-installed':
    case 'nvml-missing':
      return { summary: `Install the driver's programs and libraries on ${node}`, command: null };
    default:
      return {
        summary: 'The kernel log says why the driver did not take them',
        command: command(node, machine, "sudo journalctl -k -b | grep -E 'NVRM|nvidia'"),
      };
  }
}

function lostFix(node: string, machine: Machine | null): Fix {
  const summary = `Empty and reboot ${node}; if the GPU stays away, switch the power off and on, then look at its seat and its power`;
  return machine === null ? { ...rebootOf(node), summary } : rebootFix(machine, summary);
}

function rebootOf(node: string): Fix {
  return { summary: `Reboot ${node}`, command: `ssh ${node} sudo systemctl reboot`, operation: { id: 'reboot-node', input: { node } } };
}

function command(node: string, machine: Machine | null, text: string): string {
  return onHost(machine ?? { host: { name: node, road: 'ssh' } }, text);
}

function machineOf(name: string, sight: Sight): Machine | null {
  const machines = machinesOf(sight.snapshot);
  return typeof machines === 'string' ? null : (machines.seen.find((machine) => machine.name === name || machine.host.node === name) ?? null);
}

function objectOf(name: string, sight: Sight): string {
  const host = sight.snapshot.hosts.value?.get(name);
  return host === undefined || host.node !== null ? `node/${host?.node ?? name}` : `host/${name}`;
}

/** Nodes with GPUs that nvidia-smi says nothing of. */
function silentNodes(sight: Sight, answered: ReadonlySet<string>): readonly string[] {
  if (sight.peek('nodes') === null) return [];
  return gpuNodes(sight).flatMap(({ node, vendor }) => (vendor === 'nvidia' && !answered.has(node.name) ? [node.name] : []));
}

/** Asked every half minute, of many machines less often. */
const oldMs = 5 * 60_000;
