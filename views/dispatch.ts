import type { OperationRef } from '../src/state/operations.js';
import { type ScaleTarget, scaleRef } from '../src/state/scaling.js';
import { type Action, type AppState, listState, topPage } from './app-state.js';
import type { ChartTarget, KeyTarget, ListTarget, WizardTarget } from './key-target.js';
import { activeBindings, type Capability, type KeyId, type Place, type SetupKey } from './keys.js';
import { selectedIndex } from './list-state.js';
import { listRefs, operationObject } from './operation-object.js';
import { type Command, commandFor, type PaletteSource, suggestions } from './palette.js';
import { tabs } from './screens/screen-ids.js';
import { editInput, inputOf } from './text-input.js';

/** What a key sets off beside a change of the app's own state. */
export type Effect =
  | { readonly effect: 'command'; readonly command: Command }
  | { readonly effect: 'setting'; readonly path: string; readonly value: string }
  | { readonly effect: 'expect'; readonly fields: NonNullable<KeyTarget['offer']> }
  | { readonly effect: 'wizard'; readonly wish: Parameters<WizardTarget['act']>[0] }
  | { readonly effect: 'chart'; readonly wish: Parameters<ChartTarget['act']>[0] }
  | { readonly effect: 'setup'; readonly key: SetupKey }
  | { readonly effect: 'field'; readonly field: string; readonly text: string; readonly next: boolean }
  | { readonly effect: 'copy'; readonly text: string }
  | { readonly effect: 'pause' }
  | { readonly effect: 'suspend' }
  | { readonly effect: 'redraw' };

export interface KeyContext {
  readonly state: AppState;
  readonly target: KeyTarget;
  /** Worked out only where it is typed into. */
  readonly palette: () => PaletteSource;
  readonly capabilities: ReadonlySet<Capability>;
}

/** What one key does, given where the app stands; nothing where the key means nothing there. */
export function dispatchKey(key: string, context: KeyContext): readonly (Action | Effect)[] {
  const places = placesOf(context);
  const binding = activeBindings(places, context.capabilities).find(({ keys }) => keys.includes(key));
  if (binding !== undefined) return actOn(binding.id, key, context);
  const { typing } = context.state;
  if (typing !== null) {
    const input = editInput(typing.input, key);
    return input === null ? moveWhileTyping(key, context) : [{ type: 'edit', input }];
  }
  const withheld = activeBindings(places, writing).find(({ keys }) => keys.includes(key));
  if (withheld?.label != null) return [{ type: 'notice', notice: { text: `this session is read-only: no "${withheld.label}" from here`, tone: 'bad' } }];
  return sortBy(key, context.target.list);
}

const writing: ReadonlySet<Capability> = new Set(['write']);

/** Where the app stands, as the key table names it. */
export function placesOf({ state, target }: { readonly state: AppState; readonly target: KeyTarget }): ReadonlySet<Place> {
  if (state.typing?.into === 'replicas' && target.replicas?.pinnable === true) return new Set(['replicas', 'pinnable']);
  if (state.typing !== null) return new Set([state.typing.into]);
  const places = new Set<Place>(['any']);
  if (target.list !== undefined) places.add('rows');
  if (target.list !== undefined && target.list.whole !== true) places.add('filterable');
  if (target.page !== undefined && topPage(state) === null) places.add('answer');
  if (target.text !== undefined) places.add('text');
  if (target.object !== undefined || target.list?.object !== undefined) places.add('object');
  if (target.nvidiaSmi !== undefined || target.list?.nvidiaSmi !== undefined) places.add('smi');
  if ((target.text?.across?.furthest ?? 0) > 0) places.add('wide');
  if (target.chart !== undefined) places.add('chart');
  if ((target.panels ?? 1) > 1) places.add('panels');
  if ((target.text?.found ?? 0) > 0) places.add('found');
  if (target.fix !== undefined || fixOfRow(state, target.list) !== null) places.add('fixable');
  if ((target.fixes?.length ?? 0) > 1) places.add('fixes');
  if (scaleTargets(state, target).length > 0) places.add('scalable');
  if (logOf(state, target) !== null) places.add('logs');
  if (target.offer !== undefined) places.add('offered');
  if (target.copy !== undefined) places.add('copyable');
  if ((target.clean?.ages ?? 0) > 0) places.add('choosing');
  if (target.clean?.wish != null) places.add('cleanable');
  if (target.clean?.disk != null) places.add('pressed');
  if (target.wizard?.confirm === 'enter') places.add('run-enter');
  if (target.wizard?.confirm === 'yes') places.add('run-yes');
  if (target.wizard?.confirm === 'name') places.add('run-name');
  if (target.wizard?.running === true) places.add('running');
  if (target.wizard?.next === true) places.add('next');
  for (const place of target.setup?.places ?? []) places.add(place);
  if (topPage(state) !== null) places.add('page');
  if (target.list !== undefined && listState(state, target.list.id).filter !== '') places.add('filtered');
  return places;
}

