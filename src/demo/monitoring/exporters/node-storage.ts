import { sinceBoot } from '../model/boots.js';
import { hex } from '../model/hash.js';
import type { NodeLoad } from '../model/node-load.js';
import type { NodeRecord } from '../model/node-record.js';
import { noise } from '../model/noise.js';
import { rootDisk } from '../model/root-disk.js';
import { flow, mapSteps, type Steps, steady } from '../model/steps.js';
import { counter, type Family, gauge, series } from './family.js';

/** Disks, file systems and network devices of a node, as node_exporter tells them. */
export function nodeStorageFamilies(node: NodeRecord, load: NodeLoad): Family[] {
  return [...diskFamilies(node, load), ...filesystemFamilies(node), ...networkFamilies(node, load)];
}

function diskFamilies(node: NodeRecord, load: NodeLoad): Family[] {
  const disks = ['nvme0n1', 'nvme1n1'];
  const total = (name: string, help: string, rate: (cpu: number) => number, whole = true): Family =>
    counter(name, help, () =>
      disks.map((device, index) => {
        const weight = index === 0 ? 1 : 0.22;
        const count = sinceBoot(node, (from) =>
          flow(
            mapSteps(load.cpu, (cpu) => weight * rate(cpu)),
            noise(`${node.name}/${device}/${name}`, 0.7),
            from,
          ),
        );
        return series({ device }, (time) => (whole ? Math.floor(count(time)) : count(time)));
      }),
    );
  return [
    total('node_disk_read_bytes_total', 'The total number of bytes read successfully.', (cpu) => 180_000 + 9e6 * cpu),
    total('node_disk_written_bytes_total', 'The total number of bytes written successfully.', (cpu) => 1_400_000 + 6e6 * cpu),
    total('node_disk_reads_completed_total', 'The total number of reads completed successfully.', (cpu) => 12 + 300 * cpu),
    total('node_disk_writes_completed_total', 'The total number of writes completed successfully.', (cpu) => 60 + 240 * cpu),
    total('node_disk_io_time_seconds_total', 'Total seconds spent doing I/Os.', (cpu) => 0.008 + 0.05 * cpu, false),
    total('node_disk_io_time_weighted_seconds_total', 'The weighted # of seconds spent doing I/Os.', (cpu) => 0.012 + 0.09 * cpu, false),
  ];
}

function filesystemFamilies(node: NodeRecord): Family[] {
  const { size, available } = rootDisk(node.name, node.machine);
  const free = node.machine === null && node.diskPressure ? () => Math.round((0.07 * size) / 4096) * 4096 : available;
  const mounts = [
    { labels: { device: '/dev/nvme0n1p2', device_error: '', fstype: 'ext4', mountpoint: '/' }, size, free, files: 58_257_408 },
    { labels: { device: '/dev/nvme0n1p1', device_error: '', fstype: 'vfat', mountpoint: '/boot/efi' }, size: 535_805_952, free: () => 529_367_040, files: 0 },
  ];
  const each = (name: string, help: string, value: (mount: (typeof mounts)[number]) => (time: number) => number): Family =>
    gauge(`node_filesystem_${name}`, help, () => mounts.map((mount) => series(mount.labels, value(mount))));
  return [
    each(
      'size_bytes',
      'Filesystem size in bytes.',
      ({ size }) =>
        () =>
          size,
    ),
    each(
      'free_bytes',
      'Filesystem free space in bytes.',
      ({ free, size }) =>
        (time) =>
          Math.min(size, free(time) + (size > 1e9 ? 0.05 * size : 0)),
    ),
    each('avail_bytes', 'Filesystem space available to non-root users in bytes.', ({ free }) => free),
    each(
      'files',
      'Filesystem total file nodes.',
      ({ files }) =>
        () =>
          files,
    ),
    each(
      'files_free',
      'Filesystem total free file nodes.',
      ({ files }) =>
        () =>
          Math.round(files * 0.94),
    ),
    each('readonly', 'Filesystem read-only status.', () => () => 0),
    each('device_error', 'Whether an error occurred while getting statistics for the given device.', () => () => 0),
  ];
}

function networkFamilies(node: NodeRecord, load: NodeLoad): Family[] {
  const devices = ['lo', 'eno1', 'vxlan.calico', `cali${hex(`${node.name}/cali`, 11)}`];
  const total = (name: string, rate: Steps<number>): Family =>
    counter(`node_network_${name}_total`, `Network device statistic ${name}.`, () =>
      devices.map((device) => {
        const share = device === 'eno1' ? 1 : device === 'lo' ? 0.3 : 0.45;
        const count = sinceBoot(node, (from) =>
          flow(
            mapSteps(rate, (value) => value * share),
            noise(`${node.name}/${device}/${name}`, 0.5),
            from,
          ),
        );
        return series({ device }, (time) => Math.floor(count(time)));
      }),
    );
  const perRequest = (base: number, bytes: number): Steps<number> => mapSteps(load.requests, (requests) => base + bytes * requests);
  return [
    total('receive_bytes', perRequest(240_000, 120_000)),
    total('transmit_bytes', perRequest(310_000, 9_000)),
    total('receive_packets', perRequest(900, 110)),
    total('transmit_packets', perRequest(850, 60)),
    total('receive_errs', steady(0)),
    total('transmit_errs', steady(0)),
    total('receive_drop', steady(0.0004)),
    total('transmit_drop', steady(0)),
  ];
}
