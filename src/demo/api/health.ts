/** What a health endpoint answers. */
export interface HealthAnswer {
  readonly status: number;
  readonly text: string;
}

/** Why a check fails, in the log's words; null where it passes. */
export type FailingCheck = (check: string) => string | null;

/**
 * `/readyz`, `/livez`, `/healthz`, each with `?verbose` and `?exclude=`, and single checks as in `/readyz/etcd`; null where
 * there is no such check.
 */
export function answerHealth(path: string, query: URLSearchParams, failing: FailingCheck): HealthAnswer | null {
  const [endpoint = '', ...rest] = path.split('/').filter((part) => part !== '');
  const all = checks.filter((check) => endpoint === 'readyz' || !readyOnly.includes(check));
  if (rest.length > 0) {
    const name = rest.join('/');
    if (!all.includes(name)) return null;
    const why = failing(name);
    return why === null ? { status: 200, text: 'ok' } : { status: 500, text: `internal server error: ${why}\n` };
  }
  const excluded = query.getAll('exclude');
  const lines = all.map((check) => {
    if (excluded.includes(check)) return { ok: true, text: `[+]${check} excluded: ok` };
    return failing(check) === null ? { ok: true, text: `[+]${check} ok` } : { ok: false, text: `[-]${check} failed: reason withheld` };
  });
  const ok = lines.every((line) => line.ok);
  if (ok && !query.has('verbose')) return { status: 200, text: 'ok' };
  return { status: ok ? 200 : 500, text: `${lines.map(({ text }) => text).join('\n')}\n${endpoint} check ${ok ? 'passed' : 'failed'}\n` };
}

const readyOnly = ['etcd-readiness', 'informer-sync', 'shutdown'];

/** The checks of a kube-apiserver of 1.36 under kubeadm. */
const checks = [
  'ping',
  'log',
  'etcd',
  'etcd-readiness',
  'informer-sync',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/aggregator-reload-proxy-client-cert',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
  'shutdown',
];