function actOn(id: KeyId, key: string, context: KeyContext): readonly (Action | Effect)[] {
  const { state, target } = context;
  switch (id) {
    case 'help':
      return topPage(state)?.kind === 'help' ? [{ type: 'back' }] : [{ type: 'open', page: { kind: 'help', object: '' } }];
    case 'palette':
      return [{ type: 'palette' }];
    case 'filter':
      return target.list === undefined ? [] : [{ type: 'filter', list: target.list.id }];
    case 'search':
      return [{ type: 'search' }];
    case 'accept':
      return [{ type: 'accept' }];
    case 'cancel':
      return [{ type: 'cancel' }];
    case 'run':
    case 'complete':
    case 'choose-up':
    case 'choose-down':
      return inPalette(id, context);
    case 'open':
    case 'describe':
      return openRow(id, context);
    case 'why':
      return target.page === undefined ? [] : [{ type: 'open', page: target.page }];
    case 'nvidia-smi':
      return openNvidiaSmi(context);
    case 'longer':
    case 'shorter':
      return [{ effect: 'chart', wish: { do: 'range', by: id === 'longer' ? 1 : -1 } }];
    case 'cursor-right':
    case 'cursor-left':
      return [{ effect: 'chart', wish: { do: 'cursor', by: id === 'cursor-right' ? 1 : -1 } }];
    case 'across':
    case 'across-back':
      return moveAcross(id, context);
    case 'save':
      return state.typing?.into === 'setting' ? [{ effect: 'setting', path: state.typing.path, value: state.typing.input.text.trim() }] : [];
    case 'fix':
      return openFixes(fixOfRow(state, target.list) ?? target.fix ?? null);
    case 'fix-all':
      return openFixes(...(target.fixes ?? []));
    case 'expect':
      return target.offer === undefined ? [] : [{ effect: 'expect', fields: target.offer }];
    case 'clean':
      return openFixes(target.clean?.wish ?? null);
    case 'free-disk':
      return openFixes(target.clean?.disk ?? null);
    case 'older':
      return target.clean === undefined ? [] : [{ type: 'dial', dial: 'clean-age', of: target.clean.ages }];
    case 'keep':
      return target.clean === undefined ? [] : [{ type: 'dial', dial: 'clean-keep', of: target.clean.keeps }];
    case 'copy':
      return target.copy === undefined ? [] : [{ effect: 'copy', text: target.copy }];
    case 'run-plan':
    case 'run-plan-yes':
      return [{ effect: 'wizard', wish: { do: 'run', typed: null } }];
    case 'type-name':
      return [{ type: 'confirm' }];
    case 'confirm':
      return state.typing?.into === 'confirm' ? [{ type: 'cancel' }, { effect: 'wizard', wish: { do: 'run', typed: state.typing.input.text.trim() } }] : [];
    case 'field-keep':
    case 'field-next':
      if (state.typing?.into !== 'field') return [];
      return [{ type: 'accept' }, { effect: 'field', field: state.typing.field, text: state.typing.input.text, next: id === 'field-next' }];
    case 'cancel-run':
      return [{ effect: 'wizard', wish: { do: 'cancel' } }];
    case 'next-plan':
      return nextPlan(state);
    case 'scale':
      return openScale(scaleTargets(state, target));
    case 'log': {
      const log = logOf(state, target);
      return log === null ? [] : [{ type: 'open', page: { kind: 'pod-log', object: log } }];
    }
    case 'plan-scale':
      return planScale(context);
    case 'offered-number':
      return offeredNumber(context);
    case 'pin':
      return [{ type: 'pin' }];
    case 'leave-scale':
      return [{ type: 'cancel' }, { type: 'back' }];
    case 'yaml':
      return openYaml(context);
    case 'mark':
      return markRow(context);
    case 'next-match':
    case 'previous-match':
      return [{ type: 'match', by: id === 'next-match' ? 1 : -1, of: target.text?.found ?? 0 }];
    case 'panel':
    case 'panel-back':
      return [{ type: 'panel', by: id === 'panel' ? 1 : -1, of: target.panels ?? 1 }];
    case 'down':
    case 'up':
    case 'page-down':
    case 'page-up':
    case 'first':
    case 'last':
      return move(id, target);
    case 'screen': {
      const tab = tabs.find((one) => one.key === key);
      return tab === undefined ? [] : [{ type: 'show', screen: tab.id }];
    }
    case 'screen-next':
    case 'screen-back':
      return [{ type: 'turn', by: id === 'screen-next' ? 1 : -1 }];
    case 'back':
      return back(context);
    case 'quit':
      return topPage(state) === null ? [{ effect: 'command', command: { do: 'quit' } }] : [{ type: 'back' }];
    case 'leave':
      return [{ effect: 'command', command: { do: 'quit' } }];
    case 'refresh':
      return [{ effect: 'command', command: { do: 'refresh' } }];
    case 'pause':
    case 'suspend':
    case 'redraw':
      return [{ effect: id }];
    default:
      return [{ effect: 'setup', key: id }];
  }
}

