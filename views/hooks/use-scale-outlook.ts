import { useEffect, useState } from 'react';
import type { Session } from '../../src/session.js';
import type { ScaleOutlook, ScaleTarget } from '../../src/state/scaling.js';

export type OutlookState =
  | { readonly status: 'loading' }
  | { readonly status: 'read'; readonly outlook: ScaleOutlook }
  | { readonly status: 'failed'; readonly why: string };

/** Reads once what it takes to foretell any number of replicas; anew every so often, so that what is foretold is of now. `key` is the targets as JSON. */
export function useScaleOutlook(session: Session | null, key: string): OutlookState {
  const [state, setState] = useState<OutlookState>({ status: 'loading' });
  useEffect(() => {
    let wanted = true;
    const targets = parseTargets(key);
    const read = async () => {
      if (session === null) return;
      try {
        const outlook = await session.scaleOutlook(targets);
        if (wanted) setState({ status: 'read', outlook });
      } catch (error) {
        if (wanted) setState({ status: 'failed', why: error instanceof Error ? error.message : String(error) });
      }
    };
    setState({ status: 'loading' });
    void read();
    const timer = setInterval(() => void read(), everyMs);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [session, key]);
  return state;
}

const everyMs = 15_000;

/** The targets of a page's `object`; none where it is not such a text. */
export function parseTargets(object: string): readonly ScaleTarget[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(object);
  } catch {
    return [];
  }
  return Array.isArray(parsed) ? parsed.filter(isTarget) : [];
}

function isTarget(value: unknown): value is ScaleTarget {
  return typeof value === 'object' && value !== null && 'kind' in value && 'namespace' in value && 'name' in value && typeof value.name === 'string';
}
