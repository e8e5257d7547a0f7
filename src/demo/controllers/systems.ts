import { textAt } from '../fields.js';
import { availableShare, evictionEveryMs, evictOne, pressureEndsMs, pressureThreshold } from './disk-pressure.js';
import type { Kubelets } from './kubelet.js';
import { isRenewable } from './linux.js';
import type { Machine } from './machines.js';
import type { NodeLife } from './nodes.js';
import { conditionStatus } from './objects.js';
import { runtimeUnit, tell, type Unit } from './units.js';
import type { World } from './world.js';

/** What systemd, the kubelet's own rules and the power button do to machines. */
export interface Systems {
  /** Starts a unit; nothing for one that is not installed or runs. */
  start(machine: Machine, unit: string): void;
  stop(machine: Machine, unit: string): void;
  /** The kubelet comes up after a boot, or tries to, with perhaps a new kernel. */
  up(machine: Machine, changes: { readonly kernelVersion?: string }): void;
  /** Shuts the machine down and brings it up again, in about fifteen seconds; its control plane with it. */
  reboot(machine: Machine): void;
  /** The kubelet and its eviction manager look again: at swap, network configuration, disk. */
  look(machine: Machine): void;
  /** kubeadm has issued all certificates of a control plane anew. */
  renewCertificates(machine: Machine): void;
  /** A container of a static pod was stopped: the kubelet starts it again. */
  restartStatic(machine: Machine, component: string): void;
}

export interface SystemsSurroundings {
  /** The API server drops its connections and refuses new ones, or takes them again. */
  setAccepting(accepting: boolean): void;
  /** The API server's certificate ends at that moment from now on. */
  setCertificateEnd(endsAt: number): void;
}

