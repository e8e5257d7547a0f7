import { createContext, useContext } from 'react';
import type { OperationRef } from '../src/state/operations.js';
import type { ScaleTarget } from '../src/state/scaling.js';
import type { VisitChanges } from '../src/state/visit.js';
import type { Action, AppState, PageContent } from './app-state.js';
import type { SetupKey, SetupPlace } from './keys.js';
import type { Command } from './palette.js';

/** What keys act on just now: told by whatever fills the body, each time it is painted. */
export interface KeyTarget {
  /** The list with the focus. */
  readonly list?: ListTarget;
  /** The page that scrolls. */
  readonly text?: {
    readonly at: number;
    readonly total: number;
    readonly page: number;
    readonly found: number;
    readonly across?: { readonly at: number; readonly furthest: number };
  };
  /** What `y` shows, e.g. `node/gpu-1`, where it does not depend on a row. */
  readonly object?: string;
  /** What Enter opens where there are no rows to choose from. */
  readonly page?: PageContent;
  /** The machine whose nvidia-smi page `v` shows, where it does not depend on a row. */
  readonly nvidiaSmi?: string;
  /** What `f` mends, where it does not depend on a row. */
  readonly fix?: OperationRef;
  /** What `F` goes through. */
  readonly fixes?: readonly OperationRef[];
  /** Settings that `e` keeps: what is seen now becomes what is expected. */
  readonly offer?: NonNullable<VisitChanges['offer']>['fields'];
  /** What can be cleaned up here, and how it is chosen. */
  readonly clean?: CleanTarget;
  /** What `c` copies: the exact requests and commands. */
  readonly copy?: string;
  /** The plan or run on screen. */
  readonly wizard?: WizardTarget;
  /** What `s` scales, where it does not depend on a row. */
  readonly scale?: ScaleTarget;
  /** Whose log `l` shows, as namespace/pod/container, where it does not depend on a row. */
  readonly log?: string;
  /** The question how many replicas there shall be. */
  readonly replicas?: ReplicasTarget;
  /** The chart on screen. */
  readonly chart?: ChartTarget;
  /** Guided setup: its matrix, a step of it, or its wizard. */
  readonly setup?: SetupTarget;
  /** How many panels `tab` goes round. */
  readonly panels?: number;
}

export interface ListTarget {
  readonly id: string;
  /** Rows in the order shown, filtered. */
  readonly ids: readonly string[];
  /** Rows in the window. */
  readonly page: number;
  /** Letters that sort, upper case, and the column each sorts by. */
  readonly sorts: readonly { readonly key: string; readonly column: string; readonly descendingFirst: boolean }[];
  /** All of it is always there: no filter. */
  readonly whole?: boolean;
  /** What Enter does with a row. */
  readonly open?: (
    id: string,
  ) => { readonly page: PageContent } | { readonly command: Command } | { readonly edit: { readonly path: string; readonly value: string } } | null;
  /** What `y` shows of a row; null where it is not an object of the API. */
  readonly object?: (id: string) => string | null;
  /** The machine whose nvidia-smi page `v` shows. */
  readonly nvidiaSmi?: (id: string) => string | null;
  /** What `f` mends. */
  readonly fix?: (id: string) => OperationRef | null;
  /** What `s` scales: the marked rows, else the selected one. */
  readonly scale?: (id: string) => ScaleTarget | null;
  /** Whose log `l` shows, as namespace/pod/container. */
  readonly log?: (id: string) => string | null;
}

/** What guided setup's keys act on. */
export interface SetupTarget {
  /** Which of its keys count just now. */
  readonly places: readonly SetupPlace[];
  /** Does it, as far as it is not the app's own state, which changes by the actions given back. */
  act(key: SetupKey, state: AppState): readonly Action[];
  /** What was typed into a field; `next` where the one after it is typed into next. */
  readonly entered?: (field: string, text: string, next: boolean, state: AppState) => readonly Action[];
}

/** A chart keeps its range and its cursor itself. */
export interface ChartTarget {
  act(wish: { readonly do: 'range' | 'cursor'; readonly by: 1 | -1 }): void;
}

export interface CleanTarget {
  /** What `c` plans; null while nothing is chosen. */
  readonly wish: OperationRef | null;
  /** What `d` plans where it would not last otherwise: more room on the node that runs short. */
  readonly disk: OperationRef | null;
  /** How many values `o` (how old) and `n` (how many to keep) go round. */
  readonly ages: number;
  readonly keeps: number;
}

/** What can be answered to how many replicas there shall be. */
export interface ReplicasTarget {
  readonly targets: readonly ScaleTarget[];
  /** Numbers that tab goes round. */
  readonly offered: readonly number[];
  /** Whether what is typed can be planned. */
  readonly valid: boolean;
  /** Whether an autoscaler could be held at the number. */
  readonly pinnable: boolean;
}

/** A wizard tells what it waits for; its component does it. */
export interface WizardTarget {
  /** How the plan is confirmed; null while there is nothing to confirm. */
  readonly confirm: 'enter' | 'yes' | 'name' | null;
  readonly running: boolean;
  readonly next: boolean;
  act(wish: { readonly do: 'run'; readonly typed: string | null } | { readonly do: 'cancel' }): void;
}

/** Holds the target of the frame on screen. */
export const KeyTargetContext = createContext<{ current: KeyTarget }>({ current: {} });

/**
 * Makes `target` what keys act on while this component is the body, or has the focus in it. `active` false leaves the keys to another.
 * Said while painting and not in an effect, because the row of keys below the body is painted in the same pass and must agree with it.
 */
export function useKeyTarget(target: KeyTarget, active = true): void {
  const holder = useContext(KeyTargetContext);
  if (active) holder.current = target;
}
