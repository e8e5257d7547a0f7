import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';

/**
 * Requests to one API server as one user, over kept-alive connections with the kubeconfig's own TLS settings, proxy and
 * credentials. Credentials are asked for at each request, so token files that rotate and exec plugins that expire just work;
 * after a 401 they are fetched once more before the answer counts.
 */
export interface KubeClient {
  readonly context: string;
  /** The server's URL as the kubeconfig has it, without a trailing slash. */
  readonly server: string;
  /** The namespace asked for on the command line, else the context's own, else null. */
  readonly namespace: string | null;
  /** One answer, read whole. Rejects with KubeError for anything but 2xx, and for a body that is not JSON where JSON was asked for. */
  request(path: string, options?: KubeRequest): Promise<KubeResponse>;
  /** An answer read as it comes (watches, logs, long lists); rejects like `request` before the first byte. Destroy the stream to stop. */
  open(path: string, options?: KubeRequest): Promise<Readable>;
  /** What another HTTP library needs to go the same way: base URL, agent, and fresh headers for one request. */
  road(): Promise<{ readonly baseUrl: string; readonly agent: HttpAgent | HttpsAgent; readonly headers: Readonly<Record<string, string>> }>;
  /** notAfter of the certificate the server showed last, ms since the epoch; null over plain HTTP and before the first connection. */
  certificateEndsAt(): number | null;
  close(): void;
}

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Default application/json. */
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** For `open`: let the server pack the answer; it is unpacked on the way. Not for watches, whose events would wait in the packer. */
  readonly compressed?: boolean;
  /**
   * Never sent a second time by the client itself. Else a request (but POST and PATCH) whose kept-alive connection turns out to be closed is sent again; nobody can tell
   * then whether it was the first or the second one that was carried out.
   */
  readonly once?: boolean;
  /** Until the headers (open) or the whole answer (request) are there. Default 15 s. */
  readonly timeoutMs?: number;
}

export interface KubeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed when the answer is JSON, else the text. */
  readonly body: unknown;
  readonly roundTripMs: number;
}
