import { describe, expect, it } from 'vitest';
import { parseNvidiaSmiXml } from '../../src/gpu/nvidia-smi-xml.js';
import type { GpuDevice, GpuReport } from '../../src/state/gpu-devices.js';
import {
  a100MigDriver525,
  b200Driver595,
  document,
  gpu,
  gtx1080Driver440,
  h100Driver570,
  h100Driver570Gpu,
  k20Driver319,
  lostInTheMiddleDriver550,
  vgpuGuestDriver538,
} from './documents.js';

describe('the document of nvidia-smi', () => {
  it('of a Tesla K20Xm with driver 319 gives MB as MiB, its processes and what throttles it', () => {
    const device = onlyDevice(parseNvidiaSmiXml(k20Driver319));
    expect(device).toMatchObject({
      name: 'Tesla K20Xm',
      pciBusId: '0000:05:00.0',
      memory: { totalMiB: 5759, usedMiB: 1310, freeMiB: 4449 },
      temperatureC: 52,
      power: { drawW: 187.44, limitW: 225 },
      throttleReasons: ['sw_power_cap'],
      ecc: { mode: 'on', correctable: 3, uncorrectable: 1 },
      processes: [{ pid: 4242, name: './nbody <1>', type: 'C', usedMiB: 1290 }],
      mig: { mode: null, devices: [] },
    });
    expect(device.unavailable).toMatchObject({ fanPercent: 'N/A', 'mig.mode': 'not in the document', slowdownC: 'not in the document' });
  });

  it('of a GTX 1080 with driver 440 says of each value that is not there why, and is not throttled for being idle', () => {
    const report = parseNvidiaSmiXml(gtx1080Driver440);
    expect(report).toMatchObject({ driverVersion: '440.82', cudaVersion: '10.2', writtenAt: 'Mon Nov  2 14:02:11 2026', warnings: [] });
    const device = onlyDevice(report);
    expect(device).toMatchObject({ throttleReasons: [], fanPercent: 120, slowdownC: 96, displayActive: 'on', persistence: 'off', virtualization: 'None' });
    expect(device.processes[0]?.name).toBe('/usr/lib/xorg/Xorg -a & -b <x>');
    expect(device.unavailable).toMatchObject({ serial: 'N/A', 'ecc.mode': 'N/A', 'ecc.correctable': 'N/A', 'ecc.uncorrectable': 'N/A' });
  });

  it('of an A100 in MIG mode with driver 525 has the MIG devices with their memory and the process on one of them', () => {
    const report = parseNvidiaSmiXml(a100MigDriver525);
    expect(onlyDevice(report)).toMatchObject({
      utilization: { gpuPercent: null },
      mig: {
        mode: 'on',
        pending: 'off',
        devices: [
          {
            index: 0,
            gpuInstanceId: 2,
            computeInstanceId: 0,
            memory: { totalMiB: 19968, usedMiB: 8210 },
            share: { multiprocessors: 42, bar1: { totalMiB: 32767 } },
          },
          { index: 1, gpuInstanceId: 7, computeInstanceId: 0, memory: { totalMiB: 4864, usedMiB: 6 } },
        ],
      },
      processes: [{ pid: 77123, gpuInstanceId: 2, usedMiB: 8190 }],
      unavailable: { throttleReasons: 'N/A', 'utilization.gpuPercent': 'N/A' },
    });
    expect(report).toMatchObject({ warnings: ['GPU 0: rows of its memory are remapped at the next reset'] });
  });

  it('of an H100 machine with driver 570 adds up the errors of all memories since the driver was loaded', () => {
    const report = parseNvidiaSmiXml(h100Driver570);
    if (report.status !== 'ok') throw new Error(report.why);
    expect(report.devices.map(({ index, serial }) => [index, serial])).toEqual([
      [0, '1650000000000'],
      [1, '1650000000001'],
    ]);
    expect(report.devices[0]).toMatchObject({
      ecc: { mode: 'on', correctable: 5, uncorrectable: 10 },
      power: { drawW: 691.2, limitW: 700 },
      throttleReasons: ['sw_power_cap', 'hw_thermal_slowdown'],
      slowdownC: null,
      unavailable: { slowdownC: 'given as the distance to T.Limit only' },
    });
  });

  it('of a B200 with driver 595 takes the power that is given and keeps the reasons for the rest', () => {
    const device = onlyDevice(parseNvidiaSmiXml(b200Driver595));
    expect(device).toMatchObject({
      power: { drawW: 138.51, limitW: 1000 },
      memory: { totalMiB: 183359, usedMiB: 0 },
      processes: [{ pid: 9001, name: null, usedMiB: null }],
    });
    expect(device.unavailable).toMatchObject({
      fanPercent: 'Not Supported',
      'processes[0].name': 'Not Found',
      'processes[0].usedMiB': 'Insufficient Permissions',
      processes: '1 of 2 have no process number',
    });
  });

  it('of a vGPU in a Windows guest with driver 538 shows what the guest may know', () => {
    expect(onlyDevice(parseNvidiaSmiXml(vgpuGuestDriver538))).toMatchObject({
      virtualization: 'VGPU',
      temperatureC: null,
      power: { drawW: null, limitW: null },
      processes: [{ name: 'C:\\Windows\\System32\\dwm.exe', type: 'C+G', usedMiB: null }],
    });
  });

  it('never shows a number that a device cannot have', () => {
    const device = onlyDevice(
      parseNvidiaSmiXml(
        document(
          'v10',
          '390.87',
          null,
          gpu('00000000:01:00.0', [
            '<fb_memory_usage><total>17592186044415 MiB</total><used>-5 MiB</used><free>12 bananas</free></fb_memory_usage>',
            '<utilization><gpu_util>4294967295 %</gpu_util><memory_util></memory_util></utilization>',
            '<power_readings><power_draw>4294967.50 W</power_draw><power_limit>1e3 W</power_limit></power_readings><fan_speed>12 % 13 %</fan_speed>',
            '<temperature><gpu_temp>30 C</gpu_temp><gpu_temp>40 C</gpu_temp></temperature>',
          ]),
        ),
      ),
    );
    expect(device).toMatchObject({
      memory: { totalMiB: null, usedMiB: null, freeMiB: null },
      utilization: { gpuPercent: null, memoryPercent: null },
      power: { drawW: null, limitW: null },
      fanPercent: null,
      temperatureC: null,
      unavailable: {
        'memory.totalMiB': 'not plausible: 17592186044415 MiB',
        'memory.freeMiB': 'not understood: "12 bananas"',
        'utilization.memoryPercent': 'not given',
      },
    });
  });

  it('shows no escape sequences and no invisible characters of a process name', () => {
    const process = '<processes><process_info><pid>1</pid><process_name>a\u001b[31mb\u202ec</process_name></process_info></processes>';
    expect(onlyDevice(parseNvidiaSmiXml(document('v12', '550.1', null, gpu('0', [process])))).processes[0]?.name).toBe('abc');
  });

  it('is found behind a message of the day and in front of a warning', () => {
    const report = parseNvidiaSmiXml(`Welcome to gpu-1\n\n${h100Driver570}WARNING: infoROM is corrupted at gpu 0000:19:00.0\n`, { exitCode: 14 });
    expect(report).toMatchObject({
      status: 'ok',
      warnings: ['WARNING: infoROM is corrupted at gpu 0000:19:00.0', "a GPU's infoROM is corrupted (exit code 14)"],
    });
  });

  it('counts where nvidia-smi -l printed several: the last whole one', () => {
    const report = parseNvidiaSmiXml(`${h100Driver570}${gtx1080Driver440}<?xml version="1.0" ?>\n<nvidia_smi_log><gpu id="1">`);
    expect(onlyDevice(report).name).toBe('GeForce GTX 1080');
  });

  it('says which GPU asks for a reset', () => {
    expect(parseNvidiaSmiXml(document('v12', '570.124.06', '12.8', h100Driver570Gpu('00000000:19:00.0', { recovery: 'Reset' })))).toMatchObject({
      warnings: ['GPU 0: it asks for recovery: Reset'],
    });
  });
});

