import { useEffect, useState } from 'react';
import type { LogLine, Session } from '../../src/session.js';

export type PodLogState =
  | { readonly status: 'loading' }
  | { readonly status: 'read'; readonly lines: readonly LogLine[]; readonly before: readonly LogLine[] }
  | { readonly status: 'failed'; readonly why: string };

/** The end of a container's log and, where it was restarted, of its run before; read anew every few seconds while it is looked at. `log` is namespace/pod/container. */
export function usePodLog(session: Session | null, log: string, restarted: boolean): PodLogState {
  const [state, setState] = useState<PodLogState>({ status: 'loading' });
  useEffect(() => {
    let wanted = true;
    const [namespace = '', pod = '', container = ''] = log.split('/');
    const read = async () => {
      if (session === null) return;
      try {
        const [lines, before] = await Promise.all([
          session.podLog(`${namespace}/${pod}`, container, false),
          restarted ? session.podLog(`${namespace}/${pod}`, container, true).catch(() => []) : [],
        ]);
        if (wanted) setState({ status: 'read', lines, before });
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
  }, [session, log, restarted]);
  return state;
}

const everyMs = 3_000;