export function startSystems(world: World, nodes: NodeLife, kubelets: Kubelets, surroundings: SystemsSurroundings): Systems {
  const { clock } = world;
  const retries = new Map<string, () => void>();
  const evicting = new Set<string>();
  const clearing = new Map<string, () => void>();

  function start(machine: Machine, name: string): void {
    const unit = machine.linux.units.get(name);
    if (unit === undefined || unit.enabled === 'masked' || unit.state === 'running') return;
    if (name === 'kubelet.service') {
      launch(machine, {});
      return;
    }
    if (name === 'nvidia-cdi-refresh.service') machine.linux.cdi = machine.driver.library;
    if (name === 'nvidia-persistenced.service') machine.linux.persistence = true;
    if (name === 'chrony.service') machine.linux.clock = { ntp: true, synchronized: true };
    begin(unit);
    if (unit.oneShot) end(unit, 'stopped');
    if (name === runtimeUnit(machine.hardware)) nodes.readiness(machine);
  }

  function stop(machine: Machine, name: string): void {
    const unit = machine.linux.units.get(name);
    if (unit === undefined || unit.state === 'stopped') return;
    if (name === 'kubelet.service') {
      retries.get(machine.name)?.();
      if (machine.downSince === null) nodes.silence(machine);
    }
    if (name === 'nvidia-persistenced.service') machine.linux.persistence = false;
    if (name === 'chrony.service') machine.linux.clock = { ...machine.linux.clock, synchronized: false };
    end(unit, 'stopped');
    if (name === runtimeUnit(machine.hardware)) nodes.readiness(machine);
  }

  function launch(machine: Machine, changes: { readonly kernelVersion?: string }): void {
    retries.get(machine.name)?.();
    retries.delete(machine.name);
    const unit = machine.linux.units.get('kubelet.service');
    const why = kubeletTrouble(machine);
    if (unit === undefined) return;
    if (why !== null) {
      fail(unit, why);
      retries.set(
        machine.name,
        clock.after(restartMs, () => {
          if (unit.state === 'restarting') launch(machine, changes);
        }),
      );
      return;
    }
    begin(unit);
    tell(unit, clock.now(), `kubelet[${pidOf(unit)}]`, `I${klogTime(clock.now())}  ${pidOf(unit)} server.go:525] "Kubelet version" kubeletVersion="v1.36.2"`);
    if (machine.downSince === null) return;
    const seen = textAt(world.store.get('nodes', machine.name), 'status', 'nodeInfo', 'bootID');
    if (seen === machine.bootId) nodes.resume(machine);
    else nodes.up(machine, changes);
    clock.after(settleMs, () => look(machine));
  }

  function begin(unit: Unit): void {
    unit.state = 'running';
    unit.since = clock.now();
    unit.result = 'success';
    unit.exitCode = 0;
    tell(unit, clock.now(), 'systemd[1]', `Started ${unit.name} - ${unit.description}.`);
  }

  function end(unit: Unit, state: 'stopped'): void {
    unit.state = state;
    unit.since = clock.now();
    tell(unit, clock.now(), 'systemd[1]', `${unit.oneShot ? 'Finished' : 'Stopped'} ${unit.name} - ${unit.description}.`);
  }

  /** A service with Restart=always that ends with an error: systemd's lines, and its own last one. */
  function fail(unit: Unit, why: string): void {
    const now = clock.now();
    unit.restarts += 1;
    unit.state = 'restarting';
    unit.since = now;
    unit.result = 'exit-code';
    unit.exitCode = 1;
    const pid = pidOf(unit);
    tell(unit, now, 'systemd[1]', `Started ${unit.name} - ${unit.description}.`);
    tell(unit, now, `kubelet[${pid}]`, `E${klogTime(now)}  ${pid} run.go:72] "command failed" err="failed to run Kubelet: ${why}"`);
    tell(
      unit,
      now,
      'systemd[1]',
      `${unit.name}: Main process exited, code=exited, status=1/FAILURE`,
      `${unit.name}: Failed with result 'exit-code'.`,
      `${unit.name}: Scheduled restart job, restart counter is at ${unit.restarts}.`,
    );
  }

  function look(machine: Machine): void {
    const unit = machine.linux.units.get('kubelet.service');
    if (unit?.state === 'restarting' && kubeletTrouble(machine) === null) {
      // systemd tries again within ten seconds whatever happened; the wait is cut short.
      retries.get(machine.name)?.();
      retries.set(
        machine.name,
        clock.after(shortMs, () => launch(machine, {})),
      );
    }
    if (machine.downSince !== null) return;
    nodes.readiness(machine);
    watchDisk(machine);
  }

  /** The eviction manager: pressure at once, evictions one after another, and the end of it a while after there is room again. */
  function watchDisk(machine: Machine): void {
    const node = world.store.get('nodes', machine.name);
    if (node === null) return;
    const pressed = conditionStatus(node, 'DiskPressure') === 'True';
    const low = availableShare(machine, clock.now()) < pressureThreshold;
    if (low) {
      clearing.get(machine.name)?.();
      clearing.delete(machine.name);
      if (!pressed) nodes.pressure(machine, 'DiskPressure', true);
      if (!evicting.has(machine.name)) {
        evicting.add(machine.name);
        clock.after(2000, () => goOnEvicting(machine));
      }
    } else if (pressed && evicting.has(machine.name) && !clearing.has(machine.name)) {
      clearing.set(
        machine.name,
        clock.after(pressureEndsMs, () => {
          clearing.delete(machine.name);
          evicting.delete(machine.name);
          nodes.pressure(machine, 'DiskPressure', false);
        }),
      );
    }
  }

  function goOnEvicting(machine: Machine): void {
    if (!evicting.has(machine.name)) return;
    if (machine.downSince === null && availableShare(machine, clock.now()) < pressureThreshold) evictOne(world, machine);
    clock.after(evictionEveryMs, () => goOnEvicting(machine));
  }

  function restartStatic(machine: Machine, component: string): void {
    const name = `${component}-${machine.name}`;
    const pod = world.store.get('pods', name, 'kube-system');
    if (pod === null) return;
    kubelets.restart(pod, machine);
    if (component !== 'kube-apiserver' && component !== 'etcd') return;
    surroundings.setAccepting(false);
    clock.after(apiServerMs, () => surroundings.setAccepting(true));
  }

  return {
    start,
    stop,
    up(machine, changes) {
      if (machine.off) nodes.boot(machine, 0);
      const unit = machine.linux.units.get('kubelet.service');
      if (unit?.state === 'stopped') return;
      launch(machine, changes);
    },
    reboot(machine) {
      const controlPlane = machine.hardware.role === 'control-plane';
      clock.after(400, () => {
        retries.get(machine.name)?.();
        nodes.down(machine);
        if (controlPlane) surroundings.setAccepting(false);
        clock.after(bootMs, () => {
          nodes.boot(machine, bootMs);
          clock.after(kubeletMs, () => {
            if (machine.off || machine.linux.units.get('kubelet.service')?.state !== 'running') return;
            launch(machine, {});
          });
          if (controlPlane) clock.after(kubeletMs + apiServerMs, () => surroundings.setAccepting(true));
        });
      });
    },
    look,
    renewCertificates(machine) {
      const { certificates } = machine.linux;
      const end = clock.now() + yearMs;
      for (const path of certificates.keys()) if (isRenewable(path)) certificates.set(path, end);
      // The API server reads its serving certificate again by itself.
      surroundings.setCertificateEnd(end);
    },
    restartStatic,
  };
}

/** Why the kubelet does not start; null where nothing keeps it. */
function kubeletTrouble(machine: Machine): string | null {
  if (machine.linux.swaps.some(({ active }) => active)) return 'running with swap on is not supported, please disable swap or set --fail-swap-on flag to false';
  return null;
}

/** RestartSec of kubeadm's kubelet.service. */
const restartMs = 10_000;
const shortMs = 2_500;
const settleMs = 4_000;
/** From the order to reboot to the first login, and from there to the kubelet. */
const bootMs = 7_000;
const kubeletMs = 3_500;
const apiServerMs = 3_000;
const yearMs = 365 * 86_400_000;

function pidOf({ restarts }: Unit): number {
  return 1811 + restarts * 37;
}

/** `1102 14:02:11.000123` */
function klogTime(moment: number): string {
  const iso = new Date(moment).toISOString();
  return `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`;
}
