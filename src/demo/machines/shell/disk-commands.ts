import { textAt } from '../../fields.js';
import type { MachineHost } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';
import { type Command, failed, said } from './command.js';

/** Programs that tell how full the disk is, and with what. */
export const diskCommands: readonly (readonly [string, Command])[] = [
  ['df', df],
  ['find', find],
];

/** `df -Pk`, one row for each path; all of them lie on the root file system, but for /boot/efi. */
function df(host: MachineHost, argv: readonly string[]): CommandResult {
  const paths = argv.filter((word) => word.startsWith('/'));
  const rows = (paths.length > 0 ? paths : ['/', '/boot/efi']).map((path) => {
    const mountpoint = path.startsWith('/boot/efi') ? '/boot/efi' : '/';
    const [size = 0, free = 0, available = 0] = ['size_bytes', 'free_bytes', 'avail_bytes'].map((name) =>
      Math.round(host.metric(`node_filesystem_${name}`, { mountpoint }) / 1024),
    );
    const used = size - free;
    return `/dev/nvme0n1p${mountpoint === '/' ? 2 : 1} ${size} ${used} ${available} ${Math.ceil((100 * used) / (used + available))}% ${mountpoint}\n`;
  });
  return said(`Filesystem 1024-blocks Used Available Capacity Mounted on\n${rows.join('')}`);
}

/** What find lists of the folders that the demo keeps account of: sizes come from `stat` or `du`, as they are asked for. */
function find(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [folder = '.'] = argv;
  if (!root && folder.startsWith('/var/')) return failed(`find: '${folder}': Permission denied\n`, 1);
  if (argv.includes('-delete')) return said('');
  const files = filesIn(host, folder);
  const asked = argv[argv.indexOf('-exec') + 1];
  const kilobytes = (bytes: number) => Math.ceil(bytes / 4096) * 4;
  if (asked === 'du') return said(files.map(({ path, bytes }) => `${kilobytes(bytes)}\t${path}\n`).join(''));
  return said(files.map(({ path, bytes }) => (asked === 'stat' ? `${2 * kilobytes(bytes)} ${path}\n` : `${path}\n`)).join(''));
}

interface KeptFile {
  readonly path: string;
  readonly bytes: number;
}

function filesIn({ machine, world, now }: MachineHost, folder: string): readonly KeptFile[] {
  const { disk } = machine.linux;
  switch (folder) {
    case '/var/log/journal': {
      const count = Math.ceil(disk.journal / journalFileBytes);
      return Array.from({ length: count }, (_, place) => {
        const at = Math.round((now() - (count - place) * 3_600_000) * 1000);
        const name = `system@${machine.bootId.replaceAll('-', '')}-${hex(place * 1000)}-${hex(at)}.journal`;
        return {
          path: `/var/log/journal/${machine.bootId.replaceAll('-', '')}/${name}`,
          bytes: Math.min(journalFileBytes, disk.journal - place * journalFileBytes),
        };
      });
    }
    case '/var/cache/apt':
      return disk.packages === 0
        ? []
        : ['linux-firmware_20240318.git3b128b60_all', 'libnvidia-compute-580-server_580.173.02-0ubuntu1_amd64', 'containerd.io_2.3.4-1_amd64'].map((name) => ({
            path: `/var/cache/apt/archives/${name}.deb`,
            bytes: disk.packages / 3,
          }));
    case '/var/log/pods':
      return world.pods.onNode(machine.name).map((pod) => ({
        path: `/var/log/pods/${pod.metadata.namespace ?? ''}_${pod.metadata.name}_${textAt(pod, 'metadata', 'uid') ?? ''}`,
        bytes: 2_048_000,
      }));
    default:
      return [];
  }
}

/** As journald puts files aside. */
const journalFileBytes = 128 * 2 ** 20;

function hex(value: number): string {
  return value.toString(16).padStart(16, '0');
}
