import { describe, expect, it } from 'vitest';
import { type Action, initialState, listState, reduce, topPage } from '../../views/app-state.js';
import { freshList, select, selectedIndex, sortBy, windowStart } from '../../views/list-state.js';
import { inputOf } from '../../views/text-input.js';
import { aSnapshot } from '../builders/snapshot.js';

const stateAfter = (...actions: readonly Action[]) => actions.reduce(reduce, initialState());

describe('the app', () => {
  it('opens pages over a screen and goes back one at a time', () => {
    const state = stateAfter(
      { type: 'show', screen: 'nodes' },
      { type: 'open', page: { kind: 'node', object: 'gpu-1' } },
      { type: 'open', page: { kind: 'yaml', object: 'node/gpu-1' } },
    );
    expect(topPage(state)?.kind).toBe('yaml');
    expect(topPage(reduce(state, { type: 'back' }))?.object).toBe('gpu-1');
    expect(topPage(reduce(reduce(state, { type: 'back' }), { type: 'back' }))).toBeNull();
  });

  it('keeps a filter per list', () => {
    const state = stateAfter(
      { type: 'filter', list: 'nodes' },
      { type: 'edit', input: inputOf('gpu') },
      { type: 'accept' },
      { type: 'filter', list: 'monitoring' },
    );
    expect(listState(state, 'nodes').filter).toBe('gpu');
    expect(listState(state, 'monitoring').filter).toBe('');
  });

  it('drops a filter on escape', () => {
    const state = stateAfter({ type: 'filter', list: 'nodes' }, { type: 'edit', input: inputOf('gpu') }, { type: 'cancel' });
    expect(listState(state, 'nodes').filter).toBe('');
    expect(state.typing).toBeNull();
  });

  it('goes round the screens and the panels', () => {
    expect(stateAfter({ type: 'turn', by: -1 }).screen).toBe('journal');
    expect(stateAfter({ type: 'turn', by: -1 }, { type: 'turn', by: 1 }).screen).toBe('overview');
    expect(stateAfter({ type: 'panel', by: -1, of: 3 }).panels).toEqual({ overview: 2 });
  });

  it('finds its way through the hits of a search and back to scrolling by hand', () => {
    const found = stateAfter(
      { type: 'open', page: { kind: 'yaml', object: 'x' } },
      { type: 'search' },
      { type: 'edit', input: inputOf('a') },
      { type: 'accept' },
      { type: 'match', by: -1, of: 5 },
    );
    expect(topPage(found)).toMatchObject({ match: 4, following: true });
    expect(topPage(reduce(found, { type: 'scroll', to: 7 }))).toMatchObject({ scroll: 7, following: false });
  });

  it('holds a snapshot while paused', () => {
    const snapshot = aSnapshot();
    expect(stateAfter({ type: 'pause', at: 1, snapshot }).paused?.snapshot).toBe(snapshot);
    expect(stateAfter({ type: 'pause', at: 1, snapshot }, { type: 'resume' }).paused).toBeNull();
  });
});

describe('a list', () => {
  const ids = Array.from({ length: 100 }, (_, index) => `row-${index}`);

  it('moves its window no further than it must', () => {
    const down = select(freshList, ids, 15, 10);
    expect(down).toMatchObject({ selected: 'row-15', offset: 6 });
    expect(select(down, ids, 7, 10).offset).toBe(6);
    expect(select(down, ids, 5, 10).offset).toBe(5);
    expect(select(down, ids, 1000, 10)).toMatchObject({ selected: 'row-99', offset: 90 });
  });

  it('stays on its row when others come, and near its place when it goes', () => {
    const on = select(freshList, ids, 20, 10);
    expect(selectedIndex(on, ['new', ...ids])).toBe(21);
    expect(
      selectedIndex(
        on,
        ids.filter((id) => id !== 'row-20'),
      ),
    ).toBe(20);
    expect(selectedIndex(on, ids.slice(0, 5))).toBe(4);
    expect(selectedIndex(on, [])).toBe(0);
  });

  it('shows a full window when rows at its end go away', () => {
    expect(windowStart(90, 4, 10, 5)).toBe(0);
    expect(windowStart(0, 0, 10, 0)).toBe(0);
  });

  it('sorts the interesting end first, then the other, then not at all', () => {
    const once = sortBy(freshList, 'restarts', true);
    const twice = sortBy(once, 'restarts', true);
    expect([once.sort, twice.sort, sortBy(twice, 'restarts', true).sort]).toEqual([
      { column: 'restarts', descending: true },
      { column: 'restarts', descending: false },
      null,
    ]);
  });
});
