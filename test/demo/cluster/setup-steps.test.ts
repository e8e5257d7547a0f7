import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../../src/demo/cluster.js';
import { until } from '../../kube/until.js';

const folder = mkdtempSync(join(tmpdir(), 'demo-setup-'));

const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasKubectl)('what guided setup asks the demo’s API server, with the stock kubectl', () => {
  let cluster: DemoCluster | null = null;
  beforeAll(async () => {
    cluster = await startDemoCluster({ scenario: 'healthy', speed: 10 });
    writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig, { mode: 0o600 });
    writeFileSync(join(folder, 'lab.yaml'), lab);
    await kubectl('apply', '--server-side', '--field-manager=gpuk8s-tui', '-f', join(folder, 'lab.yaml'));
  });
  afterAll(async () => {
    await cluster?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function kubectl(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const all = ['--kubeconfig', join(folder, 'kubeconfig'), '--cache-dir', join(folder, 'cache'), ...args];
    return new Promise((resolve) => {
      execFile('kubectl', all, { timeout: 30_000, env: { ...process.env, KUBECTL_COMMAND_HEADERS: 'false' } }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: stdout, err: stderr }),
      );
    });
  }
  function created(name: string, text: string): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    writeFileSync(join(folder, `${name}.yaml`), text);
    return kubectl('create', '-f', join(folder, `${name}.yaml`));
  }

  it('differs in nothing from what was applied, though defaults were filled in', async () => {
    expect(await kubectl('diff', '--server-side', '--field-manager=gpuk8s-tui', '-f', join(folder, 'lab.yaml'))).toMatchObject({ code: 0, out: '' });
  });

  it('a GPU test pod computes, says that it passed, and ends well', async () => {
    await created('gpu', gpuTest('gpu-test', 'nvidia'));
    expect(await kubectl('wait', '-n', 'lab', 'pod/gpu-test', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s')).toMatchObject({ code: 0 });
    expect((await kubectl('logs', '-n', 'lab', 'gpu-test')).out).toContain('Test PASSED\n');
  });

  it('one that finds no GPU ends badly and says why', async () => {
    await created('no-gpu', gpuTest('no-gpu-test', null));
    expect(await kubectl('wait', '-n', 'lab', 'pod/no-gpu-test', '--for=jsonpath={.status.phase}=Failed', '--timeout=20s')).toMatchObject({ code: 0 });
    expect((await kubectl('logs', '-n', 'lab', 'no-gpu-test')).out).toContain('CUDA driver version is insufficient');
  });

  it('a Job of a few commands runs to its end, and its pod has said what it echoed', async () => {
    await kubectl('create', 'job', '-n', 'lab', 'short', '--image=busybox', '--', 'sh', '-c', 'echo it works');
    expect(await kubectl('wait', '-n', 'lab', 'job/short', '--for=condition=Complete', '--timeout=20s')).toMatchObject({ code: 0 });
    expect((await kubectl('logs', '-n', 'lab', 'job/short')).out).toBe('it works\n');
  });

  it('a role lets those in that are bound to it, and nobody else', async () => {
    const may = async (...words: readonly string[]) => (await kubectl('auth', 'can-i', ...words, '-n', 'lab')).out.trim();
    expect(await may('create', 'pods', '--as=ada', '--as-group=researchers')).toBe('yes');
    expect(await may('get', 'secrets', '--as=ada', '--as-group=researchers')).toBe('no');
    expect(await may('create', 'pods', '--as=ada')).toBe('no');
    expect(await may('get', 'pods', '--as=system:serviceaccount:lab:default')).toBe('yes');
    expect(await may('*', '*')).toBe('yes');
    expect((await kubectl('get', 'pods', '-n', 'ai', '--as=ada')).err).toContain(
      'User "ada" cannot list resource "pods" in API group "" in the namespace "ai"',
    );
    expect((await kubectl('get', 'pods', '-n', 'lab', '--as=ada', '--context=demo-viewer')).err).toContain('cannot impersonate resource "users"');
  });

  it('containers get the limits of their namespace, and pods over its quota are refused, even when only asked about', async () => {
    await kubectl('run', '-n', 'lab', 'plain', '--image=nginx');
    expect((await kubectl('get', 'pod', '-n', 'lab', 'plain', '-o', 'jsonpath={.spec.containers[0].resources}')).out).toBe(
      '{"limits":{"cpu":"2","memory":"4Gi"},"requests":{"cpu":"500m","memory":"1Gi"}}',
    );
    writeFileSync(join(folder, 'over.yaml'), gpuTest('over', 'nvidia').replace('nvidia.com/gpu: 1', 'nvidia.com/gpu: 100'));
    const { code, err } = await kubectl('create', '--dry-run=server', '-f', join(folder, 'over.yaml'));
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('is forbidden: exceeded quota: lab, requested: requests.nvidia.com/gpu=100, used: requests.nvidia.com/gpu='),
    ]);
    await until(async () => (await kubectl('get', 'quota', '-n', 'lab', 'lab', '-o', 'jsonpath={.status.used.pods}')).out === '1', 10_000);
  });

  it('pods that ask for the host are refused where that is not allowed, and a namespace warns before it begins to', async () => {
    expect((await kubectl('run', '-n', 'lab', 'root', '--image=nginx', '--privileged')).err).toContain('violates PodSecurity "baseline:latest": privileged');
    const { out, err } = await kubectl('label', '--dry-run=server', 'namespace', 'kube-system', 'pod-security.kubernetes.io/enforce=baseline');
    expect(out).toContain('labeled');
    expect(err).toContain('Warning: existing pods in namespace "kube-system" violate the new PodSecurity enforce level "baseline:latest"');
    expect((await kubectl('label', '--dry-run=server', 'namespace', 'default', 'pod-security.kubernetes.io/enforce=baseline')).err).toBe('');
  });

  it('a pod has the priority of its class, and none of a class that is not there', async () => {
    const pod = (name: string, priority: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: lab}\nspec: {priorityClassName: ${priority}, containers: [{name: a, image: nginx}]}\n`;
    await created('important', pod('important', 'lab-high'));
    expect((await kubectl('get', 'pod', '-n', 'lab', 'important', '-o', 'jsonpath={.spec.priority}')).out).toBe('1000');
    expect((await created('lost', pod('lost', 'gone'))).err).toContain('no PriorityClass with name gone was found');
  });

  it('metrics-server has figures of nodes and pods', async () => {
    expect((await kubectl('top', 'nodes', '--no-headers')).out.trim().split('\n')).toHaveLength(3);
    expect((await kubectl('top', 'pods', '-n', 'ai', '--no-headers')).out).toMatch(/^qdrant-0 +\d+m +\d+Mi/m);
  });

  it('Helm’s records of its releases can be read without Helm', async () => {
    const { out } = await kubectl('get', 'secret', '-n', 'monitoring', '-l', 'owner=helm,name=kps', '-o', 'jsonpath={.items[0].data.release}');
    const chart = execFileSync('sh', ['-c', 'base64 -d | base64 -d | gzip -d'], { input: out, encoding: 'utf8' });
    expect(JSON.parse(chart)).toMatchObject({ name: 'kps', chart: { metadata: { name: 'kube-prometheus-stack', version: '88.5.3' } } });
  });
});

function gpuTest(name: string, runtimeClass: string | null): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: lab}
spec:
  restartPolicy: Never
${runtimeClass === null ? '' : `  runtimeClassName: ${runtimeClass}\n`}  tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]
  containers:
    - name: vectoradd
      image: nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0
      resources: {limits: {nvidia.com/gpu: 1}}
`;
}

const lab = `apiVersion: v1
kind: Namespace
metadata: {name: lab, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: lab, namespace: lab}
spec: {hard: {requests.nvidia.com/gpu: '4', requests.cpu: '20', limits.memory: 200Gi, pods: '20'}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: lab, namespace: lab}
spec: {limits: [{type: Container, default: {cpu: '2', memory: 4Gi}, defaultRequest: {cpu: 500m, memory: 1Gi}}]}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: lab-high}
value: 1000
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: researcher, namespace: lab}
rules: [{apiGroups: ['', batch], resources: [pods, pods/log, jobs], verbs: [get, list, create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: researcher, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: researcher}
subjects:
  - {kind: Group, name: researchers, apiGroup: rbac.authorization.k8s.io}
  - {kind: ServiceAccount, name: default}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lab, namespace: lab}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;
