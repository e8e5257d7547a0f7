import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../../src/session.js';
import type { ExperimentPlan, SeenExperiment } from '../../../src/state/experiments.js';
import { experimentSource } from './experiment-object.js';

/** The experiments that there were from here, looked at again every second; null until the first look. */
export function useSeenExperiments(session: Session | null): readonly SeenExperiment[] | null {
  const [seen, setSeen] = useState<readonly SeenExperiment[] | null>(null);
  useEffect(() => {
    if (session === null) return;
    let left = false;
    const look = () =>
      void session.experiments.seen().then(
        (found) => left || setSeen(found),
        () => left || setSeen([]),
      );
    look();
    const timer = setInterval(look, lookMs);
    return () => {
      left = true;
      clearInterval(timer);
    };
  }, [session]);
  return seen;
}

/** Where the experiment of a page stands until it runs. */
export type PlanningState =
  | { readonly at: 'planning' }
  | { readonly at: 'refused'; readonly why: string }
  | { readonly at: 'planned'; readonly plan: ExperimentPlan; readonly starting: boolean; readonly problem: string | null }
  | { readonly at: 'started'; readonly name: string };

/** Plans the experiment that a page's object names, once, and starts it when told to. */
export function useExperimentPlan(session: Session | null, object: string): { readonly state: PlanningState; start(): void } {
  const [state, setState] = useState<PlanningState>({ at: 'planning' });
  const started = useRef(false);
  useEffect(() => {
    const source = experimentSource(object);
    if (session === null || source === null) return;
    let left = false;
    setState({ at: 'planning' });
    session.experiments.plan(source).then(
      (plan) => left || setState({ at: 'planned', plan, starting: false, problem: null }),
      (error: unknown) => left || setState({ at: 'refused', why: sentence(error) }),
    );
    return () => {
      left = true;
    };
  }, [session, object]);
  return {
    state,
    start() {
      // A key held down must not start it twice.
      if (session === null || state.at !== 'planned' || started.current) return;
      started.current = true;
      setState({ ...state, starting: true, problem: null });
      session.experiments.start(state.plan).then(
        (name) => setState({ at: 'started', name }),
        (error: unknown) => {
          started.current = false;
          setState({ ...state, starting: false, problem: sentence(error) });
        },
      );
    },
  };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const lookMs = 1_000;