describe('a lost GPU', () => {
  it('says so in its values', () => {
    expect(onlyDevice(parseNvidiaSmiXml(lostInTheMiddleDriver550))).toMatchObject({
      lost: 'GPU is lost',
      fanPercent: null,
      unavailable: { fanPercent: 'ERR!' },
    });
  });

  it('stands at its number among the others where driver 535 and later name it on stderr', () => {
    const report = parseNvidiaSmiXml(h100Driver570.replace('<attached_gpus>2', '<attached_gpus>3'), {
      stderr: 'Unable to determine the device handle for GPU1: 0000:2A:00.0: Unknown Error\n',
    });
    if (report.status !== 'ok') throw new Error(report.why);
    expect(report.devices.map(({ index, pciBusId, lost }) => [index, pciBusId, lost])).toEqual([
      [0, '00000000:19:00.0', null],
      [1, '0000:2A:00.0', 'Unknown Error'],
      [2, '00000000:3B:00.0', null],
    ]);
    expect(report.warnings).toEqual(['Unable to determine the device handle for GPU1: 0000:2A:00.0: Unknown Error']);
  });

  it('does not take the others along where nvidia-smi gave up at it', () => {
    const whole = h100Driver570Gpu('00000000:19:00.0');
    const cut = `${document('v12', '535.54.03', '12.2', whole).replace('</nvidia_smi_log>', '').replace('<attached_gpus>1', '<attached_gpus>2')}Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost.  Reboot the system to recover this GPU\n`;
    const report = parseNvidiaSmiXml(cut, { exitCode: 15 });
    if (report.status !== 'ok') throw new Error(report.why);
    expect(report.devices.map(({ pciBusId, lost }) => [pciBusId, lost])).toEqual([
      ['00000000:19:00.0', null],
      ['0000:41:00.0', 'GPU is lost'],
    ]);
    expect(report.warnings).toContain('nvidia-smi gave up in the middle of its document');
  });

  it('is no invention of a process that calls itself so', () => {
    const process =
      '<processes><process_info><pid>1</pid><process_name>Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost</process_name></process_info></processes>';
    const report = parseNvidiaSmiXml(document('v12', '550.1', null, gpu('00000000:19:00.0', [process])));
    expect(onlyDevice(report).lost).toBeNull();
    expect(report).toMatchObject({ warnings: [] });
  });
});

