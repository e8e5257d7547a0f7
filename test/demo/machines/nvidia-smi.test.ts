import { parseXml } from '@rgrove/parse-xml';
import { describe, expect, it } from 'vitest';
import { dcgmFamilies } from '../../../src/demo/monitoring/exporters/dcgm-exporter.js';
import { exposition } from '../../../src/demo/monitoring/exporters/family.js';
import { parseScenario } from '../../../src/demo/scenario.js';
import { parseNvidiaSmiCsv } from '../../../src/gpu/nvidia-smi-csv.js';
import { parseNvidiaSmiXml } from '../../../src/gpu/nvidia-smi-xml.js';
import type { GpuDevice, GpuReport } from '../../../src/state/gpu-devices.js';
import { type DemoMachine, demoMachine } from './demo-machine.js';

async function report(machine: DemoMachine): Promise<GpuReport> {
  const { stdout, stderr, exitCode } = await machine.run('nvidia-smi -q -x');
  return parseNvidiaSmiXml(stdout, { stderr, exitCode });
}

async function devices(machine: DemoMachine): Promise<readonly GpuDevice[]> {
  const answer = await report(machine);
  if (answer.status !== 'ok') throw new Error(answer.why);
  return answer.devices;
}

const h100 = parseScenario('hopper', { summary: 's', machines: { 'gpu-1': { gpu: 'H100-80GB-HBM3' } } });

