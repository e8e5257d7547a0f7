import type { SetupOutline } from '../../../src/state/setup.js';
import type { Line } from '../../../src/text/line.js';
import type { Action, AppState, Page, Typing } from '../../app-state.js';
import type { SetupKey } from '../../keys.js';
import type { ListState } from '../../list-state.js';
import type { SetupDraft } from './draft.js';
import type { Detected } from './use-outline.js';
import type { Loaded, SetupControl } from './use-setup.js';

/** What each part of the wizard is given. */
export interface PartProps {
  readonly setup: SetupControl;
  readonly draft: SetupDraft;
  /** Of the draft with what is being typed. */
  readonly outline: Loaded<SetupOutline>;
  readonly detected: Detected;
  readonly page: Page;
  readonly typing: Typing | null;
  readonly list: (id: string) => ListState;
  readonly dial: (name: string) => number;
  /** The wizard's steps, where they do not stand beside it. */
  readonly head: (title: string) => Line;
  readonly width: number;
  readonly height: number;
}

/** What `n` and `esc` do in every part; null for the keys of its own. */
export function turnPart(key: SetupKey, { draft }: AppState): readonly Action[] | null {
  if (key === 'draft-next') return draft?.part === 'outline' ? [] : [{ type: 'draft', change: { do: 'turn', by: 1 } }];
  if (key !== 'draft-back') return null;
  return draft === null || draft.part === 'profile'
    ? [{ type: 'back' }, { type: 'draft', change: { do: 'drop' } }]
    : [{ type: 'draft', change: { do: 'turn', by: -1 } }];
}