function inPalette(id: 'run' | 'complete' | 'choose-up' | 'choose-down', { state, palette }: KeyContext): readonly (Action | Effect)[] {
  if (state.typing?.into !== 'palette') return [];
  const { input, choice } = state.typing;
  const offered = suggestions(input.text, palette());
  switch (id) {
    case 'choose-up':
    case 'choose-down': {
      if (offered.length === 0) return [];
      return [{ type: 'choose', choice: (choice + (id === 'choose-down' ? 1 : -1) + offered.length) % offered.length }];
    }
    case 'complete': {
      const chosen = offered[choice];
      if (chosen === undefined) return [];
      const takesMore = chosen.text === 'ctx' || chosen.text === 'demo';
      return [{ type: 'edit', input: inputOf(takesMore ? `${chosen.text} ` : chosen.text) }];
    }
    case 'run': {
      const command = commandFor(input.text, choice, palette());
      if ('why' in command) return [{ type: 'accept' }, { type: 'notice', notice: { text: command.why, tone: 'bad' } }];
      return [{ type: 'accept' }, { effect: 'command', command }];
    }
  }
}

/** Up and down go on moving through the list while its filter is typed. */
function moveWhileTyping(key: string, { state, target }: KeyContext): readonly Action[] {
  if (state.typing?.into !== 'filter') return [];
  if (key === 'down' || key === 'up') return move(key, target);
  if (key === 'pgdn' || key === 'pgup') return move(key === 'pgdn' ? 'page-down' : 'page-up', target);
  return [];
}

function move(id: 'down' | 'up' | 'page-down' | 'page-up' | 'first' | 'last', { list, text }: KeyTarget): readonly Action[] {
  if (list !== undefined) {
    const step = { down: 1, up: -1, 'page-down': list.page, 'page-up': -list.page, first: null, last: null }[id];
    const to = step === null ? (id === 'first' ? 0 : list.ids.length - 1) : { by: step };
    return [{ type: 'select', list: list.id, ids: list.ids, page: list.page, to }];
  }
  if (text === undefined) return [];
  const furthest = Math.max(0, text.total - text.page);
  const to = { down: text.at + 1, up: text.at - 1, 'page-down': text.at + text.page, 'page-up': text.at - text.page, first: 0, last: furthest }[id];
  return [{ type: 'scroll', to: Math.max(0, Math.min(to, furthest)) }];
}

function openRow(id: 'open' | 'describe', { state, target }: KeyContext): readonly (Action | Effect)[] {
  const row = selectedRow(state, target.list);
  const outcome = row === null ? null : (target.list?.open?.(row) ?? null);
  if (outcome === null) return [];
  if ('page' in outcome) return [{ type: 'open', page: outcome.page }];
  if ('edit' in outcome) return id === 'open' ? [{ type: 'edit-setting', ...outcome.edit }] : [];
  return id === 'open' ? [{ effect: 'command', command: outcome.command }] : [];
}

function openFixes(...refs: readonly (OperationRef | null)[]): readonly Action[] {
  const wanted = refs.filter((ref) => ref !== null);
  return wanted.length === 0 ? [] : [{ type: 'open', page: { kind: 'operation', object: operationObject(wanted) } }];
}

function nextPlan(state: AppState): readonly Action[] {
  const [, ...rest] = listRefs(topPage(state)?.object ?? '');
  return rest.length === 0 ? [{ type: 'back' }] : [{ type: 'replace', page: { kind: 'operation', object: operationObject(rest) } }];
}

