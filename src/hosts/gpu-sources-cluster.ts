import type { KubeClient } from '../kube/client.js';
import { KubeError } from '../kube/kube-error.js';
import type { GpuReport, GpuSource } from '../state/gpu-devices.js';
import type { Pod } from '../state/pods.js';
import type { Collection } from '../state/snapshot.js';
import type { GpuReader } from './gpu-reader.js';
import type { Roads } from './roads.js';

export interface ClusterGpuSources {
  /** What the pods of a node can tell of its GPUs; null where there is no such pod, or none that may be asked. */
  look(node: string, signal: AbortSignal): Promise<{ readonly source: GpuSource; readonly report: GpuReport } | null>;
  /** Rights may have been given meanwhile. */
  forget(): void;
}

/**
 * The ways to a node's GPUs without a shell on it: nvidia-smi in a pod that has the driver's tools (exec, where the user may), else the metrics
 * of the node's DCGM exporter through the API server's pod proxy.
 */
export function clusterGpuSources(client: KubeClient, pods: () => Collection<Pod> | null, reader: GpuReader, roads: Roads): ClusterGpuSources {
  const mayExec = new Map<string, Promise<boolean>>();

  function allowed(namespace: string): Promise<boolean> {
    const asked = mayExec.get(namespace) ?? askMayExec(client, namespace);
    mayExec.set(namespace, asked);
    return asked;
  }

  async function byExec(pod: Pod, signal: AbortSignal): Promise<GpuReport | null> {
    const container = smiContainer(pod);
    if (container === null || !(await allowed(pod.namespace))) return null;
    const place = await roads.pod({ namespace: pod.namespace, pod: pod.name, container });
    try {
      const result = await place.run({ argv: ['nvidia-smi', '-q', '-x'], timeoutMs: 15_000, signal });
      const report = reader.nvidiaSmi(result.stdout, { exitCode: result.exitCode, stderr: result.stderr });
      return report.status === 'not-installed' ? null : report;
    } catch {
      return null;
    } finally {
      place.close();
    }
  }

  async function byMetrics(pod: Pod, node: string, signal: AbortSignal): Promise<GpuReport | null> {
    try {
      const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}:9400/proxy/metrics`;
      const { body } = await client.request(path, { accept: 'text/plain', signal, timeoutMs: 10_000 });
      const reports = reader.dcgm(typeof body === 'string' ? body : '');
      return reports.get(node) ?? (reports.size === 1 ? ([...reports.values()][0] ?? null) : null);
    } catch (error) {
      if (error instanceof KubeError) return null;
      throw error;
    }
  }

  return {
    async look(node, signal) {
      const here = [...(pods()?.values() ?? [])].filter((pod) => pod.nodeName === node && pod.phase === 'Running' && pod.deletedAt === null);
      for (const pod of bestFirst(here, smiPods)) {
        const report = await byExec(pod, signal);
        if (report !== null) return { source: 'pod-exec', report };
      }
      for (const pod of bestFirst(here, [/dcgm-exporter/])) {
        const report = await byMetrics(pod, node, signal);
        if (report !== null) return { source: 'dcgm', report };
      }
      return null;
    },
    forget: () => mayExec.clear(),
  };
}

/** Pods with nvidia-smi in them: the GPU operator's driver, its toolkit's validator, the device plugin (started with the nvidia runtime). */
const smiPods = [/nvidia-driver-daemonset|nvidia-gpu-driver/, /nvidia-device-plugin|\bnvdp\b/, /nvidia-mig-manager/];

function bestFirst(pods: readonly Pod[], patterns: readonly RegExp[]): readonly Pod[] {
  return patterns.flatMap((pattern) => pods.filter((pod) => pattern.test(pod.app ?? '') || pattern.test(pod.owner?.name ?? '') || pattern.test(pod.name)));
}

/** The container that runs: the one with the driver or plugin in its name, else the first. */
function smiContainer({ containers }: Pod): string | null {
  const running = containers.filter(({ init, state }) => !init && state === 'running');
  const best = running.find(({ name }) => /driver|plugin/.test(name) && !/gfd|discovery|config/.test(name)) ?? running[0];
  return best?.name ?? null;
}

/** Exec into a privileged pod is asked for only where the user may: a refused try stands in the audit log. */
async function askMayExec(client: KubeClient, namespace: string): Promise<boolean> {
  try {
    const { body } = await client.request('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace, verb: 'create', resource: 'pods', subresource: 'exec' } },
      },
    });
    return isAllowed(body);
  } catch {
    return false;
  }
}

function isAllowed(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('status' in body)) return false;
  const { status } = body;
  return typeof status === 'object' && status !== null && 'allowed' in status && status.allowed === true;
}
