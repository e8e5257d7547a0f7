import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../../src/demo/cluster.js';
import { parseDcgmMetrics } from '../../../src/gpu/dcgm-metrics.js';

const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

describe.skipIf(!hasKubectl)('kubectl exec in the demo’s pods', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-exec-'));
  let cluster: DemoCluster;

  beforeAll(async () => {
    cluster = await startDemoCluster({ scenario: 'xid-79' });
    writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig, { mode: 0o600 });
  });
  afterAll(async () => {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function kubectl(args: readonly string[], input = ''): Promise<Answer> {
    return new Promise((resolve) => {
      const all = ['--kubeconfig', join(folder, 'kubeconfig'), '--cache-dir', join(folder, 'cache'), ...args];
      const child = execFile('kubectl', all, { timeout: 20_000, maxBuffer: 2 ** 24 }, (_, stdout, stderr) => resolve({ stdout, stderr, code: child.exitCode }));
      child.stdin?.end(input);
    });
  }

  async function pod(node: string, namespace: string, selector: string): Promise<string> {
    const { stdout } = await kubectl(['get', 'pods', '-n', namespace, '-l', selector, '--field-selector', `spec.nodeName=${node}`, '-o', 'name']);
    return stdout.trim();
  }

  it('asks nvidia-smi in the device plugin’s pod, with its exit code', async () => {
    const well = await pod('gpu-1', 'kube-system', 'name=nvidia-device-plugin-ds');
    expect((await kubectl(['exec', '-n', 'kube-system', well, '--', 'nvidia-smi', '-L'])).stdout.trim().split('\n')).toHaveLength(8);
    expect((await kubectl(['exec', '-n', 'kube-system', well, '--', 'nvidia-smi', '-q', '-x'])).stdout).toMatch(/<\/nvidia_smi_log>\n$/);
    const ill = await pod('gpu-2', 'kube-system', 'name=nvidia-device-plugin-ds');
    const answer = await kubectl(['exec', '-n', 'kube-system', ill, '--', 'nvidia-smi']);
    expect(answer).toMatchObject({ code: 15, stdout: expect.stringContaining('GPU is lost') });
    expect(answer.stderr).toContain('command terminated with exit code 15');
  });

  it('shows a pod its own GPUs only, and none where it has none', async () => {
    const server = await pod('gpu-1', 'ai', 'app=distilbert-inference');
    expect((await kubectl(['exec', '-n', 'ai', server, '--', 'nvidia-smi', '-L'])).stdout).toMatch(
      /^GPU \d: NVIDIA A100-SXM4-80GB \(UUID: GPU-[0-9a-f-]{36}\)\n$/,
    );
    expect(await kubectl(['exec', '-n', 'ai', 'qdrant-0', '--', 'nvidia-smi'])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('executable file not found in $PATH'),
    });
  });

  it('hands on standard input, standard error and a shell’s exit code', async () => {
    expect(await kubectl(['exec', '-i', '-n', 'ai', 'qdrant-0', '--', 'cat'], 'a line\nand another\n')).toEqual({
      stdout: 'a line\nand another\n',
      stderr: '',
      code: 0,
    });
    expect(await kubectl(['exec', '-n', 'ai', 'qdrant-0', '--', 'sh', '-c', 'hostname; cat /nope'])).toMatchObject({
      stdout: 'qdrant-0\n',
      stderr: expect.stringContaining('cat: /nope: No such file or directory'),
      code: 1,
    });
  });

  it('is refused to viewers, for containers that do not run, and for pods that are not there', async () => {
    expect((await kubectl(['--context', 'demo-viewer', 'exec', '-n', 'ai', 'qdrant-0', '--', 'true'])).stderr).toMatch(/cannot create resource "pods\/exec"/);
    const crashing = await pod('gpu-2', 'ai', 'app=whisper-inference');
    expect((await kubectl(['exec', '-n', 'ai', crashing, '--', 'true'])).stderr).toContain('container not found ("server")');
    expect((await kubectl(['exec', '-n', 'ai', 'nobody', '--', 'true'])).stderr).toContain('pods "nobody" not found');
    expect((await kubectl(['port-forward', '-n', 'ai', 'qdrant-0', ':6333'])).stderr).toContain('simulated');
  });

  it('reaches the DCGM exporter’s metrics through the pod’s proxy', async () => {
    const exporter = (await pod('gpu-2', 'monitoring', 'app.kubernetes.io/name=dcgm-exporter')).replace('pod/', '');
    const { stdout } = await kubectl(['get', '--raw', `/api/v1/namespaces/monitoring/pods/${exporter}:9400/proxy/metrics`]);
    const report = parseDcgmMetrics(stdout).get('gpu-2');
    expect(report).toMatchObject({ status: 'ok' });
    expect(stdout).toMatch(/^DCGM_FI_DEV_XID_ERRORS\{gpu="2".*\} 154$/m);
  });
});
