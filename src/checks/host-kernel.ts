import type { Fix } from '../state/report.js';
import { defineHostCheck, type Seen } from './host-check.js';
import { type Machine, onHost, told } from './host-machine.js';
import { listed } from './wording.js';

export const cgroupV2 = defineHostCheck({
  id: 'cgroup-v2',
  title: 'cgroup v2 is in use',
  severity: 'critical',
  about: 'nodes',
  good: 'cgroup v2',
  look(machine) {
    const version = told(machine.facts.cgroup);
    if (version === 'v2') return { status: 'pass' };
    // Kubelets refuse it by default since 1.35 (failCgroupV1).
    const refused = kubeletMinor(machine) >= 35;
    return {
      status: refused ? 'fail' : 'warn',
      severity: refused ? 'critical' : 'warning',
      message: `${machine.name} runs with ${version === 'v1' ? 'cgroup v1' : 'cgroups v1 and v2 mixed'}${refused ? ': its kubelet does not start so' : ', which kubelets from 1.35 on refuse'}`,
      fix: {
        summary: 'Take systemd.unified_cgroup_hierarchy=0 out of the kernel command line, then reboot',
        command: onHost(machine, String.raw`sudo sed -i 's/ *systemd.unified_cgroup_hierarchy=\(0\|false\)//' /etc/default/grub && sudo update-grub`),
      },
      ...(refused ? { explains: [machine.object] } : {}),
    };
  },
});

export const kernelModules = defineHostCheck({
  id: 'modules',
  title: 'kernel modules are loaded',
  severity: 'critical',
  dependsOn: ['nouveau-absent', 'driver-next-kernel', 'coming-back'],
  about: 'nodes',
  good: 'overlay and br_netfilter loaded',
  look(machine) {
    const loaded = new Set(told(machine.facts.modules));
    const seen = [networking(machine, loaded), nvidia(machine, loaded)].filter((one) => one !== null);
    return seen.length > 0 ? seen : atBoot(machine);
  },
});

export const sysctl = defineHostCheck({
  id: 'sysctl',
  title: 'kernel settings are as Kubernetes needs them',
  severity: 'critical',
  dependsOn: ['modules'],
  about: 'nodes',
  good: 'forwarding and bridge filtering on',
  look(machine) {
    const values = told(machine.facts.sysctls);
    // Without br_netfilter there are no settings of it: that is for the modules to say.
    const wrong = switches.filter((name) => values[name] !== '1' && (values[name] !== undefined || !name.startsWith('net.bridge.')));
    if (wrong.length > 0) {
      return {
        status: 'fail',
        message: `On ${machine.name} ${listed(wrong.map((name) => `${name} is ${values[name] ?? 'not there'}`))}: pods get no traffic through it`,
        fix: applySysctls(machine),
        explains: networkTags(machine),
        explainedBy: [[`modules/${machine.name}`]],
      };
    }
    const low = limits.filter(({ name, least }) => values[name] !== undefined && Number(values[name]) < least);
    if (low.length === 0) return { status: 'pass' };
    return {
      status: 'warn',
      severity: 'warning',
      message: `On ${machine.name} ${listed(low.map(({ name }) => `${name} is ${values[name]}`))}: programs that watch files run out of it ("too many open files")`,
      fix: applySysctls(machine),
    };
  },
});

const switches = ['net.ipv4.ip_forward', 'net.bridge.bridge-nf-call-iptables', 'net.bridge.bridge-nf-call-ip6tables'];
const limits = [
  { name: 'fs.inotify.max_user_instances', least: 1024 },
  { name: 'fs.inotify.max_user_watches', least: 524_288 },
];

function networking(machine: Machine, loaded: ReadonlySet<string>): Seen | null {
  const missing = needed.filter((name) => !loaded.has(name));
  if (missing.length === 0) return null;
  return {
    status: 'fail',
    message: `${missing.length === 1 ? 'Kernel module' : 'Kernel modules'} ${listed(missing)} not loaded on ${machine.name}`,
    fix: loadModules(machine),
    // Containers lie on overlay; br_netfilter lets kube-proxy see what crosses a bridge.
    explains: [`modules/${machine.name}`, ...(missing.includes('overlay') ? [machine.object] : []), ...networkTags(machine)],
  };
}

function nvidia(machine: Machine, loaded: ReadonlySet<string>): Seen | null {
  if (!machine.hasGpus || (loaded.has('nvidia') && loaded.has('nvidia_uvm'))) return null;
  const none = !loaded.has('nvidia');
  return {
    status: none ? 'fail' : 'warn',
    severity: none ? 'critical' : 'warning',
    message: none
      ? `The NVIDIA driver is not loaded on ${machine.name}, which has GPUs`
      : `nvidia_uvm is not loaded on ${machine.name}: containers find no CUDA device until something loads it`,
    fix: {
      summary: `Load nvidia and nvidia_uvm on ${machine.name}; if that fails, its kernel log says why`,
      command: onHost(machine, 'sudo modprobe -a nvidia nvidia_uvm'),
      operation: { id: 'load-nvidia', input: { host: machine.name } },
    },
    explains: none ? gpuTags(machine) : [],
    explainedBy: [[`nouveau/${machine.name}`, `kernel-driver/${machine.name}`, machine.object]],
  };
}

/** Loaded now, by hand or by a program; the next boot may go otherwise. */
function atBoot(machine: Machine): Seen {
  const { modulesAtBoot } = machine.facts;
  if (!modulesAtBoot.known || modulesAtBoot.value.includes('br_netfilter')) return { status: 'pass' };
  return {
    status: 'warn',
    severity: 'warning',
    message: `br_netfilter is loaded on ${machine.name}, but no file in /etc/modules-load.d loads it at the next boot`,
    fix: loadModules(machine),
  };
}

/** What the driver of a machine is the reason for. */
export function gpuTags({ name, host }: Machine): readonly string[] {
  return [`driver/${host.node ?? name}`, `gpus/${host.node ?? name}`, 'gpus'];
}

function networkTags({ host, name }: Machine): readonly string[] {
  return [`network/${host.node ?? name}`];
}

const needed = ['overlay', 'br_netfilter'];

function loadModules(machine: Machine): Fix {
  return {
    summary: `Load overlay and br_netfilter on ${machine.name}, now and at each boot`,
    command: onHost(machine, String.raw`sudo modprobe -a overlay br_netfilter && printf 'overlay\nbr_netfilter\n' | sudo tee /etc/modules-load.d/k8s.conf`),
    operation: { id: 'load-modules', input: { host: machine.name, modules: needed.join(' ') } },
  };
}

function applySysctls(machine: Machine): Fix {
  const lines = [...switches.map((name) => `${name} = 1`), 'fs.inotify.max_user_instances = 8192', 'fs.inotify.max_user_watches = 1048576'];
  return {
    summary: `Set them on ${machine.name}, now and at each boot`,
    command: onHost(machine, `printf '${lines.join(String.raw`\n`)}${String.raw`\n`}' | sudo tee /etc/sysctl.d/99-zz-k8s.conf && sudo sysctl --system`),
    operation: { id: 'apply-sysctls', input: { host: machine.name } },
  };
}

/** Minor version of its kubelet, 0 where nothing says. */
function kubeletMinor({ node, facts }: Machine): number {
  const binary = facts.runtimeBinaries.known ? facts.runtimeBinaries.value.find(({ path }) => path.endsWith('/kubelet'))?.version : undefined;
  return Number(/^v?1\.(\d+)/.exec(node?.info.kubeletVersion ?? binary ?? '')?.[1] ?? 0);
}