function fixOfRow(state: AppState, list: ListTarget | undefined): OperationRef | null {
  const row = selectedRow(state, list);
  return row === null ? null : (list?.fix?.(row) ?? null);
}

/** The marked rows that can be scaled, else the selected one, else what the page is about. */
function scaleTargets(state: AppState, { list, scale }: KeyTarget): readonly ScaleTarget[] {
  if (list?.scale === undefined) return scale === undefined ? [] : [scale];
  const { marks } = listState(state, list.id);
  const marked = list.ids.filter((id) => marks.has(id)).flatMap((id) => list.scale?.(id) ?? []);
  const row = selectedRow(state, list);
  const selected = row === null ? null : list.scale(row);
  return marked.length > 0 ? marked : selected === null ? [] : [selected];
}

function logOf(state: AppState, { list, log }: KeyTarget): string | null {
  const row = selectedRow(state, list);
  return (row === null ? null : list?.log?.(row)) ?? log ?? null;
}

function openScale(targets: readonly ScaleTarget[]): readonly Action[] {
  return [{ type: 'open', page: { kind: 'scale', object: JSON.stringify(targets) } }, { type: 'replicas' }];
}

function planScale({ state: { typing }, target: { replicas } }: KeyContext): readonly Action[] {
  if (typing?.into !== 'replicas' || replicas === undefined || !replicas.valid) return [];
  const ref = scaleRef(replicas.targets, Number(typing.input.text), typing.pinned);
  return [{ type: 'replace', page: { kind: 'operation', object: operationObject([ref]) } }];
}

/** The number after the one that is typed, or the first. */
function offeredNumber({ state: { typing }, target: { replicas } }: KeyContext): readonly Action[] {
  if (typing?.into !== 'replicas' || replicas === undefined) return [];
  const { offered } = replicas;
  const next = offered[(offered.indexOf(Number(typing.input.text === '' ? Number.NaN : typing.input.text)) + 1) % Math.max(1, offered.length)];
  return next === undefined ? [] : [{ type: 'edit', input: inputOf(String(next)) }];
}

function openYaml({ state, target }: KeyContext): readonly Action[] {
  const row = selectedRow(state, target.list);
  const object = target.object ?? (row === null ? null : (target.list?.object?.(row) ?? null));
  if (object === null || topPage(state)?.kind === 'yaml') return [];
  return [{ type: 'open', page: { kind: 'yaml', object } }];
}

function openNvidiaSmi({ state, target }: KeyContext): readonly Action[] {
  const row = selectedRow(state, target.list);
  const machine = target.nvidiaSmi ?? (row === null ? null : (target.list?.nvidiaSmi?.(row) ?? null));
  if (machine === null || topPage(state)?.kind === 'nvidia-smi') return [];
  return [{ type: 'open', page: { kind: 'nvidia-smi', object: machine } }];
}

function moveAcross(id: 'across' | 'across-back', { state, target: { text } }: KeyContext): readonly Action[] {
  if (text?.across === undefined) return [];
  const { furthest } = text.across;
  // A key held down comes many times before the next frame: each counts from the one before it.
  const at = Math.min(furthest, topPage(state)?.across ?? 0);
  return [{ type: 'across', to: Math.max(0, Math.min(furthest, at + (id === 'across' ? 8 : -8))) }];
}

function markRow({ state, target: { list } }: KeyContext): readonly Action[] {
  const row = selectedRow(state, list);
  if (row === null || list === undefined) return [];
  return [
    { type: 'mark', list: list.id, id: row },
    { type: 'select', list: list.id, ids: list.ids, page: list.page, to: { by: 1 } },
  ];
}

function back({ state, target: { list } }: KeyContext): readonly Action[] {
  if (topPage(state) !== null) return [{ type: 'back' }];
  if (list === undefined || listState(state, list.id).filter === '') return [];
  return [{ type: 'filter', list: list.id }, { type: 'cancel' }];
}

function sortBy(key: string, list: ListTarget | undefined): readonly Action[] {
  const found = list?.sorts.find((sort) => sort.key === key);
  if (list === undefined || found === undefined) return [];
  return [{ type: 'sort', list: list.id, column: found.column, descendingFirst: found.descendingFirst }];
}

function selectedRow(state: AppState, list: ListTarget | undefined): string | null {
  if (list === undefined) return null;
  return list.ids[selectedIndex(listState(state, list.id), list.ids)] ?? null;
}
