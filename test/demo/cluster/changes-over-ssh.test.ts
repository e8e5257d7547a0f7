import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type DemoCluster, type DemoOptions, startDemoCluster } from '../../../src/demo/cluster.js';
import { writeSshFiles } from '../../../src/demo/machines/ssh/ssh-access.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'demo-changes-'));
const running: DemoCluster[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Lab {
  readonly cluster: DemoCluster;
  kubectl(...args: string[]): Promise<string>;
  ssh(host: string, ...command: string[]): Promise<string>;
}

async function start(options: DemoOptions): Promise<Lab> {
  const cluster = await startDemoCluster(options);
  running.push(cluster);
  const kubeconfig = join(folder, `${options.scenario}.kubeconfig`);
  const config = join(folder, options.scenario, 'ssh_config');
  writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
  writeSshFiles(config, cluster.ssh);
  return {
    cluster,
    kubectl: async (...args) => (await run('kubectl', ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'cache'), ...args], { timeout: 30_000 })).stdout,
    async ssh(host, ...command) {
      const child = run('ssh', ['-F', config, '-o', 'BatchMode=yes', host, ...command], { timeout: 20_000 });
      child.child.stdin?.end();
      return (await child).stdout;
    },
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('it did not come true within 25 s');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Days until the certificate ends that the API server shows to a new connection; rejects while it refuses. */
function certificateDays(server: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server);
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

const has = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!has('kubectl', 'version', '--client') || !has('ssh', '-V'))('what is mended over SSH shows in kubectl', () => {
  it('the API server’s certificate is a new one of the same authority after kubeadm has renewed it', async () => {
    const { cluster, kubectl, ssh } = await start({ scenario: 'cert-expiry', speed: 10 });
    expect(Math.round(await certificateDays(cluster.server))).toBe(5);
    expect(await ssh('controlplane', 'sudo', 'kubeadm', 'certs', 'renew', 'all')).toContain('Done renewing certificates.');
    const id = (await ssh('controlplane', 'sudo', 'crictl', 'ps', '-q', '--state', 'running', '--label', 'io.kubernetes.container.name=kube-apiserver')).trim();
    await ssh('controlplane', 'sudo', 'crictl', 'stop', '--timeout', '30', id);
    await until(async () => (await certificateDays(cluster.server)) > 360);
    expect(await kubectl('get', 'nodes', '-o', 'name')).toContain('node/gpu-2');
  });

  it('a machine that is told to reboot comes back with another boot id', async () => {
    const { kubectl, ssh } = await start({ scenario: 'healthy', speed: 10 });
    const bootId = () => kubectl('get', 'node', 'gpu-2', '-o', 'jsonpath={.status.nodeInfo.bootID}');
    const before = await bootId();
    await ssh('gpu-2', 'sudo', 'systemctl', 'reboot');
    await until(async () => (await bootId()) !== before);
    await kubectl('wait', '--for=condition=Ready', 'node/gpu-2', '--timeout=20s');
    expect((await ssh('gpu-2', 'cat', '/proc/sys/kernel/random/boot_id')).trim()).toBe(await bootId());
  });

  it('swap that is off lets the kubelet report again', async () => {
    const { kubectl, ssh } = await start({ scenario: 'swap-on', speed: 10 });
    expect(await kubectl('get', 'node', 'gpu-1')).toContain('NotReady');
    await ssh('gpu-1', 'sudo', 'swapoff', '-a');
    await kubectl('wait', '--for=condition=Ready', 'node/gpu-1', '--timeout=20s');
    await kubectl('rollout', 'status', '-n', 'kube-system', 'daemonset/kube-proxy', '--timeout=20s');
  });

  it('a missing runtime class is refused, described, and mended by applying it', async () => {
    const { kubectl } = await start({ scenario: 'no-runtimeclass', speed: 10 });
    expect(await kubectl('describe', '-n', 'kube-system', 'daemonset', 'nvidia-device-plugin-daemonset')).toContain('RuntimeClass "nvidia" not found');
    const file = join(folder, 'runtime-class.yaml');
    writeFileSync(file, 'apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: nvidia}\nhandler: nvidia\n');
    await kubectl('apply', '-f', file);
    await kubectl('rollout', 'status', '-n', 'kube-system', 'daemonset/nvidia-device-plugin-daemonset', '--timeout=25s');
    await kubectl('rollout', 'status', '-n', 'ai', 'deployment/whisper-inference', '--timeout=25s');
  });

  it('a serving certificate that is asked for and approved is issued', async () => {
    const { kubectl } = await start({ scenario: 'healthy', speed: 10 });
    const file = join(folder, 'csr.yaml');
    const request = Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n').toString('base64');
    const spec = `{request: ${request}, signerName: kubernetes.io/kubelet-serving, usages: [digital signature, server auth], username: 'system:node:gpu-1'}`;
    writeFileSync(file, `apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: csr-gpu-1}\nspec: ${spec}\n`);
    await kubectl('apply', '-f', file);
    expect(await kubectl('get', 'csr')).toMatch(/csr-gpu-1 .*Pending/);
    await kubectl('certificate', 'approve', 'csr-gpu-1');
    await until(async () => (await kubectl('get', 'csr')).includes('Approved,Issued'));
  });

  it('metrics-server without a pod is no longer available as an API', async () => {
    const { kubectl } = await start({ scenario: 'healthy', speed: 10 });
    expect(await kubectl('get', 'apiservice', 'v1beta1.metrics.k8s.io')).toMatch(/kube-system\/metrics-server +True/);
    await kubectl('scale', '-n', 'kube-system', 'deployment/metrics-server', '--replicas=0');
    await until(async () => (await kubectl('get', 'apiservice', 'v1beta1.metrics.k8s.io')).includes('False (MissingEndpoints)'));
  });
});
