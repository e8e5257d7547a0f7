import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type DemoCluster, type DemoOptions, startDemoCluster } from '../../../src/demo/cluster.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'demo-cluster-'));
const running: { close(): Promise<void> | void }[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(options: DemoOptions): Promise<{ cluster: DemoCluster; kubectl: (...args: string[]) => Promise<string> }> {
  const cluster = await startDemoCluster(options);
  running.push(cluster);
  const file = join(folder, `${running.length}.kubeconfig`);
  writeFileSync(file, cluster.kubeconfig, { mode: 0o600 });
  const kubectl = async (...args: string[]) =>
    (await run('kubectl', ['--kubeconfig', file, '--cache-dir', join(folder, 'cache'), ...args], { timeout: 30_000 })).stdout;
  return { cluster, kubectl };
}

/** Until something holds, for things that another process or a timer does. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasKubectl)('kubectl against the demo cluster', () => {
  it('scales a deployment, waits for its rollout and sees real reasons where there are no GPUs', async () => {
    const { kubectl } = await start({ scenario: 'healthy', speed: 10 });
    await kubectl('scale', '-n', 'ai', 'deployment/resnet50-inference', '--replicas=4');
    expect(await kubectl('rollout', 'status', '-n', 'ai', 'deployment/resnet50-inference', '--timeout=20s')).toContain('successfully rolled out');
    await kubectl('scale', '-n', 'ai', 'deployment/resnet50-inference', '--replicas=9');
    await until(async () => (await kubectl('get', 'events', '-n', 'ai')).includes('3 Insufficient nvidia.com/gpu'));
    // The others are Pending too until their containers run.
    const pending = () => kubectl('get', 'pods', '-n', 'ai', '--field-selector=status.phase=Pending', '-o', 'name');
    await until(async () => /^pod\/resnet50-inference-\S+\n$/.test(await pending()));
  });

  it('deletes a pod that is then replaced, and a deployment with everything below it', async () => {
    const { kubectl } = await start({ scenario: 'healthy', speed: 10 });
    const before = await kubectl('get', 'pods', '-n', 'ai', '-l', 'app=distilbert-inference', '-o', 'name');
    await kubectl('delete', '-n', 'ai', before.trim());
    await kubectl('rollout', 'status', '-n', 'ai', 'deployment/distilbert-inference', '--timeout=20s');
    expect(await kubectl('get', 'pods', '-n', 'ai', '-l', 'app=distilbert-inference', '-o', 'name')).not.toBe(before);
    await kubectl('delete', '-n', 'ai', 'deployment/distilbert-inference', '--cascade=foreground', '--timeout=20s');
    expect(await kubectl('get', 'pods,replicasets', '-n', 'ai', '-l', 'app=distilbert-inference', '-o', 'name')).toBe('');
  });

  it('reads the device plugin’s log and the kubelet’s summary', async () => {
    const { kubectl } = await start({ scenario: 'gpu-lost' });
    const pods = await kubectl('get', 'pods', '-n', 'kube-system', '-l', 'name=nvidia-device-plugin-ds', '--field-selector=spec.nodeName=gpu-2', '-o', 'name');
    expect(await kubectl('logs', '-n', 'kube-system', pods.trim())).toContain('No devices found. Waiting indefinitely.');
    const summary: { node: { fs: { capacityBytes: number; availableBytes: number } } } = JSON.parse(
      await kubectl('get', '--raw', '/api/v1/nodes/gpu-1/proxy/stats/summary'),
    );
    expect(summary.node.fs.availableBytes / summary.node.fs.capacityBytes).toBeGreaterThan(0.15);
    expect(await kubectl('get', '--raw', '/api/v1/nodes/gpu-1/proxy/configz')).toContain('"nodefs.available":"10%"');
  });

  it('as viewer may look, but not scale and not read nodes', async () => {
    const { cluster, kubectl } = await start({ scenario: 'healthy' });
    expect(await kubectl('--context', 'demo-viewer', 'get', 'pods', '-n', 'ai')).toContain('resnet50-inference');
    await expect(kubectl('--context', 'demo-viewer', 'scale', '-n', 'ai', 'deployment/resnet50-inference', '--replicas=0')).rejects.toThrow(/forbidden/i);
    await expect(kubectl('--context', 'demo-viewer', 'get', 'nodes')).rejects.toThrow(/forbidden/i);
    expect(cluster.viewerKubeconfig).toContain('current-context: "demo"');
  });

  it('in api-down is refused at first and finds a healthy cluster afterwards', async () => {
    const { kubectl } = await start({ scenario: 'api-down', speed: 10 });
    await expect(kubectl('get', 'nodes')).rejects.toThrow(/refused/);
    await until(() =>
      kubectl('get', 'nodes').then(
        (nodes) => (nodes.match(/ Ready /g) ?? []).length === 3,
        () => false,
      ),
    );
  });

  it('reaches a real Prometheus given by URL, whatever path it lies under', async () => {
    const server = createServer((request, response) => response.end(JSON.stringify({ path: request.url })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    running.push({ close: () => void server.close() });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const [prefix, expected] of [
      ['', '/api/v1/targets?state=active'],
      ['/prom/one/', '/prom/one/api/v1/targets?state=active'],
    ]) {
      const { cluster, kubectl } = await start({ scenario: 'healthy', prometheusUrl: `http://127.0.0.1:${port}${prefix}` });
      const path = '/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy/api/v1/targets?state=active';
      expect(JSON.parse(await kubectl('get', '--raw', path))).toEqual({ path: expected });
      expect(cluster.prometheusUrl).toBe(`http://127.0.0.1:${port}${prefix}`);
    }
  });

  it('sees pods change where churn was asked for', async () => {
    const { kubectl } = await start({ scenario: 'healthy', churn: 200 });
    const restarts = async () =>
      (await kubectl('get', 'pods', '-A', '-o', 'jsonpath={.items[*].status.containerStatuses[0].restartCount}'))
        .split(' ')
        .reduce((sum, count) => sum + Number(count), 0);
    await until(async () => (await restarts()) > 100);
  });

  it('in monitoring-down gets a 503 from the proxy of Prometheus', async () => {
    const { kubectl } = await start({ scenario: 'monitoring-down' });
    await expect(kubectl('get', '--raw', '/api/v1/namespaces/monitoring/services/kps-prometheus:9090/proxy/-/ready')).rejects.toThrow(
      /ServiceUnavailable|no endpoints available/,
    );
  });
});

describe('starting the demo cluster', () => {
  it('refuses a URL that is none and a scenario that is not there, in one sentence', async () => {
    await expect(startDemoCluster({ scenario: 'healthy', prometheusUrl: 'prometheus:9090' })).rejects.toThrow(
      '"prometheus:9090" is no http or https URL of a Prometheus.',
    );
    await expect(startDemoCluster({ scenario: 'nope' })).rejects.toThrow('There is no demo scenario "nope".');
  });
});
