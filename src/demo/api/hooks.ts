import type { KubeObject } from './object-store.js';

/** What lies behind the API server: kubelets and the network of pods. All of it may be left out. */
export interface ApiHooks {
  /** What admission makes of a new pod; throws ApiError where it refuses it. */
  admitPod?(pod: KubeObject): KubeObject;
  /** What metrics-server knows of nodes or pods; null while it does not run. */
  resourceMetrics?(resource: 'nodes' | 'pods'): readonly KubeObject[] | null;
  /** Warnings that go with the answer to a write. */
  warnings?(object: KubeObject, previous: KubeObject | null): readonly string[];
  /** Text of a container's log, whole or as it comes; the options say what is wanted, the signal when nobody listens any more. */
  podLog?(pod: KubeObject, options: LogOptions): AsyncIterable<string> | Promise<string> | string;
  /** Runs a command in a container that runs; to the end of its input where it reads that. */
  podExec?(pod: KubeObject, options: ExecOptions): Promise<ExecResult> | ExecResult;
  /** Whether such a command reads its input, so that it has to wait for it. */
  readsInput?(command: readonly string[]): boolean;
  /** What the kubelet of a node answers to a path such as `/stats/summary`, `/configz`, `/metrics`; null for 404. */
  nodeProxy?(node: KubeObject, path: string, query: URLSearchParams): Promise<ProxiedAnswer | null> | ProxiedAnswer | null;
  /** What a pod's program answers to GET on a port of its; null to go to its address instead. */
  podProxy?(pod: KubeObject, port: string, path: string): ProxiedAnswer | null;
  /** Where a pod's or an endpoint's address can really be reached; null when nothing listens there. Default: at that address itself. */
  dial?(ip: string, port: number): { readonly host: string; readonly port: number } | null;
}

export interface ExecOptions {
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: string;
}

/** How a command ended, or the runtime's words for why it did not start. */
export type ExecResult = { readonly stdout: string; readonly stderr: string; readonly exitCode: number } | { readonly failure: string };

export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | null;
  readonly sinceSeconds: number | null;
  readonly sinceTime: string | null;
  readonly limitBytes: number | null;
  readonly signal: AbortSignal;
}

export interface ProxiedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}
