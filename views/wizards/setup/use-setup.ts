import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Session } from '../../../src/session.js';
import type { CellAnswer, RunWish, SetupCatalogue, SetupChoice, SetupDesk, SetupOutline } from '../../../src/state/setup.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { topPage } from '../../app-state.js';
import type { AppStore } from '../../app-store.js';
import type { SetupWish } from './run-wish.js';

/** Something that is asked for once. */
export type Loaded<Value> =
  | { readonly status: 'loading' }
  | { readonly status: 'read'; readonly value: Value }
  | { readonly status: 'failed'; readonly why: string };

/** Guided setup as its screen and its wizard use it: what was asked for stays while another screen is looked at. */
export interface SetupControl {
  readonly desk: SetupDesk | null;
  readonly writes: boolean;
  readonly catalogue: Loaded<SetupCatalogue>;
  /** What is there from an earlier time, worked out; null where there is nothing. */
  readonly kept: Loaded<KeptSetup | null>;
  /** Waits for `n` before each step. */
  readonly stepByStep: boolean;
  /** What is being asked of it just now, in words; null where nothing is. */
  readonly busy: string | null;
  /** Why the last wish was refused. */
  readonly problem: string | null;
  /** Shows it as the matrix, and looks at every cell. */
  open(choice: SetupChoice, secrets: Readonly<Record<string, string>>): void;
  check(cells?: readonly { readonly step: string; readonly column: string }[]): void;
  /** Begins what was planned and goes back to the matrix. */
  start(wish: SetupWish, typed: string | null): void;
  answer(step: string, column: string, answer: CellAnswer): void;
  next(): void;
  stop(): void;
  shell(column: string): void;
  turnStepByStep(): void;
}

export interface KeptSetup {
  readonly choice: SetupChoice;
  /** Null where it cannot be worked out any more. */
  readonly outline: SetupOutline | null;
}

/** `place` tells the page of it that is on screen, null for none: until then nothing is read. */
export function useSetup(
  session: Session | null,
  { connection, setup, nodes }: ClusterSnapshot,
  store: AppStore,
  place: string | null,
  onShell: (command: readonly string[]) => void,
): SetupControl {
  const [catalogue, setCatalogue] = useState<Loaded<SetupCatalogue>>(loading);
  const [read, setRead] = useState<{ readonly context: string; readonly kept: Loaded<KeptSetup | null> }>({ context: '', kept: loading });
  const [stepByStep, setStepByStep] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [refused, setRefused] = useState<{ readonly place: string | null; readonly why: string } | null>(null);
  const wanted = place !== null;
  // What was refused on one page is no news on the next.
  const problem = refused !== null && refused.place === place ? refused.why : null;
  const desk = session?.setup ?? null;
  const context = 'context' in connection ? connection.context : '';
  const isOpen = setup.value !== null;
  // Before it is known which cluster is meant there is nothing to ask.
  const ready = wanted && (connection.status !== 'connecting' || connection.server !== '');
  const nodesKnown = nodes.value !== null;

  // What was kept for another cluster says nothing of this one.
  const kept = read.context === context ? read.kept : loading;

  // Own playbooks may have been mended meanwhile: all is read anew whenever the screen is looked at again.
  useEffect(() => {
    if (desk === null || !ready) return;
    let left = false;
    desk.catalogue().then(
      (value) => left || setCatalogue({ status: 'read', value }),
      (error: unknown) => left || setCatalogue({ status: 'failed', why: sentence(error) }),
    );
    // With the nodes known, there may be something to begin with.
    if (!isOpen || !nodesKnown) {
      keptSetup(desk).then(
        (value) => left || setRead({ context, kept: { status: 'read', value } }),
        (error: unknown) => left || setRead({ context, kept: { status: 'failed', why: sentence(error) } }),
      );
    }
    return () => {
      left = true;
    };
  }, [desk, ready, context, isOpen, nodesKnown]);

  // Enter held down must not begin anything twice.
  const asking = useRef(false);
  const tell = useCallback((error: unknown) => store.dispatch({ type: 'notice', notice: { text: sentence(error), tone: 'bad' } }), [store]);

  return useMemo(() => {
    const ask = async (what: string, asked: () => Promise<void>): Promise<boolean> => {
      if (asking.current) return false;
      asking.current = true;
      setBusy(what);
      setRefused(null);
      try {
        await asked();
        return true;
      } catch (error) {
        setRefused({ place, why: sentence(error) });
        tell(error);
        return false;
      } finally {
        asking.current = false;
        setBusy(null);
      }
    };
    const leave = (kind: 'setup-wizard' | 'setup-run') => {
      if (topPage(store.state())?.kind === kind) store.dispatch({ type: 'back' });
    };
    return {
      desk,
      writes: session !== null && !session.readOnly,
      catalogue,
      kept,
      stepByStep,
      busy,
      problem,
      open(choice, secrets) {
        if (desk === null) return;
        void ask('opening it', () => desk.open(choice, secrets)).then((opened) => {
          if (!opened) return;
          store.dispatch({ type: 'draft', change: { do: 'drop' } });
          leave('setup-wizard');
          void desk.check().catch(tell);
        });
      },
      check(cells) {
        if (desk !== null) void desk.check(cells).catch(tell);
      },
      start(wish, typed) {
        if (desk === null) return;
        const begin = () =>
          wish.do === 'undo'
            ? desk.undo(wish.step, wish.column, typed)
            : desk.run({ steps: wish.steps, columns: wish.columns, stepByStep, typed } satisfies RunWish);
        void ask('starting', begin).then((started) => {
          if (started) leave('setup-run');
        });
      },
      answer(step, column, answer) {
        if (desk !== null) void desk.answer(step, column, answer).catch(tell);
      },
      next: () => desk?.next(),
      stop: () => desk?.stop(),
      shell(column) {
        if (desk !== null) void desk.shell(column).then(onShell, tell);
      },
      turnStepByStep: () => setStepByStep((on) => !on),
    };
  }, [desk, session, catalogue, kept, stepByStep, busy, problem, place, store, tell, onShell]);
}

async function keptSetup(desk: SetupDesk): Promise<KeptSetup | null> {
  const choice = await desk.lastChoice();
  if (choice === null) return null;
  const outline = await desk.outline(choice).catch(() => null);
  return { choice, outline };
}

/** What went wrong, for the screen. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const loading = { status: 'loading' } as const;
