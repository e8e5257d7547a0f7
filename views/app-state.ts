import type { ClusterSnapshot } from '../src/state/snapshot.js';
import { freshList, type ListState, select, selectedIndex, sortBy, toggleMark } from './list-state.js';
import { type ScreenId, tabs } from './screens/screen-ids.js';
import { emptyInput, inputOf, type TextInput } from './text-input.js';
import { type DraftChange, reduceDraft, type SetupDraft } from './wizards/setup/draft.js';

/** All that a person has done to the screen; what the cluster says is elsewhere (the snapshot). */
export interface AppState {
  readonly screen: ScreenId;
  /** By list id: a screen's own list goes by the screen's id. */
  readonly lists: Readonly<Record<string, ListState>>;
  /** Opened over the screen, the last on top. */
  readonly pages: readonly Page[];
  readonly typing: Typing | null;
  /** The snapshot that stays on screen while paused. */
  readonly paused: { readonly at: number; readonly snapshot: ClusterSnapshot } | null;
  /** One line in the footer about what just happened, until the next key. */
  readonly notice: Notice | null;
  /** The focused panel, counted from 0, by screen. */
  readonly panels: Readonly<Record<string, number>>;
  /** What is chosen of a few values, counted from 0, by the name of the choice. */
  readonly dials: Readonly<Record<string, number>>;
  /** The setup that is being chosen. */
  readonly draft: SetupDraft | null;
}

/**
 * What a page shows: `object` is a node's name, a target's, an alert's or a probe's key, a service's id, `gpu-1/0` for a GPU, `node/gpu-1` for YAML, `gpu-count node/gpu-2` for a finding, a journal entry's id, `Deployment/ai/whisper` for a workload, `ai/whisper-x2x8p/server` for a log, the targets as JSON for scaling, `file PATH`, `workload Deployment/ai/whisper` or `status NAME` for an experiment, for a step of a setup `swap-off gpu-1`, for what is to be run of it the wish as JSON, or for an
 * operation the wishes to go through, as JSON.
 */
export interface PageContent {
  readonly kind:
    | 'node'
    | 'target'
    | 'alert'
    | 'probe'
    | 'latency'
    | 'gpu'
    | 'nvidia-smi'
    | 'yaml'
    | 'contexts'
    | 'settings'
    | 'help'
    | 'report'
    | 'finding'
    | 'operation'
    | 'journal-entry'
    | 'workload'
    | 'pod-log'
    | 'scale'
    | 'experiment'
    | 'setup-wizard'
    | 'setup-step'
    | 'setup-run'
    | 'setup-script';
  readonly object: string;
}

export interface Page extends PageContent {
  readonly scroll: number;
  /** Columns it is moved to the left, where it is wider than the screen. */
  readonly across: number;
  readonly search: string;
  /** Which of the search's hits the page stands at. */
  readonly match: number;
  /** The page goes to the hit, until it is scrolled by hand. */
  readonly following: boolean;
}

/** `before` is the filter as it was, for escape. */
export type Typing =
  | { readonly into: 'filter'; readonly list: string; readonly input: TextInput; readonly before: string }
  | { readonly into: 'search'; readonly input: TextInput; readonly before: string }
  /** A setting, edited where it stands; `why` says what was wrong with the last try. */
  | { readonly into: 'setting'; readonly path: string; readonly input: TextInput; readonly why: string | null }
  /** How many replicas there shall be; `pinned` holds autoscalers at that number. */
  | { readonly into: 'replicas'; readonly input: TextInput; readonly pinned: boolean }
  /** The name that confirms a destructive plan. */
  | { readonly into: 'confirm'; readonly input: TextInput }
  /** A field of a setup; a secret is not shown. */
  | { readonly into: 'field'; readonly field: string; readonly secret: boolean; readonly input: TextInput }
  | { readonly into: 'palette'; readonly input: TextInput; readonly choice: number };

export interface Notice {
  readonly text: string;
  readonly tone: 'plain' | 'bad';
}

