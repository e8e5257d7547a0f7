import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runGpus, runGpusFromFile } from '../../src/cli/gpus.js';
import { parseNvidiaSmiXml } from '../../src/gpu/nvidia-smi-xml.js';
import { withPods } from '../../src/gpu/processes.js';
import { absent, live, loading } from '../../src/state/freshness.js';
import type { GpuReport, MachineGpus } from '../../src/state/gpu-devices.js';
import type { HostState } from '../../src/state/hosts.js';
import { aSession } from '../builders/fake-session.js';
import { aHost, known, someFacts } from '../builders/host.js';
import { aSnapshot, now } from '../builders/snapshot.js';
import { ledger } from '../checks/lab.js';
import { a100MigDriver525, b200Driver595, gtx1080Driver440, h100Driver570 } from '../gpu/documents.js';
import { written } from './written.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpus-'));
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => rmSync(folder, { recursive: true }));

function saved(content: string | Buffer): string {
  const path = join(folder, 'nvidia-smi.xml');
  writeFileSync(path, content);
  return path;
}

describe('gpus --nvidia-smi', () => {
  it('prints the whole shape as JSON', async () => {
    const out = written();
    expect(await runGpusFromFile(saved(a100MigDriver525), { output: 'json' }, out)).toBe(0);
    expect(out.json()).toEqual({
      schemaVersion: 1,
      gpus: [
        {
          node: null,
          source: 'file',
          index: 0,
          uuid: 'GPU-a1000000-0000-4000-8000-000000000001',
          name: 'NVIDIA A100-SXM4-40GB',
          serial: '1560000000001',
          driverVersion: '525.125.06',
          cudaVersion: '12.0',
          memory: { totalMiB: 40960, usedMiB: 8216, freeMiB: 32133 },
          utilization: { gpuPercent: null, memoryPercent: null },
          temperatureC: 48,
          power: { drawW: 141.08, limitW: 400 },
          fanPercent: null,
          performanceState: 'P0',
          throttleReasons: [],
          ecc: { mode: 'Enabled', correctable: null, uncorrectable: null },
          mig: {
            mode: 'Enabled',
            pending: 'Disabled',
            devices: [
              { index: 0, gpuInstanceId: 2, computeInstanceId: 0, memory: { totalMiB: 19968, usedMiB: 8210 } },
              { index: 1, gpuInstanceId: 7, computeInstanceId: 0, memory: { totalMiB: 4864, usedMiB: 6 } },
            ],
          },
          processes: [{ pid: 77123, name: 'python3', type: 'C', usedMiB: 8190, pod: null }],
          unavailable: {
            node: 'read from a saved document',
            'utilization.gpuPercent': 'N/A',
            'utilization.memoryPercent': 'N/A',
            fanPercent: 'N/A',
            'ecc.correctable': 'N/A',
            'ecc.uncorrectable': 'N/A',
            'processes[0].pod': 'a saved document does not say',
            throttleReasons: 'N/A',
          },
        },
      ],
    });
    expect(out.errors()).toBe('gpuk8s-tui: GPU 0: rows of its memory are remapped at the next reset\n');
  });

  it('prints a line for each GPU as text', async () => {
    const out = written();
    expect(await runGpusFromFile(saved(h100Driver570), { output: 'text' }, out)).toBe(0);
    expect(out.text()).toMatchInlineSnapshot(`
      "[0] H100 80GB HBM3 |  71°C ▆▆▆▆  99% |  58.6/ 79.6 GiB |  691/ 700 W ! throttled ! 10 ECC
      [1] H100 80GB HBM3 |  71°C ▆▆▆▆  99% |  58.6/ 79.6 GiB |  691/ 700 W ! throttled ! 10 ECC
      "
    `);
  });

  it('reads UTF-16 as PowerShell saves it, and CSV', async () => {
    const out = written();
    expect(await runGpusFromFile(saved(Buffer.from(`\uFEFF${gtx1080Driver440.replaceAll('\n', '\r\n')}`, 'utf16le')), { output: 'json' }, out)).toBe(0);
    expect(out.json()).toMatchObject({ gpus: [{ name: 'GeForce GTX 1080' }] });
    const csv = written();
    expect(await runGpusFromFile(saved('index, temperature.gpu\n0, 54\n'), { output: 'json' }, csv)).toBe(0);
    expect(csv.json()).toMatchObject({ gpus: [{ temperatureC: 54, driverVersion: null, unavailable: { driverVersion: 'not given' } }] });
  });

  it.each([
    ['', 'it is empty: nvidia-smi printed nothing'],
    [h100Driver570.slice(0, 900), 'the document ends in the middle'],
    ['\u001b[2J<nvidia_smi_log><gpu id="0"></nvidia_smi_log>', 'the document cannot be read: it is not well-formed XML near its line 1'],
    [Buffer.from([0, 1, 2, 255, 254]), 'it is binary, not a document of nvidia-smi'],
    ['No devices were found\n', 'nvidia-smi found no devices'],
  ])('of a broken file %# is one sentence and 2', async (content, why) => {
    const out = written();
    const path = saved(content);
    expect(await runGpusFromFile(path, { output: 'json' }, out)).toBe(2);
    expect(out.text()).toBe('');
    expect(out.errors()).toBe(`gpuk8s-tui: cannot show the GPUs in ${path}: ${why}\n`);
  });

  it('of a file that is not there is one sentence and 2', async () => {
    const out = written();
    expect(await runGpusFromFile(join(folder, 'none.xml'), { output: 'text' }, out)).toBe(2);
    expect(out.errors()).toBe(`gpuk8s-tui: cannot read ${join(folder, 'none.xml')}: there is no such file\n`);
    const directory = written();
    expect(await runGpusFromFile(folder, { output: 'text' }, directory)).toBe(2);
    expect(directory.errors()).toContain('it is a directory');
  });

  it('repeats until it is stopped, one document of JSON a line', async () => {
    const stop = new AbortController();
    const out = written();
    const seen = {
      ...out,
      stdout(text: string) {
        out.stdout(text);
        if (out.text().split('\n').length > 3) stop.abort();
      },
    };
    expect(await runGpusFromFile(saved(b200Driver595), { output: 'json', watchMs: 1, signal: stop.signal }, seen)).toBe(0);
    for (const line of out.text().trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ schemaVersion: 1 });
  });
});

