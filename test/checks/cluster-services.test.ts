import { describe, expect, it } from 'vitest';
import type { ApiService, Webhook } from '../../src/state/cluster-services.js';
import { absent, denied, live, loading } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aPod, aWorkload, collection, now } from '../builders/snapshot.js';
import { aLab, crashing, findingsOf, pods, report, troubles } from './lab.js';

const minute = 60_000;

describe('APIs that services serve', () => {
  const down: ApiService = {
    name: 'v1beta1.metrics.k8s.io',
    service: { namespace: 'kube-system', name: 'metrics-server' },
    available: false,
    reason: 'FailedDiscoveryCheck',
    message: 'failing or missing response from https://10.96.0.40:443/apis/metrics.k8s.io/v1beta1: bad status from it: 401',
    since: now - 3 * minute,
  };
  const server = aWorkload({ namespace: 'kube-system', name: 'metrics-server' });

  it('that are not available say what is missed without them, and restart what serves them', () => {
    const [finding] = findingsOf('apiservices', withDeployments({ apiServices: collection(down) }, server));
    expect(finding).toMatchObject({
      object: 'apiservice/v1beta1.metrics.k8s.io',
      status: 'warn',
      severity: 'warning',
      message:
        'API v1beta1.metrics.k8s.io is not available for 3m (kubectl top and autoscaling fail): failing or missing response from https://10.96.0.40:443/apis/metrics.k8s.io/v1beta1: bad status from it: 401',
      fix: {
        command: 'kubectl --context lab -n kube-system rollout restart deployment/metrics-server',
        operation: { id: 'restart-workload', input: { kind: 'deployment', namespace: 'kube-system', name: 'metrics-server' } },
      },
    });
  });

  it('follow from the workload behind them', () => {
    const snapshot = withDeployments(
      {
        apiServices: collection(down),
        pods: addPod({ namespace: 'kube-system', name: 'metrics-server-5f-x', owner: { kind: 'ReplicaSet', name: 'metrics-server-5f' }, ...crashing }),
      },
      { ...server, ready: 0 },
    );
    const { causes } = report(snapshot);
    expect(causes.map(({ finding, follows }) => [finding.id, follows.map(({ id }) => id)])).toEqual([['crashloop', ['workloads-ready', 'apiservices']]]);
  });
});

describe('admission webhooks', () => {
  const hook = (overrides: Partial<Webhook> = {}): Webhook => ({
    kind: 'validating',
    configuration: 'cert-manager-webhook',
    name: 'webhook.cert-manager.io',
    failurePolicy: 'Fail',
    service: { namespace: 'cert-manager', name: 'cert-manager-webhook' },
    endpoints: { ready: 0, total: 1, pods: ['cert-manager-webhook-5d7f-x'] },
    ...overrides,
  });
  const withHooks = (...hooks: readonly Webhook[]) => aLab({ webhooks: live(new Map(hooks.map((one, index) => [String(index), one])), now) });

  it('without an endpoint keep the API server from taking what they judge: one finding for all webhooks of a service', () => {
    const found = findingsOf('webhooks', withHooks(hook(), hook({ kind: 'mutating', configuration: 'cert-manager-webhook' })));
    expect(found).toMatchObject([
      {
        object: 'webhook/cert-manager-webhook',
        status: 'warn',
        severity: 'warning',
        message:
          'Webhook cert-manager-webhook cannot be asked, and the API server refuses what it has to judge (failurePolicy Fail): service cert-manager/cert-manager-webhook has 0 of 1 endpoints ready',
      },
    ]);
  });

  it('that may be left out are worth knowing only', () => {
    expect(findingsOf('webhooks', withHooks(hook({ failurePolicy: 'Ignore' })))).toMatchObject([{ status: 'warn', severity: 'info' }]);
    expect(report(withHooks(hook({ failurePolicy: 'Ignore' }))).verdict).toBe('good');
  });

  it('explain the workloads whose pods they keep away', () => {
    const condition = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'Internal error occurred: failed calling webhook "webhook.cert-manager.io": no endpoints available for service "cert-manager-webhook"',
    };
    const snapshot = withDeployments({ webhooks: withHooks(hook()).webhooks }, aWorkload({ name: 'whisper-inference', ready: 0, conditions: [condition] }));
    expect(report(snapshot).causes.map(({ finding, follows }) => [finding.id, follows.map(({ id }) => id)])).toEqual([['webhooks', ['workloads-ready']]]);
  });

  it('with endpoints, or outside of the cluster, are in order', () => {
    expect(findingsOf('webhooks', withHooks(hook({ endpoints: { ready: 1, total: 1, pods: [] } })))).toMatchObject([
      { status: 'pass', message: '1 webhook with endpoints' },
    ]);
    expect(findingsOf('webhooks', withHooks(hook({ service: null, endpoints: null })))).toMatchObject([{ status: 'skipped' }]);
  });
});

describe('serving certificates of kubelets', () => {
  const request = (node: string, age: number) => ({ name: `csr-${node}`, node, requester: `system:node:${node}`, createdAt: now - age });

  it('that wait for approval are told with their nodes, and approved with one key', () => {
    expect(findingsOf('csr-pending', aLab({ certificateRequests: collection(request('gpu-1', 7 * minute), request('gpu-2', 5 * minute)) }))).toMatchObject([
      {
        object: 'cluster',
        status: 'warn',
        message: '2 serving certificates of gpu-1 and gpu-2 wait for approval for 7m: kubectl logs and exec and the metrics server may be refused there',
        fix: { operation: { id: 'approve-csrs', input: {} } },
      },
    ]);
  });

  it('may wait a moment for an approver in the cluster', () => {
    expect(findingsOf('csr-pending', aLab({ certificateRequests: collection(request('gpu-1', 20_000)) }))).toMatchObject([{ status: 'pass' }]);
  });
});

describe('what is read last', () => {
  it('does not turn the verdict while it loads or is closed to this user, and is skipped where the server has no such thing', () => {
    const snapshot = aLab({
      apiServices: absent('the server does not serve apiservices.apiregistration.k8s.io'),
      webhooks: denied('list', 'validatingwebhookconfigurations.admissionregistration.k8s.io'),
      certificateRequests: loading(now),
      nodeStats: loading(now),
    });
    expect(report(snapshot).verdict).toBe('good');
    expect(report(snapshot).causes).toEqual([]);
    expect(findingsOf('apiservices', snapshot)).toMatchObject([{ status: 'skipped' }]);
    expect(troubles(snapshot)).toEqual(['unknown csr-pending cluster', 'unknown disk-vs-eviction cluster', 'unknown webhooks cluster']);
    expect(findingsOf('webhooks', snapshot)[0]).toMatchObject({ severity: 'info', message: expect.stringContaining('not allowed to list') });
  });
});

function withDeployments(overrides: Partial<ClusterSnapshot>, ...deployments: readonly ReturnType<typeof aWorkload>[]): ClusterSnapshot {
  return aLab({ deployments: collection(aWorkload({ namespace: 'kube-system', name: 'coredns', app: 'kube-dns', desired: 2 }), ...deployments), ...overrides });
}

function addPod(pod: Parameters<typeof aPod>[0]): ClusterSnapshot['pods'] {
  const { value } = pods();
  return collection(...(value?.values() ?? []), aPod(pod));
}
