import type { KubeObject } from './object-store.js';

/** What lies behind the API server: kubelets and the network of pods. All of it may be left out. */
export interface ApiHooks {
  /** Text of a container's log, whole or as it comes; the options say what is wanted, the signal when nobody listens any more. */
  podLog?(pod: KubeObject, options: LogOptions): AsyncIterable<string> | Promise<string> | string;
  /** What the kubelet of a node answers to a path such as `/stats/summary`, `/configz`, `/metrics`; null for 404. */
  nodeProxy?(node: KubeObject, path: string, query: URLSearchParams): Promise<ProxiedAnswer | null> | ProxiedAnswer | null;
  /** Where a pod's or an endpoint's address can really be reached; null when nothing listens there. Default: at that address itself. */
  dial?(ip: string, port: number): { readonly host: string; readonly port: number } | null;
}

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
