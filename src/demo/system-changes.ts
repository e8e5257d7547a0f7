import { file, isRenewable, reclaimable } from './controllers/linux.js';
import { diskChanged, type Machine } from './controllers/machines.js';
import { baseShare } from './monitoring/model/root-disk.js';
import type { Happening } from './scenario-steps.js';
import type { Stage } from './timeline.js';

/** A step of a scenario about the system of one machine. */
export type SystemChange = Extract<Happening, { do: 'swap' | 'fill' | 'cni-lost' | 'owner' | 'certificates' | 'unit' }>;

/** Lets it happen now; what the kubelet makes of it shows when it looks. */
export function change({ world, systems }: Stage, machine: Machine, step: SystemChange): void {
  const { linux } = machine;
  const now = world.clock.now();
  switch (step.do) {
    case 'swap': {
      linux.swaps = [...linux.swaps, { path: step.path, bytes: step.gigabytes * 2 ** 30, active: true }];
      const fstab = linux.files.get('/etc/fstab')?.text ?? '';
      linux.files.set('/etc/fstab', file(`${fstab}${step.path} none swap sw 0 0\n`));
      return;
    }
    case 'fill': {
      const before = reclaimable(linux);
      const size = machine.hardware.diskKi * 1024;
      const { disk } = linux;
      disk.journal = step.journal * 1e9;
      disk.packages = step.packages * 1e9;
      disk.images = step.images * 1e9;
      disk.other = 0;
      disk.other = Math.max(0, size * (step.share - baseShare(machine.name)) - reclaimable(linux));
      diskChanged(machine, before, now);
      return;
    }
    case 'cni-lost':
      linux.cni = false;
      return;
    case 'owner': {
      const known = linux.files.get(step.path);
      if (known !== undefined) linux.files.set(step.path, { ...known, owner: step.owner, mode: step.mode });
      return;
    }
    case 'certificates':
      for (const path of linux.certificates.keys()) if (isRenewable(path)) linux.certificates.set(path, now + step.days * 86_400_000);
      return;
    case 'unit': {
      const unit = linux.units.get(step.unit);
      if (unit === undefined) return;
      systems.stop(machine, step.unit);
      unit.enabled = step.enabled;
      return;
    }
  }
}
