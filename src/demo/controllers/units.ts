import type { Hardware } from '../seed/hardware.js';

/** A systemd unit that is installed. Moments are ms since the epoch. */
export interface Unit {
  readonly name: string;
  readonly description: string;
  /** restarting: it failed and systemd will start it again soon. */
  state: 'running' | 'stopped' | 'failed' | 'restarting';
  enabled: 'enabled' | 'disabled' | 'static' | 'masked' | 'generated';
  /** Runs to its end and is done. */
  readonly oneShot: boolean;
  since: number;
  result: 'success' | 'exit-code';
  exitCode: number;
  restarts: number;
  /** What the journal has of it from this boot, newest last. */
  log: readonly LogLine[];
}

export interface LogLine {
  readonly at: number;
  /** `kubelet[1811]`, `systemd[1]`. */
  readonly from: string;
  readonly text: string;
}

/** The units of a machine by name: container runtime, kubelet, clock, SSH, and those of the GPU driver where there are GPUs. */
export function createUnits(hardware: Hardware, now: number): Map<string, Unit> {
  const runtime = runtimeUnit(hardware);
  const rows: readonly (readonly [name: string, description: string, enabled?: Unit['enabled']])[] = [
    [runtime, runtime === 'crio.service' ? 'Container Runtime Interface for OCI (CRI-O)' : 'containerd container runtime'],
    ['kubelet.service', 'kubelet: The Kubernetes Node Agent'],
    ['chrony.service', 'chrony, an NTP client/server'],
    ['ssh.service', 'OpenBSD Secure Shell server'],
    ...(hardware.gpus === 0
      ? []
      : ([
          ['nvidia-persistenced.service', 'NVIDIA Persistence Daemon'],
          ['nvidia-cdi-refresh.path', 'Trigger CDI refresh on NVIDIA driver install / uninstall events'],
          ['nvidia-cdi-refresh.service', 'Refresh NVIDIA CDI specification file', 'static'],
        ] as const)),
  ];
  return new Map(rows.map(([name, description, enabled = 'enabled']) => [name, unit(name, description, enabled, now)]));
}

/** The unit of a machine's container runtime. */
export function runtimeUnit({ runtime }: Hardware): string {
  return runtime === 'cri-o' ? 'crio.service' : 'containerd.service';
}

export function unit(name: string, description: string, enabled: Unit['enabled'], now: number): Unit {
  const oneShot = enabled === 'static';
  return { name, description, state: oneShot ? 'stopped' : 'running', enabled, oneShot, since: now, result: 'success', exitCode: 0, restarts: 0, log: [] };
}

/** Adds lines to a unit's journal; the oldest of very many are dropped. */
export function tell(unit: Unit, at: number, from: string, ...texts: readonly string[]): void {
  unit.log = [...unit.log, ...texts.map((text) => ({ at, from, text }))].slice(-400);
}