export type Action =
  | { readonly type: 'show'; readonly screen: ScreenId }
  | { readonly type: 'turn'; readonly by: 1 | -1 }
  | { readonly type: 'open'; readonly page: PageContent }
  | { readonly type: 'back' }
  | { readonly type: 'select'; readonly list: string; readonly ids: readonly string[]; readonly page: number; readonly to: number | { readonly by: number } }
  | { readonly type: 'sort'; readonly list: string; readonly column: string; readonly descendingFirst: boolean }
  | { readonly type: 'mark'; readonly list: string; readonly id: string }
  | { readonly type: 'scroll'; readonly to: number }
  | { readonly type: 'across'; readonly to: number }
  | { readonly type: 'match'; readonly by: 1 | -1; readonly of: number }
  | { readonly type: 'filter'; readonly list: string }
  | { readonly type: 'search' }
  | { readonly type: 'palette' }
  | { readonly type: 'confirm' }
  /** Asks for a number of replicas on the page on top; `pin` holds autoscalers at it, or no longer. */
  | { readonly type: 'replicas' }
  | { readonly type: 'pin' }
  /** The page on top becomes another. */
  | { readonly type: 'replace'; readonly page: PageContent }
  | { readonly type: 'edit-setting'; readonly path: string; readonly value: string }
  | { readonly type: 'refused'; readonly path: string; readonly why: string }
  | { readonly type: 'edit'; readonly input: TextInput }
  | { readonly type: 'choose'; readonly choice: number }
  | { readonly type: 'accept' }
  | { readonly type: 'cancel' }
  | { readonly type: 'pause'; readonly at: number; readonly snapshot: ClusterSnapshot }
  | { readonly type: 'resume' }
  | { readonly type: 'notice'; readonly notice: Notice | null }
  | { readonly type: 'panel'; readonly by: number; readonly of: number }
  /** The next of so many values, or the one before; or that one. */
  | { readonly type: 'dial'; readonly dial: string; readonly of: number; readonly by?: 1 | -1 }
  | { readonly type: 'set-dial'; readonly dial: string; readonly to: number }
  | { readonly type: 'field'; readonly field: string; readonly value: string; readonly secret: boolean }
  | { readonly type: 'draft'; readonly change: DraftChange };

export function initialState(screen: ScreenId = 'overview'): AppState {
  return { screen, lists: {}, pages: [], typing: null, paused: null, notice: null, panels: {}, dials: {}, draft: null };
}

export function listState(state: AppState, id: string): ListState {
  return state.lists[id] ?? freshList;
}

export function topPage(state: AppState): Page | null {
  return state.pages.at(-1) ?? null;
}

