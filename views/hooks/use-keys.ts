import { useInput, usePaste } from 'ink';
import { useRef } from 'react';
import { clean } from '../../src/text/clean.js';
import type { AppStore } from '../app-store.js';
import { dispatchKey, type Effect } from '../dispatch.js';
import type { KeyTarget } from '../key-target.js';
import { type Capability, keyNames } from '../keys.js';
import type { PaletteSource } from '../palette.js';
import { insertText } from '../text-input.js';

/** Turns what is typed into changes of the app's state and effects, key by key. `before` sees each key first and may take it, and `paste` what is pasted. */
export function useKeys(options: {
  readonly store: AppStore;
  /** What the picture on screen says that keys act on. */
  readonly target: () => KeyTarget;
  readonly palette: () => PaletteSource;
  readonly capabilities: ReadonlySet<Capability>;
  readonly before: (key: string) => boolean;
  readonly paste: (text: string) => boolean;
  readonly onEffect: (effect: Effect) => void;
}): void {
  const waiting = useRef<string[]>([]);
  const { store, target, palette, capabilities, before, paste, onEffect } = options;

  // A key that changes what is on screen changes what the next key acts on: the rest of a burst waits for the next frame.
  const drain = () => {
    for (let key = waiting.current.shift(); key !== undefined; key = waiting.current.shift()) {
      const { screen, pages, panels } = store.state();
      press(key);
      const after = store.state();
      if (waiting.current.length > 0 && (after.screen !== screen || after.pages.length !== pages.length || after.panels !== panels)) {
        setImmediate(drain);
        return;
      }
    }
  };

  const press = (key: string) => {
    if (store.state().notice !== null) store.dispatch({ type: 'notice', notice: null });
    if (before(key)) return;
    const outcome = dispatchKey(key, { state: store.state(), target: target(), palette, capabilities });
    for (const one of outcome) {
      if ('effect' in one) onEffect(one);
      else store.dispatch(one);
    }
  };

  useInput((input, key) => {
    const idle = waiting.current.length === 0;
    waiting.current.push(...keyNames(input, key));
    if (idle) drain();
  });

  usePaste((text) => {
    if (paste(text)) return;
    const { typing } = store.state();
    if (typing !== null) store.dispatch({ type: 'edit', input: insertText(typing.input, clean(text.trim(), 500)) });
  });
}
