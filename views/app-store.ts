import { type Action, type AppState, reduce } from './app-state.js';

/** Holds the app's own state outside React, so that each key of a burst sees what the one before it did. */
export interface AppStore {
  state(): AppState;
  subscribe(listener: () => void): () => void;
  dispatch(action: Action): void;
}

export function createAppStore(initial: AppState): AppStore {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
  };
}
