import type { Journal } from '../journal/journal.js';
import { absent, live, lost } from '../state/freshness.js';
import type { JournalView } from '../state/journal.js';
import type { Slices } from '../state/snapshot.js';
import type { Store } from '../state/store.js';
import { clean } from '../text/clean.js';

/** Keeps the slice `journal` like the file: read at once, and again after each `renew`. */
export function showJournal({ journal, store, now }: { readonly journal: Journal; readonly store: Pick<Store, 'write'>; readonly now: () => number }): {
  renew(): void;
  close(): void;
} {
  let closed = false;
  let isReading = false;
  let isWanted = false;
  let slice: Slices['journal'] | null = null;
  const show = (next: Slices['journal']) => {
    slice = next;
    if (!closed) store.write('journal', next);
  };
  const read = async () => {
    isReading = true;
    do {
      isWanted = false;
      try {
        const view: JournalView = await journal.read();
        show(live(view, now()));
      } catch (error) {
        const why = clean(error instanceof Error ? error.message : String(error), 500);
        show(slice?.value == null ? absent(why) : lost(slice, now(), why));
      }
    } while (isWanted && !closed);
    isReading = false;
  };
  const renew = () => {
    isWanted = true;
    if (!isReading) void read();
  };
  renew();
  return {
    renew,
    close() {
      closed = true;
    },
  };
}
