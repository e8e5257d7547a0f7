import type { MachineHost } from '../machine-host.js';

/** Names of the kernel modules that are loaded. */
export function loadedModules(host: MachineHost): string[] {
  const { linux, gpus } = host.machine;
  const nvidia = gpus > 0 && host.driverLoaded() ? ['nvidia_uvm', 'nvidia_drm', 'nvidia_modeset', 'nvidia'].filter((name) => !linux.unloaded.has(name)) : [];
  return [...nvidia, ...linux.modules];
}

/** Device, place and type of what is mounted from disks. */
export function mounted(mounts: MachineHost['machine']['linux']['mounts']): (readonly [string, string, string])[] {
  return [
    ['/dev/nvme0n1p2', '/', 'ext4'],
    ['/dev/nvme0n1p1', '/boot/efi', 'vfat'],
    ...mounts.filter((each) => each.mounted).map(({ device, place, type }) => [device, place, type] as const),
  ];
}