/** The state after an action; pure. */
export function reduce(state: AppState, action: Action): AppState {
  switch (action.type) {
    case 'show':
      return { ...state, screen: action.screen, pages: [], typing: null };
    case 'turn': {
      const index = tabs.findIndex(({ id }) => id === state.screen) + action.by;
      return { ...state, screen: tabs[(index + tabs.length) % tabs.length]?.id ?? state.screen, pages: [] };
    }
    case 'open':
      return { ...state, pages: [...state.pages, { ...action.page, scroll: 0, across: 0, search: '', match: 0, following: false }], typing: null };
    case 'replace':
      return reduce({ ...state, pages: state.pages.slice(0, -1) }, { type: 'open', page: action.page });
    case 'confirm':
      return { ...state, typing: { into: 'confirm', input: emptyInput } };
    case 'replicas':
      return { ...state, typing: { into: 'replicas', input: emptyInput, pinned: false } };
    case 'pin':
      return state.typing?.into === 'replicas' ? { ...state, typing: { ...state.typing, pinned: !state.typing.pinned } } : state;
    case 'back':
      return { ...state, pages: state.pages.slice(0, -1) };
    case 'select':
      return changeList(state, action.list, (list) => {
        const to = typeof action.to === 'number' ? action.to : selectedIndex(list, action.ids) + action.to.by;
        return select(list, action.ids, to, action.page);
      });
    case 'sort':
      return changeList(state, action.list, (list) => sortBy(list, action.column, action.descendingFirst));
    case 'mark':
      return changeList(state, action.list, (list) => toggleMark(list, action.id));
    case 'scroll':
      return changePage(state, (page) => ({ ...page, scroll: Math.max(0, action.to), following: false }));
    case 'across':
      return changePage(state, (page) => ({ ...page, across: Math.max(0, action.to) }));
    case 'match':
      return changePage(state, (page) => ({ ...page, match: action.of === 0 ? 0 : (page.match + action.by + action.of) % action.of, following: true }));
    case 'filter': {
      const { filter } = listState(state, action.list);
      return { ...state, typing: { into: 'filter', list: action.list, input: inputOf(filter), before: filter } };
    }
    case 'search': {
      const search = topPage(state)?.search ?? '';
      return { ...state, typing: { into: 'search', input: inputOf(search), before: search } };
    }
    case 'palette':
      return { ...state, typing: { into: 'palette', input: emptyInput, choice: 0 } };
    case 'edit-setting':
      return { ...state, typing: { into: 'setting', path: action.path, input: inputOf(action.value), why: null } };
    case 'refused':
      return state.typing?.into === 'setting' && state.typing.path === action.path ? { ...state, typing: { ...state.typing, why: action.why } } : state;
    case 'edit':
      return edit(state, action.input);
    case 'choose':
      return state.typing?.into === 'palette' ? { ...state, typing: { ...state.typing, choice: action.choice } } : state;
    case 'accept':
      return { ...state, typing: null };
    case 'cancel':
      return cancel(state);
    case 'pause':
      return { ...state, paused: { at: action.at, snapshot: action.snapshot } };
    case 'resume':
      return { ...state, paused: null };
    case 'notice':
      return state.notice === action.notice ? state : { ...state, notice: action.notice };
    case 'dial':
      return { ...state, dials: { ...state.dials, [action.dial]: ((state.dials[action.dial] ?? 0) + (action.by ?? 1) + action.of) % action.of } };
    case 'set-dial':
      return { ...state, dials: { ...state.dials, [action.dial]: action.to } };
    case 'field':
      return { ...state, typing: { into: 'field', field: action.field, secret: action.secret, input: inputOf(action.value) } };
    case 'draft':
      return { ...state, draft: reduceDraft(state.draft, action.change) };
    case 'panel':
      return { ...state, panels: { ...state.panels, [state.screen]: ((state.panels[state.screen] ?? 0) + action.by + action.of) % action.of } };
  }
}

function edit(state: AppState, input: TextInput): AppState {
  const { typing } = state;
  switch (typing?.into) {
    case undefined:
      return state;
    case 'palette':
      return { ...state, typing: { ...typing, input, choice: 0 } };
    case 'setting':
      return { ...state, typing: { ...typing, input, why: null } };
    case 'replicas':
      return /^\d{0,7}$/.test(input.text) ? { ...state, typing: { ...typing, input } } : state;
    case 'confirm':
    case 'field':
      return { ...state, typing: { ...typing, input } };
    case 'filter':
      return changeList({ ...state, typing: { ...typing, input } }, typing.list, (list) => ({ ...list, filter: input.text }));
    case 'search':
      return changePage({ ...state, typing: { ...typing, input } }, (page) => ({ ...page, search: input.text, match: 0, following: true }));
  }
}

function cancel(state: AppState): AppState {
  const { typing } = state;
  const closed = { ...state, typing: null };
  switch (typing?.into) {
    case 'filter':
      return changeList(closed, typing.list, (list) => ({ ...list, filter: '' }));
    case 'search':
      return changePage(closed, (page) => ({ ...page, search: '', following: false }));
    default:
      return closed;
  }
}

function changeList(state: AppState, id: string, change: (list: ListState) => ListState): AppState {
  return { ...state, lists: { ...state.lists, [id]: change(listState(state, id)) } };
}

function changePage(state: AppState, change: (page: Page) => Page): AppState {
  const page = topPage(state);
  return page === null ? state : { ...state, pages: [...state.pages.slice(0, -1), change(page)] };
}
