/** What the API server hands on to services in the cluster: further APIs, and admission webhooks. */

/** An APIService that is served by a service in the cluster, not by the API server itself. */
export interface ApiService {
  /** `v1beta1.metrics.k8s.io` */
  readonly name: string;
  readonly service: ServiceRef;
  /** Its Available condition; null while it has none yet. */
  readonly available: boolean | null;
  /** `MissingEndpoints`, `FailedDiscoveryCheck`, … */
  readonly reason: string;
  readonly message: string;
  /** ms since the epoch; when the condition last changed. */
  readonly since: number | null;
}

/** An admission webhook. */
export interface Webhook {
  readonly kind: 'validating' | 'mutating';
  /** Of the configuration that it stands in. */
  readonly configuration: string;
  readonly name: string;
  /** Whether requests are refused while it cannot be asked. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** null for one outside the cluster, reached at a URL. */
  readonly service: ServiceRef | null;
  /** Behind its service; null where that is not known. */
  readonly endpoints: Endpoints | null;
}

export interface ServiceRef {
  readonly namespace: string;
  readonly name: string;
}

export interface Endpoints {
  readonly ready: number;
  readonly total: number;
  /** Names of the pods behind it, in the service's namespace. */
  readonly pods: readonly string[];
}
