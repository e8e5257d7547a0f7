import type { Fact, HostFacts } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { known } from './fact.js';
import { compareVersions } from './version-order.js';

type Lines = readonly string[];

/** NVIDIA display and 3D controllers on the bus; the script leaves virtual functions out. */
export function pciGpus(lines: Lines): Fact<number> {
  return known(lines.filter((line) => /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] 0x03/i.test(line)).length);
}

/** The loaded module, the library that programs will load, and whether the kernel that boots next has a module. `system` has the running kernel. */
export function driver(lines: Lines, system: Lines): HostFacts['driver'] {
  const running = system.find((line) => line.startsWith('kernel '))?.slice(7) ?? null;
  return known({ module: moduleVersion(lines), library: libraryVersion(lines), nextKernel: nextKernel(lines, running) });
}

function moduleVersion(lines: Lines): string | null {
  const loaded = lines.flatMap((line) => /^module ([\d.]+)/.exec(line)?.[1] ?? []);
  // "NVIDIA UNIX x86_64 Kernel Module  580.95.05  …", "NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build …"
  const told = lines.flatMap((line) => /^nvrm .*?\s{2,}(\d{2,4}\.[\d.]+)/.exec(line)?.[1] ?? []);
  return loaded[0] ?? told[0] ?? null;
}

/** The file counts: it is what a program gets, whether a package or an installer put it there. Of several the newest is the one that the linker's cache names. */
function libraryVersion(lines: Lines): string | null {
  const files = lines.flatMap((line) => /^library \S*\/libnvidia-ml\.so\.(\d{2,4}\.[\d.]*\d)$/.exec(line)?.[1] ?? []);
  const packages = lines.flatMap(
    (line) => /^package (?:libnvidia-compute|libnvidia-ml|nvidia-driver|nvidia-utils)\S* (?:\d+:)?(\d{2,4}\.[\d.]*\d)\S* installed$/.exec(line)?.[1] ?? [],
  );
  return newest(files) ?? newest(packages);
}

/** The newest kernel that can be booted; null when none is known. Only of interest where a kernel has an NVIDIA module at all. */
function nextKernel(lines: Lines, running: string | null): { readonly kernel: string; readonly hasModule: boolean } | null {
  const kernels = lines.flatMap((line) => {
    const match = /^kernel (\S+) module=(yes|no) boots=(yes|no)$/.exec(line);
    return match === null ? [] : [{ kernel: clean(match[1] ?? '', 200), hasModule: match[2] === 'yes', boots: match[3] === 'yes' }];
  });
  const bootable = kernels.filter(({ boots, kernel }) => boots || kernel === running);
  const next = [...(bootable.length > 0 ? bootable : kernels)].sort((a, b) => compareVersions(b.kernel, a.kernel))[0];
  return next === undefined ? null : { kernel: next.kernel, hasModule: next.hasModule };
}

function newest(versions: readonly string[]): string | null {
  return [...versions].sort(compareVersions).at(-1) ?? null;
}

/** Kernel log lines as journalctl's short-unix has them: dmesg's seconds since boot become seconds since the epoch. */
export function xidLines(lines: Lines, bootedAt: number | null): readonly string[] {
  return lines.flatMap((line) => {
    if (line.startsWith('== ')) return [];
    const match = /^\[\s*(\d+\.\d+)\]\s?(.*)$/.exec(line);
    if (match === null) return [line];
    return [bootedAt === null ? (match[2] ?? '') : `${(bootedAt / 1000 + Number(match[1])).toFixed(6)} host kernel: ${match[2]}`];
  });
}
