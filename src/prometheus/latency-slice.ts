import { absent, live, loading, lost } from '../state/freshness.js';
import type { Latency } from '../state/latency.js';
import type { Store } from '../state/store.js';
import { counted } from '../text/wording.js';
import type { LatencyLook } from './latency-prometheus.js';
import type { PodLook } from './pod-metrics.js';

/** Why Prometheus says nothing; `isAbsent` where there is none, or none for this user. */
export interface Silence {
  readonly why: string;
  readonly isAbsent: boolean;
}

/** What one round comes to. `again`: there is something, but its rates take a second reading. */
export type LatencyRound =
  | { readonly status: 'seen'; readonly latency: Latency }
  | { readonly status: 'again'; readonly why: string }
  | { readonly status: 'silent'; readonly why: string; readonly isAbsent: boolean };

/** Puts together what Prometheus and the pods themselves said; a sentence in place of the pods says why they were not read, null that they need not be. */
export function together(told: LatencyLook | Silence, own: PodLook | string | null): LatencyRound {
  const isTold = 'services' in told;
  const ownNotes = own === null ? [] : typeof own === 'string' ? [own] : own.notes;
  const ownServices = own === null || typeof own === 'string' ? [] : own.services;
  if (!isTold && ownServices.length === 0) {
    const why = [told.why, ...ownNotes, ...(own !== null && typeof own !== 'string' ? [sentence(own.pods)] : [])].join('; ');
    return { status: 'silent', why, isAbsent: told.isAbsent && own !== null };
  }
  if (!isTold && own !== null && typeof own !== 'string' && !own.settled) {
    return { status: 'again', why: "reading the pods' own /metrics: rates take two readings, a few seconds apart" };
  }
  const replaced = own === null || typeof own === 'string' ? null : own.covered;
  const toldServices = isTold ? told.services.filter(({ id }) => replaced?.has(id.replace(/:.*$/, '')) !== true) : [];
  const services = [...toldServices, ...ownServices].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    status: 'seen',
    latency: {
      services,
      sources: [
        ...(isTold ? ['Prometheus, rates over 5 minutes'] : []),
        ...(ownServices.length === 0 || own === null || typeof own === 'string'
          ? []
          : [`/metrics of ${counted(own.pods, 'pod')} through the API server, rates worked out here over 5 minutes`]),
      ],
      notes: [
        ...(isTold ? told.notes : [`${told.isAbsent ? '' : 'Prometheus does not answer: '}${told.why}`]),
        ...ownNotes,
        ...(services.length === 0
          ? ['no service measures its latency: looked for the histograms of inference servers, vLLM, TGI, Triton, KServe, TorchServe and FastAPI']
          : []),
      ],
    },
  };
}

/** Writes the slice until the feed is closed. */
export function latencyWriter(
  store: Store,
  signal: AbortSignal,
): { write(latency: Latency): void; fade(round: Exclude<LatencyRound, { status: 'seen' }>, isEarly: boolean): void } {
  return {
    write(latency) {
      if (!signal.aborted) store.write('latency', live(latency, Date.now()));
    },
    fade(round, isEarly) {
      if (signal.aborted) return;
      const { latency } = store.snapshot();
      // Which pods there are is not known yet: they may be all that measures anything.
      if (round.status === 'silent' && isEarly && latency.value === null) return store.write('latency', loading(Date.now(), null));
      if (round.status === 'silent' && round.isAbsent) return store.write('latency', absent(round.why));
      store.write('latency', lost(latency, Date.now(), round.why));
    },
  };
}

function sentence(pods: number): string {
  return pods === 0 ? 'no pod looks as if it measured its latency' : `none of the ${counted(pods, 'pod')} that were read measures its latency`;
}
