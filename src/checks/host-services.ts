import type { HostService } from '../state/hosts.js';
import { readiness } from '../state/nodes.js';
import type { Fix } from '../state/report.js';
import { defineHostCheck, type Seen } from './host-check.js';
import { type Machine, onHost, service, told } from './host-machine.js';
import { listed } from './wording.js';

export const runtimeService = defineHostCheck({
  id: 'runtime-service',
  title: 'container runtimes run',
  severity: 'critical',
  dependsOn: ['runtime-binaries', 'coming-back'],
  about: 'nodes',
  good: 'container runtime active and enabled',
  look(machine) {
    const { runtime } = machine;
    if (runtime === null) return { status: 'skipped', why: 'no container runtime known there' };
    const unit = service(machine.facts, runtime);
    if (unit === undefined) return withoutUnit(machine, runtime);
    return seenOf(machine, unit, { explains: [machine.object, `runtime/${machine.name}`], explainedBy: [[`binaries/${machine.name}`]] });
  },
});

export const kubeletService = defineHostCheck({
  id: 'kubelet-service',
  title: 'kubelets run',
  severity: 'critical',
  dependsOn: ['swap-zero', 'cgroup-v2', 'runtime-service', 'coming-back'],
  about: 'nodes',
  good: 'kubelet active and enabled',
  look(machine) {
    const unit = service(machine.facts, 'kubelet');
    if (unit === undefined) return withoutUnit(machine, 'kubelet');
    return seenOf(machine, unit, { explains: [machine.object, `kubelet/${machine.name}`], explainedBy: [[machine.object]] });
  },
});

export const loadBalancers = defineHostCheck({
  id: 'lb-backends',
  title: 'load balancers run',
  severity: 'critical',
  about: 'all',
  good: 'haproxy active',
  look(machine) {
    const units = ['haproxy', 'keepalived'].flatMap((name) => service(machine.facts, name) ?? []);
    // Installed on a node and never turned on: not in use.
    const used = units.filter(({ enabled, active }) => machine.host.node === null || active !== 'inactive' || enabled === 'enabled');
    if (used.length === 0) return { status: 'skipped', why: 'no haproxy there' };
    return used.map((unit) => seenOf(machine, unit, {}));
  },
});

export const failedUnits = defineHostCheck({
  id: 'failed-units',
  title: 'no unit has failed',
  severity: 'warning',
  dependsOn: [
    'runtime-service',
    'kubelet-service',
    'lb-backends',
    'modules',
    'nvidia-smi',
    'driver-lib-match',
    'nouveau-absent',
    'driver-next-kernel',
    'mounts',
  ],
  about: 'all',
  good: 'no failed unit',
  look(machine) {
    const failed = told(machine.facts.failedUnits);
    const [first] = failed;
    if (first === undefined) return { status: 'pass' };
    const reasons = failed.map((unit) => reasonTags(unit, machine));
    return {
      status: 'warn',
      message: `${failed.length === 1 ? 'A unit' : `${failed.length} units`} failed on ${machine.name}: ${listed(failed)}`,
      fix: {
        summary: `Read why ${first} failed${failed.length === 1 ? ', then start it again' : ', and the others'}`,
        command: onHost(machine, `sudo journalctl -b -n 50 -u ${first}`),
        ...(failed.length === 1 && !first.endsWith('.mount') ? { operation: { id: 'restart-unit', input: { host: machine.name, unit: first } } } : {}),
      },
      explainedBy: reasons.every((tags) => tags.length > 0) ? reasons : [],
    };
  },
});

type Tags = Pick<Extract<Seen, { message: string }>, 'explains' | 'explainedBy'>;

/** What systemd's words for a unit that must run mean. */
function seenOf(machine: Machine, unit: HostService, tags: Tags): Seen {
  const { name } = machine;
  const runs = unit.active === 'active' || unit.active === 'reloading';
  const off = unit.enabled === 'masked' || unit.enabled === 'disabled' || unit.enabled === 'masked-runtime';
  if (runs && !off) return { status: 'pass' };
  if (runs) {
    return {
      status: 'warn',
      severity: 'warning',
      message: `${unit.name} runs on ${name}, but is ${unit.enabled}: it does not come back after a reboot`,
      fix: enable(machine, unit),
    };
  }
  if (unit.active === 'activating' && unit.sub !== 'auto-restart') {
    return {
      status: 'warn',
      severity: 'warning',
      underWay: true,
      message: `${unit.name} is still starting on ${name}`,
      ...tags,
      explainedBy: [[machine.object]],
    };
  }
  return { status: 'fail', message: `${unit.name} ${stateOf(unit)} on ${name}`, fix: off ? enable(machine, unit) : restart(machine, unit), ...tags };
}

function stateOf({ active, sub, result, exitStatus, enabled }: HostService): string {
  if (exitStatus === 203) return 'does not start: its program cannot be run (exit code 203)';
  if (enabled === 'masked' || enabled === 'masked-runtime') return 'is masked: nothing can start it';
  const end = exitStatus !== undefined && exitStatus !== 0 ? ` (exit code ${exitStatus})` : result !== undefined && result !== 'success' ? ` (${result})` : '';
  if (sub === 'auto-restart') return `fails again and again${end}`;
  if (active === 'failed') return `failed${end}`;
  if (active === 'inactive') return `is not running${enabled === 'disabled' ? ', and is disabled' : ''}`;
  return `is ${active}${end}`;
}

/** Kubernetes distributions carry a runtime and a kubelet inside of their own service. */
function withoutUnit(machine: Machine, name: string): Seen {
  if (machine.node !== null && readiness(machine.node) === 'ready') return { status: 'skipped', why: `no ${name}.service there, and the node is Ready` };
  if (machine.node === null) return { status: 'skipped', why: `no ${name}.service there` };
  return {
    status: 'fail',
    message: `${machine.name} has no ${name}.service`,
    fix: { summary: `Install ${name === 'crio' ? 'cri-o' : name} on ${machine.name}`, command: null },
    explains: [machine.object],
  };
}

function restart(machine: Machine, { name, active }: HostService): Fix {
  return {
    summary: `${active === 'inactive' ? 'Start' : 'Restart'} ${name} on ${machine.name}; if it fails again, read its log (journalctl -b -u ${name})`,
    command: onHost(machine, `sudo systemctl restart ${name}`),
    operation: { id: 'restart-unit', input: { host: machine.name, unit: unitName(name) } },
  };
}

function enable(machine: Machine, { name, enabled }: HostService): Fix {
  const masked = enabled.startsWith('masked');
  return {
    summary: `${masked ? 'Unmask, enable' : 'Enable'} and start ${name} on ${machine.name}`,
    command: onHost(machine, masked ? `sudo systemctl unmask ${name} && sudo systemctl enable --now ${name}` : `sudo systemctl enable --now ${name}`),
    operation: { id: 'enable-unit', input: { host: machine.name, unit: unitName(name) } },
  };
}

function unitName(name: string): string {
  return /\.[a-z]+$/.test(name) ? name : `${name}.service`;
}

/** What else may tell why a unit failed. */
function reasonTags(unit: string, { name, host, object }: Machine): readonly string[] {
  if (/^(?:crio|containerd)\.service$/.test(unit)) return [`runtime/${name}`, object];
  if (unit === 'kubelet.service') return [`kubelet/${name}`, object];
  if (unit.startsWith('nvidia-')) return [`driver/${host.node ?? name}`, `gpus/${host.node ?? name}`];
  return unit.endsWith('.mount') ? [`mounts/${name}`] : [];
}