describe('gpus', () => {
  const withPod = withPods(
    parseNvidiaSmiXml(a100MigDriver525),
    new Map([[77123, '0::/kubepods/pod6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001/x']]),
    new Map([['6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001', 'ai/llama-0']]),
  );

  it('prints all machines in the order people count, with the pods of the processes', async () => {
    const out = written();
    const snapshot = snapshotOf([machine('gpu-10', parseNvidiaSmiXml(gtx1080Driver440)), machine('gpu-2', withPod)]);
    expect(await runGpus(aSession(snapshot), { output: 'json' }, out)).toBe(0);
    expect(out.json()).toMatchObject({ gpus: [{ node: 'gpu-2', source: 'ssh', processes: [{ pid: 77123, pod: 'ai/llama-0' }] }, { node: 'gpu-10' }] });
  });

  it('as text fits into 100 columns whatever the names', async () => {
    const out = written();
    const long = 'gpu-worker-with-a-very-long-name-in-rack-17.example.org';
    await runGpus(aSession(snapshotOf([machine(long, parseNvidiaSmiXml(h100Driver570)), machine('gpu-2', withPod)])), { output: 'text' }, out);
    for (const line of out.text().split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    expect(out.text()).toMatchInlineSnapshot(`
      "gpu-2            [0] A100-SXM4-40GB |  48°C         – |   8.0/ 40.0 GiB |  141/ 400 W
                           MIG 0 (GI 2)   |                 |   8.0/ 19.5 GiB | llama-0(8.0G)
                           MIG 1 (GI 7)   |                 |   0.0/  4.8 GiB
      gpu-worker-with… [0] H100 80GB HBM3 |  71°C ▆▆▆▆  99% |  58.6/ 79.6 GiB |  691/ 700 W ! throttled !…
      gpu-worker-with… [1] H100 80GB HBM3 |  71°C ▆▆▆▆  99% |  58.6/ 79.6 GiB |  691/ 700 W ! throttled !…
      "
    `);
  });

  it('says of each machine that cannot be seen why, and shows the others', async () => {
    const out = written();
    const snapshot = snapshotOf(
      [machine('gpu-1', parseNvidiaSmiXml(gtx1080Driver440)), machine('gpu-2', { status: 'driver-not-loaded', why: 'the NVIDIA driver is not loaded' })],
      [host('gpu-3', { status: 'lost', since: now, why: 'connection refused', fix: 'look whether sshd runs', nextTryAt: now })],
    );
    expect(await runGpus(aSession(snapshot), { output: 'text' }, out)).toBe(0);
    expect(out.errors()).toBe(
      'gpuk8s-tui: cannot show the GPUs of gpu-2: the NVIDIA driver is not loaded\ngpuk8s-tui: cannot show the GPUs of gpu-3: connection refused; look whether sshd runs\n',
    );
  });

  it('ends with 2 where none can be seen', async () => {
    const out = written();
    const snapshot = snapshotOf([], [host('gpu-3', { status: 'refused', why: 'its host key changed', fix: null })]);
    expect(await runGpus(aSession(snapshot), { output: 'json' }, out)).toBe(2);
    expect(out.text()).toBe('');
    expect(out.errors()).toBe('gpuk8s-tui: cannot show the GPUs of gpu-3: its host key changed\n');
    const none = written();
    const nowhere = aSnapshot({ machineGpus: absent('no way to a machine'), hosts: absent('no way to a machine') });
    vi.useFakeTimers();
    const ended = runGpus(aSession(nowhere), { output: 'text' }, none);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await ended).toBe(2);
    expect(none.errors()).toBe('gpuk8s-tui: cannot show the GPUs: no way to a machine\n');
  });

  it('waits for nvidia-smi after the facts are there, and no longer for a machine without boards', async () => {
    const out = written();
    const connected = { status: 'connected', since: now, roundTripMs: 3 } as const;
    const hosts = [
      aHost({ name: 'gpu-1', contact: connected, facts: someFacts({ pciGpus: known(1) }) }),
      aHost({ name: 'lb', node: null, contact: connected, facts: someFacts({ pciGpus: known(0) }) }),
    ];
    const session = aSession(snapshotOf([], hosts));
    const ended = runGpus(session, { output: 'json' }, out);
    expect(out.text()).toBe('');
    session.show(snapshotOf([machine('gpu-1', parseNvidiaSmiXml(gtx1080Driver440))], hosts));
    expect(await ended).toBe(0);
    expect(out.json()).toMatchObject({ gpus: [{ node: 'gpu-1' }] });
    expect(out.errors()).toBe('');
  });

  it('does not wait for machines where there is no kubeconfig', async () => {
    const out = written();
    const snapshot = aSnapshot({ connection: { status: 'unconfigured', looked: ['~/.kube/config'] }, hosts: loading(now), machineGpus: loading(now) });
    expect(await runGpus(aSession(snapshot), { output: 'text' }, out)).toBe(2);
    expect(out.errors()).toContain('no kubeconfig found');
  });
});

function machine(node: string, report: GpuReport): MachineGpus {
  return { node, source: 'ssh', at: now, report };
}

function host(name: string, contact: HostState['contact']): HostState {
  return { name, node: name, road: `ssh ops@${name}`, contact, facts: null };
}

function snapshotOf(machines: readonly MachineGpus[], hosts: readonly HostState[] = []) {
  return aSnapshot({
    machineGpus: live(new Map(machines.map((each) => [each.node, each])), now),
    hosts: live(new Map(hosts.map((each) => [each.name, each])), now),
    gpus: ledger({}),
  });
}
