/** The one state of the road to the API server, shared by all feeds. Times are ms since the epoch. */
export type Connection =
  /** No kubeconfig anywhere: `looked` lists the places. */
  | { readonly status: 'unconfigured'; readonly looked: readonly string[] }
  /** The kubeconfig cannot be used: why, and what mends it. */
  | { readonly status: 'unusable'; readonly why: string; readonly fix: string | null }
  | { readonly status: 'connecting'; readonly context: string; readonly server: string; readonly since: number }
  | {
      readonly status: 'connected';
      readonly context: string;
      readonly server: string;
      /** gitVersion of the server; null where /version is closed to this user. */
      readonly version: string | null;
      readonly since: number;
      /** Round trip of the last small request. */
      readonly roundTripMs: number;
      /** notAfter of the server's certificate; null over plain HTTP. */
      readonly certificateEndsAt: number | null;
    }
  | {
      readonly status: 'lost';
      readonly context: string;
      readonly server: string;
      readonly since: number;
      /** Which kind of trouble: no answer at all, the server refusing who we are, or TLS. */
      readonly kind: 'unreachable' | 'unauthorized' | 'tls' | 'not-kubernetes';
      readonly why: string;
      readonly fix: string | null;
      readonly nextTryAt: number;
    };

/** The API server's own checks, from /readyz?verbose. */
export interface Readyz {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  readonly roundTripMs: number;
}
