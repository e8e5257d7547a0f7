/** Whether two addresses mean the same board, however they are written: `00000000:41:00.0` (nvidia-smi), `0000:41:00` (the kernel's Xid lines), `41:00.0` (lspci). */
export function samePciDevice(a: string | null, b: string | null): boolean {
  const left = pciAddress(a);
  return left !== null && left === pciAddress(b);
}

/** Domain, bus and device without the function, in one spelling: `0000:41:00`. */
function pciAddress(busId: string | null): string | null {
  const [, domain = '0', bus, device] = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})(?:\.[0-9a-f])?$/i.exec(busId ?? '') ?? [];
  if (bus === undefined || device === undefined) return null;
  return `${Number.parseInt(domain, 16).toString(16).padStart(4, '0')}:${bus}:${device}`.toLowerCase();
}
