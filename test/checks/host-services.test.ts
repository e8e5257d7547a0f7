import { describe, expect, it } from 'vitest';
import type { HostService } from '../../src/state/hosts.js';
import { known } from '../builders/host.js';
import { nodes } from './lab.js';
import { findings, labOfMachines, reportOn, told, troubles, withFacts } from './machines.js';

const running: HostService = { name: 'kubelet', enabled: 'enabled', active: 'active', sub: 'running', result: 'success', exitStatus: 0 };
const containerd: HostService = { ...running, name: 'containerd' };
const withServices = (...services: readonly HostService[]) => withFacts({ services: known(services) });
const kubelet = (changes: Partial<HostService>) => withServices(containerd, { ...running, ...changes });

describe('a kubelet', () => {
  it.each<[string, Partial<HostService>, string]>([
    ['stopped', { active: 'inactive', sub: 'dead' }, 'kubelet is not running on gpu-1'],
    ['failed', { active: 'failed', sub: 'failed', result: 'exit-code', exitStatus: 1 }, 'kubelet failed (exit code 1) on gpu-1'],
    ['killed', { active: 'failed', sub: 'failed', result: 'oom-kill' }, 'kubelet failed (oom-kill) on gpu-1'],
    ['in a loop', { active: 'activating', sub: 'auto-restart', result: 'exit-code', exitStatus: 1 }, 'kubelet fails again and again (exit code 1) on gpu-1'],
    [
      'without its program',
      { active: 'activating', sub: 'auto-restart', result: 'exit-code', exitStatus: 203 },
      'kubelet does not start: its program cannot be run (exit code 203) on gpu-1',
    ],
  ])('%s is restarted', (_, changes, message) => {
    const [finding] = findings('kubelet-service', kubelet(changes));
    expect(finding).toMatchObject({
      status: 'fail',
      severity: 'critical',
      message,
      fix: { command: 'ssh gpu-1 sudo systemctl restart kubelet', operation: { id: 'restart-unit', input: { host: 'gpu-1', unit: 'kubelet.service' } } },
    });
  });

  it('that is masked is unmasked', () => {
    const [finding] = findings('kubelet-service', kubelet({ enabled: 'masked', active: 'inactive', sub: 'dead' }));
    expect(finding).toMatchObject({
      message: 'kubelet is masked: nothing can start it on gpu-1',
      fix: {
        command: "ssh gpu-1 'sudo systemctl unmask kubelet && sudo systemctl enable --now kubelet'",
        operation: { id: 'enable-unit', input: { host: 'gpu-1', unit: 'kubelet.service' } },
      },
    });
  });

  it('that runs but is disabled does not come back after a reboot', () => {
    expect(told('kubelet-service', kubelet({ enabled: 'disabled' }))[0]).toBe(
      'warn warning node/gpu-1: kubelet runs on gpu-1, but is disabled: it does not come back after a reboot',
    );
  });

  it('may take a moment to start', () => {
    expect(told('kubelet-service', kubelet({ active: 'activating', sub: 'start' }))[0]).toBe('warn warning node/gpu-1: kubelet is still starting on gpu-1');
  });

  it('may be part of a distribution: no unit of its own, and the node is Ready', () => {
    expect(told('kubelet-service', withServices(containerd))).toEqual([
      'pass critical cluster: kubelet active and enabled on controlplane and gpu-2',
      'skipped critical cluster: no kubelet.service there, and the node is Ready: gpu-1',
    ]);
  });

  it('that is down is the reason why its node is not Ready', () => {
    const services = known([containerd, { ...running, active: 'inactive', sub: 'dead' }]);
    const snapshot = withFacts({ services }, { nodes: nodes({ 'gpu-1': { gpus: 8, ready: 'Unknown' } }) });
    expect(reportOn(snapshot).causes.map(({ finding }) => finding.id)).toEqual(['kubelet-service']);
  });
});

describe('a container runtime', () => {
  it('that is down explains kubelet and node', () => {
    const services = known([
      { ...containerd, active: 'failed', result: 'exit-code', exitStatus: 2 },
      { ...running, active: 'activating', sub: 'auto-restart', exitStatus: 1 },
    ]);
    const failedUnits = known(['containerd.service']);
    const snapshot = withFacts({ services, failedUnits }, { nodes: nodes({ 'gpu-1': { gpus: 8, ready: 'Unknown' } }) });
    const { causes } = reportOn(snapshot);
    expect(causes.map(({ finding }) => finding.message)).toEqual(['containerd failed (exit code 2) on gpu-1']);
    expect(causes[0]?.follows.map(({ id }) => id)).toEqual(expect.arrayContaining(['kubelet-service', 'node-ready', 'failed-units']));
  });

  it('whose program is gone says so, and that is why its service fails', () => {
    const crio = known({ runtime: 'crio', nvidiaHandler: true, defaultRuntime: 'crun' });
    const services = known([{ ...containerd, name: 'crio', active: 'activating', sub: 'auto-restart', exitStatus: 203 }, running]);
    const binaries = known([
      { path: '/usr/libexec/crio/conmon', version: '2.2.0' },
      { path: '/usr/libexec/crio/crun', version: '1.26' },
    ]);
    const snapshot = withFacts({ runtimeConfig: crio, services, runtimeBinaries: binaries });
    const [cause] = reportOn(snapshot).causes;
    expect(cause?.finding).toMatchObject({
      id: 'runtime-binaries',
      message: 'crio is missing on gpu-1: its container runtime cannot start containers',
      fix: { command: 'ssh gpu-1 sudo apt-get install --reinstall cri-o' },
    });
    expect(cause?.follows.map(({ id }) => id)).toEqual(['runtime-service']);
  });

  it('of another kind is not asked for', () => {
    const docker = withFacts({ runtimeConfig: known({ runtime: 'docker', nvidiaHandler: false, defaultRuntime: null }) });
    expect(told('runtime-binaries', docker)).toContain('skipped critical cluster: no CRI-O or containerd, but docker there: gpu-1');
  });
});

describe('failed units', () => {
  it('are named, and one alone can be started again', () => {
    const [finding] = findings('failed-units', withFacts({ failedUnits: known(['snapd.seeded.service']) }));
    expect(finding).toMatchObject({
      status: 'warn',
      message: 'A unit failed on gpu-1: snapd.seeded.service',
      fix: {
        command: 'ssh gpu-1 sudo journalctl -b -n 50 -u snapd.seeded.service',
        operation: { id: 'restart-unit', input: { host: 'gpu-1', unit: 'snapd.seeded.service' } },
      },
    });
  });

  it('are looked at on machines outside of the cluster too', () => {
    expect(troubles(labOfMachines({ lb: { alone: true, facts: { failedUnits: known(['a.service', 'b.service']) } } }))).toEqual(['warn failed-units host/lb']);
  });
});

describe('a load balancer', () => {
  const haproxy = (changes: Partial<HostService>) =>
    labOfMachines({ lb: { alone: true, facts: { services: known([{ ...running, name: 'haproxy', ...changes }]) } } });

  it('runs haproxy', () => {
    expect(told('lb-backends', haproxy({}))[0]).toBe('pass critical host/lb: haproxy active on lb');
    expect(troubles(haproxy({ active: 'failed', result: 'exit-code', exitStatus: 1 }))).toEqual(['fail lb-backends host/lb']);
  });

  it('is not looked for where there is none', () => {
    expect(told('lb-backends', labOfMachines())).toEqual(['skipped critical cluster: no haproxy there']);
  });
});