describe('no document', () => {
  it.each([
    ['No devices were found\n', 'no-devices', 6],
    [
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n",
      'driver-not-loaded',
      9,
    ],
    ['Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.95\n', 'library-mismatch', 18],
    ['Unable to determine the device handle for GPU0000:41:00.0: GPU is lost. Reboot the system to recover this GPU\n', 'gpu-lost', 15],
    ['Failed to initialize NVML: Insufficient Permissions\n', 'permission', 4],
    ["NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.\n", 'nvml-missing', 12],
    ['bash: nvidia-smi: command not found\n', 'not-installed', 127],
    ['WARNING: infoROM is corrupted at gpu 0000:41:00.0\n', 'info-rom', 14],
    ['Failed to initialize NVML: Unknown Error\n', 'unreadable', 255],
  ])('but %j is %s', (text, status, exitCode) => {
    expect(parseNvidiaSmiXml(text)).toMatchObject({ status });
    expect(parseNvidiaSmiXml('', { stderr: text, exitCode })).toMatchObject({ status });
  });

  it.each([
    [4, 'permission'],
    [6, 'no-devices'],
    [9, 'driver-not-loaded'],
    [12, 'nvml-missing'],
    [13, 'nvml-missing'],
    [14, 'info-rom'],
    [15, 'gpu-lost'],
    [18, 'library-mismatch'],
    [124, 'hung'],
    [127, 'not-installed'],
    [255, 'unreadable'],
  ])('and exit code %i is %s', (exitCode, status) => {
    expect(parseNvidiaSmiXml('', { exitCode })).toMatchObject({ status });
  });

  it('names both versions of a mismatch', () => {
    const report = parseNvidiaSmiXml(
      'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.95\nkernel module version 570.124.06',
    );
    expect(report).toMatchObject({ why: expect.stringContaining('library 580.95, kernel module 570.124.06') });
  });

  it.each([
    ['', 'it is empty: nvidia-smi printed nothing'],
    ['| NVIDIA-SMI 570.124.06  Driver Version: 570.124.06 |', 'it is the table of nvidia-smi for people; save the output of nvidia-smi -q -x instead'],
    ['==============NVSMI LOG==============\nTimestamp : now', 'it is the text of nvidia-smi -q; save the output of nvidia-smi -q -x instead'],
    ['GPU 0: NVIDIA A100 (UUID: GPU-1)', 'it is the list of nvidia-smi -L; save the output of nvidia-smi -q -x instead'],
    ['<html><body>404</body></html>', 'it is not a document of nvidia-smi'],
    ['\0\u0001\u0002', 'it is binary, not a document of nvidia-smi'],
  ])('in %j', (text, why) => {
    expect(parseNvidiaSmiXml(text)).toEqual({ status: 'unreadable', why });
  });

  it('is what is left of one that was cut, at whichever byte', () => {
    for (let length = 0; length < h100Driver570.trimEnd().length; length += 1) {
      expect(parseNvidiaSmiXml(h100Driver570.slice(0, length)).status, `cut at ${length}`).toBe('unreadable');
    }
    expect(parseNvidiaSmiXml(h100Driver570.slice(0, -10))).toEqual({ status: 'unreadable', why: 'the document ends in the middle, after 2 whole GPUs' });
  });

  it.each([
    ['definitions of its own', document('v12', '1', null, '<!DOCTYPE x [<!ENTITY a "b">]>', gpu('0', []))],
    ['tags that do not match', document('v12', '1', null, '<gpu id="0"><a></b></gpu>')],
    ['elements without end', document('v12', '1', null, '<a>'.repeat(100_000))],
    ['more GPUs than a machine has', document('v12', '1', null, gpu('0', []).repeat(3000))],
    ['megabytes of nothing', document('v12', '1', null, gpu('0', [' '.repeat(9_000_000)]))],
  ])('can be read where it has %s', (_, text) => {
    expect(parseNvidiaSmiXml(text)).toMatchObject({ status: 'unreadable', why: expect.stringMatching(/^[^\n]{10,120}$/) });
  });

  it('takes a name of an element for more than a name', () => {
    const report = parseNvidiaSmiXml(document('v12', '1', null, gpu('0', ['<__proto__><product_name>A100</product_name></__proto__>'])));
    expect(onlyDevice(report).name).toBe(null);
  });

  it('expands anything', () => {
    const text = document('v12', '1', null, gpu('0', ['<product_name>&boom;</product_name>'])).replace('v12.dtd">', 'v12.dtd" [<!ENTITY boom "BOOM">]>');
    expect(onlyDevice(parseNvidiaSmiXml(text)).name).toBe('&boom;');
  });
});

function onlyDevice(report: GpuReport): GpuDevice {
  if (report.status !== 'ok') throw new Error(report.why);
  const [device] = report.devices;
  if (device === undefined || report.devices.length !== 1) throw new Error(`${report.devices.length} devices`);
  return device;
}