describe('nvidia-smi on a demo machine', () => {
  it('prints well-formed XML of the 580 driver, complete for every GPU', async () => {
    for (const machine of [demoMachine('gpu-1'), demoMachine('controlplane'), demoMachine('gpu-1', 'mig'), demoMachine('gpu-1', h100)]) {
      const { stdout } = await machine.run('nvidia-smi -q -x');
      expect(() => parseXml(stdout)).not.toThrow();
      expect(stdout).toContain('<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v13.dtd">\n<nvidia_smi_log>\n\t<timestamp>');
      const answer = await report(machine);
      expect(answer).toMatchObject({ status: 'ok', driverVersion: '580.173.02', cudaVersion: '13.0', warnings: [] });
      for (const device of await devices(machine)) {
        const missing = Object.keys(device.unavailable).filter((field) => field !== 'fanPercent');
        expect(
          missing.filter((field) => !(device.mig.mode === 'on' && /^(?:utilization|ecc)/.test(field)) && !(device.name === 'NVIDIA A16' && /^mig/.test(field))),
        ).toEqual([]);
      }
    }
  });

  it('shows the A16 of the control plane with its 15356 MiB and no MIG, the workers’ eight A100, and an H100 where a scenario wants it', async () => {
    const machine = demoMachine('controlplane');
    expect(await devices(machine)).toMatchObject([{ name: 'NVIDIA A16', memory: { totalMiB: 15_356 }, mig: { mode: null }, power: { limitW: 62.5 } }]);
    const workers = await devices(machine.neighbour('gpu-2'));
    expect(workers).toHaveLength(8);
    expect(new Set(workers.map(({ uuid }) => uuid)).size).toBe(8);
    expect(workers[0]).toMatchObject({ name: 'NVIDIA A100-SXM4-80GB', memory: { totalMiB: 81_920 }, mig: { mode: 'off' }, slowdownC: 89, persistence: 'on' });
    expect((await devices(demoMachine('gpu-1', h100)))[7]).toMatchObject({ index: 7, name: 'NVIDIA H100 80GB HBM3', memory: { totalMiB: 81_559 } });
  });

  it('agrees with the DCGM exporter of the node, value for value', async () => {
    const machine = demoMachine('gpu-1');
    const node = machine.model.node('gpu-1');
    if (node === null) throw new Error('gpu-1 is not there');
    const metrics = exposition(dcgmFamilies(machine.model, node), machine.model.now());
    for (const device of await devices(machine)) {
      const told = (name: string) => Number(new RegExp(`^${name}\\{gpu="${device.index}",UUID="${device.uuid}"[^}]*\\} (.*)$`, 'm').exec(metrics)?.[1]);
      expect(device.utilization.gpuPercent).toBe(told('DCGM_FI_DEV_GPU_UTIL'));
      expect(device.memory.usedMiB).toBe(told('DCGM_FI_DEV_FB_USED'));
      expect(device.memory.freeMiB).toBe(told('DCGM_FI_DEV_FB_FREE'));
      expect(device.temperatureC).toBe(told('DCGM_FI_DEV_GPU_TEMP'));
      expect(device.power.drawW).toBeCloseTo(told('DCGM_FI_DEV_POWER_USAGE'), 1);
    }
  });

  it('agrees with the DCGM exporter on MIG devices too, which tells of each with its profile and pod, and of no utilisation', async () => {
    const machine = demoMachine('gpu-1', 'mig');
    const node = machine.model.node('gpu-1');
    if (node === null) throw new Error('gpu-1 is not there');
    const metrics = exposition(dcgmFamilies(machine.model, node), machine.model.now());
    const [first] = await devices(machine);
    for (const part of first?.mig.devices ?? []) {
      const told = new RegExp(
        `^DCGM_FI_DEV_FB_USED\\{gpu="0",[^}]*GPU_I_ID="${part.gpuInstanceId}"[^}]*pod="(?:embedder|chat|notebook)[^"]+"\\} (\\d+)$`,
        'm',
      ).exec(metrics)?.[1];
      expect(Number(told)).toBe(part.memory.usedMiB);
    }
    expect(metrics).toMatch(/^DCGM_FI_DEV_FB_USED\{gpu="0",.*GPU_I_PROFILE="3g\.40gb",GPU_I_ID="2"/m);
    expect(metrics).not.toMatch(/^DCGM_FI_DEV_GPU_UTIL\{gpu="0"/m);
    expect(metrics).toMatch(/^DCGM_FI_DEV_GPU_UTIL\{gpu="4"/m);
  });

  it('lists the processes of the pods that hold GPUs, in their cgroups', async () => {
    const machine = demoMachine('gpu-1');
    const [busy] = (await devices(machine)).filter(({ processes }) => processes.length > 0);
    const pid = busy?.processes[0]?.pid ?? 0;
    const uids = machine.cluster.pods('ai').map((pod) => (pod.metadata.uid ?? '').replaceAll('-', '_'));
    const { stdout } = await machine.run(`cat /proc/${pid}/cgroup`);
    const uid = /^0::\/kubepods\.slice\/kubepods-burstable\.slice\/kubepods-burstable-pod([0-9a-f_]+)\.slice\/cri-containerd-[0-9a-f]{64}\.scope\n$/.exec(
      stdout,
    )?.[1];
    expect(uids).toContain(uid);
    expect((await machine.run('cat /proc/1999/cgroup')).exitCode).toBe(1);
  });

  it('draws the page 91 columns wide, with MIG devices below', async () => {
    for (const machine of [demoMachine('gpu-1'), demoMachine('controlplane'), demoMachine('gpu-1', 'mig')]) {
      const [time, ...lines] = (await machine.run('nvidia-smi')).stdout.trimEnd().split('\n');
      expect(time).toMatch(/^(?:Sun|Mon|Tue) Nov {2}\d \d\d:\d\d:\d\d 2026 +$/);
      expect([...new Set(lines.map((line) => line.length))].sort((a, b) => a - b)).toEqual([0, 91]);
    }
    const { stdout } = await demoMachine('gpu-1', 'mig').run('nvidia-smi');
    expect(stdout).toContain('|  0    2   0   0  |           31432MiB / 40192MiB    | 42      0 |  3   0    2    0    0 |');
  });

  it('answers queries as CSV that can be read back, and knows its fields', async () => {
    const machine = demoMachine('gpu-2');
    const { stdout } = await machine.run(
      'nvidia-smi --query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw --format=csv',
    );
    expect(stdout).toMatch(
      /^index, uuid, name, memory\.total \[MiB\], memory\.used \[MiB\], utilization\.gpu \[%\], temperature\.gpu, power\.draw \[W\]\n0, GPU-/,
    );
    const answer = parseNvidiaSmiCsv(stdout);
    expect(answer.status === 'ok' ? answer.devices.map(({ index, memory }) => [index, memory.totalMiB]) : answer).toEqual(
      Array.from({ length: 8 }, (_, index) => [index, 81_920]),
    );
    expect((await machine.run('nvidia-smi -i 3 --query-gpu=index,memory.total --format=csv,noheader,nounits')).stdout).toBe('3, 81920\n');
    expect(await machine.run('nvidia-smi --query-gpu=colour --format=csv')).toMatchObject({
      stdout: 'Field "colour" is not a valid field to query.\n\n',
      exitCode: 2,
    });
    expect((await machine.run('nvidia-smi --nonsense')).exitCode).toBe(2);
    expect(await machine.run('nvidia-smi -i 9')).toMatchObject({ stdout: 'No devices were found\n', exitCode: 6 });
  });
});

describe('nvidia-smi where something is wrong', () => {
  it('in driver-mismatch fails to initialize NVML with exit code 18 on gpu-2 alone', async () => {
    const machine = demoMachine('gpu-2', 'driver-mismatch');
    expect(await machine.run('nvidia-smi -q -x')).toEqual({
      stdout: 'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.173\n',
      stderr: '',
      exitCode: 18,
    });
    expect((await report(machine)).status).toBe('library-mismatch');
    expect((await machine.run('cat /sys/module/nvidia/version')).stdout).toBe('580.159.03\n');
    expect((await report(machine.neighbour('gpu-1'))).status).toBe('ok');
  });

  it('in xid-79 names the lost GPU, describes the other seven and ends with 15', async () => {
    const machine = demoMachine('gpu-2', 'xid-79');
    const { stdout, exitCode } = await machine.run('nvidia-smi');
    expect([stdout, exitCode]).toEqual([
      'Unable to determine the device handle for GPU2: 0000:47:00.0: GPU is lost.  Reboot the system to recover this GPU\n',
      15,
    ]);
    const found = await devices(machine);
    expect(found.map(({ index, lost }) => [index, lost !== null])).toEqual(Array.from({ length: 8 }, (_, index) => [index, index === 2]));
    expect((await machine.run('nvidia-smi -L | grep -c UUID')).stdout).toBe('7\n');
    expect((await machine.run("dmesg | grep 'NVRM: Xid'")).stdout).toMatch(/NVRM: Xid \(PCI:0000:47:00\): 79, .*GPU has fallen off the bus\.\n/);
    expect(found.flatMap(({ processes }) => processes)).toEqual([]);
  });

  it('in gpu-lost sees all eight: the driver is well, Kubernetes is not', async () => {
    const found = await devices(demoMachine('gpu-2', 'gpu-lost'));
    expect(found.map(({ lost }) => lost)).toEqual(Array.from({ length: 8 }, () => null));
  });

  it('in mig shows the devices of four GPUs with their memory and processes', async () => {
    const found = await devices(demoMachine('gpu-1', 'mig'));
    expect(found.map(({ mig }) => mig.devices.length)).toEqual([4, 2, 7, 3, 0, 0, 0, 0]);
    expect(found[0]).toMatchObject({ mig: { mode: 'on', pending: 'on' }, utilization: { gpuPercent: null } });
    expect(found[0]?.mig.devices[0]).toMatchObject({ index: 0, gpuInstanceId: 2, computeInstanceId: 0, memory: { totalMiB: 40_192, usedMiB: 31_432 } });
    expect(found[0]?.processes.map(({ gpuInstanceId }) => gpuInstanceId)).toEqual([2, 3, 9, 10]);
    for (const { memory, mig } of found.filter(({ mig }) => mig.mode === 'on'))
      expect(memory.usedMiB).toBe(mig.devices.reduce((sum, part) => sum + (part.memory.usedMiB ?? 0), 0));
  });

  it('in time-sliced lets several pods have processes on one GPU', async () => {
    const found = await devices(demoMachine('gpu-1', 'time-sliced'));
    expect(found.map(({ processes }) => processes.length)).toEqual([3, 3, 2, 2, 2, 2, 2, 2]);
    for (const { memory, processes } of found) expect(memory.usedMiB).toBe(4 + processes.reduce((sum, { usedMiB }) => sum + (usedMiB ?? 0), 0));
  });

  it('while a machine boots the driver is not there yet, and then it is', async () => {
    const machine = demoMachine('gpu-2', 'rebooting');
    machine.cluster.pass(3.5);
    expect(await machine.run('nvidia-smi -L')).toMatchObject({ exitCode: 9, stdout: expect.stringContaining("couldn't communicate with the NVIDIA driver") });
    expect((await machine.run('systemctl is-active containerd kubelet ssh')).stdout).toBe('activating\nactivating\nactive\n');
    machine.cluster.pass(6);
    expect((await machine.run('nvidia-smi -L')).exitCode).toBe(0);
    expect((await machine.run('systemctl is-active containerd kubelet nvidia-persistenced')).stdout).toBe('active\nactive\nactive\n');
  });
});
