import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import type { Page } from '../app-state.js';
import type { ListState } from '../list-state.js';

/** What every screen is given. It fills exactly `width` × `height` cells, and tells with `useKeyTarget` what keys act on. */
export interface ScreenProps {
  readonly snapshot: ClusterSnapshot;
  /** ms since the epoch: the moment to count ages from (stands still while paused). */
  readonly now: number;
  readonly width: number;
  readonly height: number;
  /** Where a person stands in one of the screen's lists; a screen's only list goes by the screen's id. */
  readonly list: (id: string) => ListState;
  /** The focused panel, counted from 0 (`panels` of the key target says how many there are). */
  readonly panel: number;
  /** What is chosen of a few values, counted from 0. */
  readonly dial: (name: string) => number;
}

/** What a page over a screen is given: what it shows is the page's `object`. */
export interface PageProps extends Pick<ScreenProps, 'snapshot' | 'now' | 'width' | 'height'> {
  readonly page: Page;
}
