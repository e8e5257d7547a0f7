import { describe, expect, it } from 'vitest';
import { parseNvidiaSmi } from '../../src/gpu/nvidia-smi.js';
import { parseNvidiaSmiCsv } from '../../src/gpu/nvidia-smi-csv.js';

// L40S, driver 595.80.
const l40s = `index, name, uuid, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], utilization.gpu [%], temperature.gpu, power.draw [W], enforced.power.limit [W], fan.speed [%], pstate, clocks_event_reasons.active, clocks_event_reasons.sw_power_cap, clocks_event_reasons.gpu_idle, ecc.mode.current, ecc.errors.uncorrected.volatile.total
0, NVIDIA L40S, GPU-14050000-0000-4000-8000-000000000001, 00000000:01:00.0, 595.80, 46068 MiB, 1235 MiB, 9 %, 54, 110.23 W, 350.00 W, [N/A], P0, 0x0000000000000004, Active, Not Active, Enabled, 0
1, NVIDIA L40S, GPU-14050000-0000-4000-8000-000000000002, 00000000:02:00.0, 595.80, 46068 MiB, 0 MiB, 0 %, 31, 33.01 W, 350.00 W, [N/A], P8, 0x0000000000000001, Not Active, Active, Enabled, 0
`;

const l40sApps = `gpu_uuid, pid, process_name, used_gpu_memory [MiB]
GPU-14050000-0000-4000-8000-000000000001, 20037, python train.py --layers 1, 2, 3, 538 MiB
GPU-14050000-0000-4000-8000-000000000001, 20038, ffmpeg, [N/A]
`;

describe('the CSV of nvidia-smi', () => {
  it('with any fields gives what was asked for, and says "not asked for" of the rest', () => {
    const report = parseNvidiaSmiCsv(l40s);
    expect(report).toMatchObject({
      status: 'ok',
      driverVersion: '595.80',
      cudaVersion: null,
      devices: [
        {
          index: 0,
          name: 'NVIDIA L40S',
          memory: { totalMiB: 46068, usedMiB: 1235, freeMiB: null },
          power: { drawW: 110.23, limitW: 350 },
          throttleReasons: ['sw_power_cap'],
          ecc: { mode: 'on', correctable: null, uncorrectable: 0 },
          unavailable: { fanPercent: 'N/A', 'memory.freeMiB': 'not asked for', processes: 'not asked for' },
        },
        { index: 1, throttleReasons: [], performanceState: 'P8' },
      ],
    });
  });

  it('gives the same without units', () => {
    const bare = l40s.replace(/(\d) (?:MiB|%|W)(?=,)/g, '$1');
    expect(parseNvidiaSmiCsv(bare)).toEqual(parseNvidiaSmiCsv(l40s));
  });

  it('of processes joins them to their GPUs, commas in their names and all', () => {
    expect(parseNvidiaSmiCsv(l40s + l40sApps)).toMatchObject({
      devices: [
        {
          processes: [
            { pid: 20037, name: 'python train.py --layers 1, 2, 3', usedMiB: 538 },
            { pid: 20038, name: 'ffmpeg', usedMiB: null },
          ],
        },
        { processes: [], unavailable: expect.not.objectContaining({ processes: expect.anything() }) },
      ],
    });
  });

  it('of processes alone gives the GPUs they are on', () => {
    expect(parseNvidiaSmi(l40sApps)).toMatchObject({ status: 'ok', devices: [{ uuid: 'GPU-14050000-0000-4000-8000-000000000001', processes: [{}, {}] }] });
    expect(parseNvidiaSmi('gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n')).toMatchObject({ status: 'unreadable' });
  });

  it('reads the mask of driver 465, which has no column for each reason', () => {
    const report = parseNvidiaSmiCsv('index, clocks_throttle_reasons.active\n0, 0x0000000000000048\n');
    expect(report).toMatchObject({ devices: [{ throttleReasons: ['hw_slowdown', 'hw_thermal_slowdown'] }] });
  });

  it('keeps a lost GPU among the others', () => {
    const text = `Unable to determine the device handle for GPU1: 0000:02:00.0: Unknown Error\nindex, pci.bus_id, temperature.gpu\n0, 00000000:01:00.0, 54\n2, 00000000:03:00.0, 41\n`;
    const report = parseNvidiaSmiCsv(text);
    if (report.status !== 'ok') throw new Error(report.why);
    expect(report.devices.map(({ index, lost, temperatureC }) => [index, lost, temperatureC])).toEqual([
      [0, null, 54],
      [1, 'Unknown Error', null],
      [2, null, 41],
    ]);
  });

  it.each([
    ['0, NVIDIA L40S, 46068 MiB\n', 'it is not a document of nvidia-smi'],
    ['index, name, memory.used [MiB]\n', 'the table has a header and no rows'],
    ['index, name, memory.used [MiB]\n0, NVIDIA L40S\n', 'the table cannot be read: its row 1 does not have the 3 fields of the header'],
    ['index, memory.total [MiB], memory.used [MiB]\n0, 46068 MiB, 12', 'the table cannot be read: its last line ends in the middle'],
  ])('%j cannot be read', (text, why) => {
    expect(parseNvidiaSmiCsv(text)).toEqual({ status: 'unreadable', why });
  });

  it('of a machine without its driver is the sentence of nvidia-smi', () => {
    expect(parseNvidiaSmiCsv("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", { exitCode: 9 })).toMatchObject({
      status: 'driver-not-loaded',
    });
  });
});
