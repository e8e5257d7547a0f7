import type { Host } from '../../hosts/host.js';
import type { DiskUse } from '../../state/disks.js';
import { clean } from '../../text/clean.js';

/** The file systems that some existing paths lie on, in the paths' order, as df tells them now. Rejects with HostError, and with an Error where df is not understood. */
export async function diskUses(host: Host, paths: readonly string[]): Promise<readonly DiskUse[]> {
  if (paths.length === 0) return [];
  const { stdout, stderr, exitCode } = await host.run({ argv: ['df', '-Pk', '--', ...paths], env: { LC_ALL: 'C' }, timeoutMs: 20_000 });
  const rows = stdout.split('\n').flatMap((line) => diskUse(line) ?? []);
  if (exitCode !== 0 || rows.length !== paths.length) throw new Error(`df on ${host.name} says: ${clean((stderr || stdout).trim(), 200)}`);
  return rows;
}

export async function diskUseOf(host: Host, path: string): Promise<DiskUse> {
  const [use] = await diskUses(host, [path]);
  if (use === undefined) throw new Error(`df on ${host.name} says nothing of ${path}`);
  return use;
}

/** A row of `df -Pk`: device, 1024-byte blocks, used, available, capacity, mount point. Device and mount point may hold spaces. */
function diskUse(row: string): DiskUse | null {
  const match = /^(.+?)\s+(\d{1,16})\s+(\d{1,16})\s+(-?\d{1,16})\s+(?:-|\d+%)\s+(\/.*)$/.exec(row);
  if (match === null) return null;
  const kilobytes = (index: number) => Number(match[index]) * 1024;
  return {
    device: clean(match[1] ?? '', 512),
    mount: clean(match[5] ?? '', 1024),
    sizeBytes: kilobytes(2),
    usedBytes: kilobytes(3),
    // Where root's reserve is eaten into, what is left is a negative number.
    availableBytes: Math.max(0, kilobytes(4)),
  };
}
