import type { Key } from 'ink';
import { graphemesOf } from '../src/text/graphemes.js';

/**
 * Where a key counts: `any` is everywhere but while typing. `answer` is the Overview, `rows` needs a list with rows, `filterable` one that can be filtered, `text` a page to scroll, `object` something that can be shown as YAML,
 * `panels` more than one panel, `smi` a machine that has GPUs, `wide` a page wider than the screen, `chart` a chart with a cursor, `found` a search with hits, `page` an opened page, `filtered` a list with a filter,
 * `fixable` something with a fix that can be done from here, `fixes` more than one of them, `offered` something to keep as expected, `copyable` requests or commands on screen, `cleanable` something to clean up, `pressed` a node that runs out of disk, `choosing` a choice by age and number, `run-enter`, `run-yes` and `run-name` a plan that waits for its confirmation, `running` one under way, `next` another one behind it, `scalable` a workload with replicas, `logs` something with a log, `replicas` the question how many, `pinnable` that question about something with an autoscaler; the last five are while typing. What begins with `setup`, `cell` and `draft` is of guided setup: its first page, its matrix, the cell under the cursor, and the choice being made; `field` is one of its fields being typed.
 */
export type Place =
  | 'any'
  | 'answer'
  | 'rows'
  | 'filterable'
  | 'text'
  | 'object'
  | 'smi'
  | 'wide'
  | 'chart'
  | 'panels'
  | 'found'
  | 'page'
  | 'filtered'
  | 'fixable'
  | 'fixes'
  | 'offered'
  | 'copyable'
  | 'cleanable'
  | 'pressed'
  | 'choosing'
  | 'run-enter'
  | 'run-yes'
  | 'run-name'
  | 'running'
  | 'next'
  | 'scalable'
  | 'logs'
  | 'replicas'
  | 'pinnable'
  | 'confirm'
  | 'filter'
  | 'search'
  | 'setting'
  | 'palette'
  | 'field'
  | SetupPlace;

/** Guided setup's places: see SetupTarget. */
export type SetupPlace =
  | 'setup-start'
  | 'setup-kept'
  | 'setup-open'
  | 'setup-idle'
  | 'setup-runnable'
  | 'setup-stepwise'
  | 'setup-troubled'
  | 'cell'
  | 'cell-page'
  | 'cell-fixable'
  | 'cell-failed'
  | 'cell-asks'
  | 'cell-undoable'
  | 'cell-host'
  | 'run-choice'
  | 'draft'
  | 'draft-onward'
  | 'draft-profiles'
  | 'draft-hosts'
  | 'draft-seat'
  | 'draft-fields'
  | 'draft-ticks'
  | 'draft-values'
  | 'draft-outline';

/** What must be possible for a key to be there at all: `write` falls away in read-only sessions. */
export type Capability = 'write';

export interface Binding {
  readonly id: KeyId;
  /** As `keyNames` names them; the first is the one shown. */
  readonly keys: readonly string[];
  /** How the keys are written in footer and help, where the first name would not do. */
  readonly shown?: string;
  /** One or two words for the footer; null keeps it out of there. */
  readonly label: string | null;
  readonly where: readonly Place[];
  readonly needs?: Capability;
  readonly group: 'Move' | 'Look' | 'Go' | 'Typing' | 'Setup';
  /** What it does, in 23 characters for the help page; null where the line of a sister key says it. */
  readonly help: string | null;
}

export type KeyId = (typeof table)[number]['id'];

/** The keys that only guided setup knows. */
export type SetupKey = Extract<KeyId, `setup-${string}` | `cell-${string}` | `draft-${string}`>;

type Row = Omit<Binding, 'id'> & { readonly id: string };

// In the order in which the footer offers them and the help page lists them.
const table = [
  { id: 'accept', keys: ['enter'], label: 'keep', where: ['filter', 'search'], group: 'Typing', help: 'keep the filter' },
  { id: 'run', keys: ['enter'], label: 'run', where: ['palette'], group: 'Typing', help: 'run the chosen command' },
  { id: 'complete', keys: ['tab'], label: 'complete', where: ['palette'], group: 'Typing', help: 'complete the command' },
  { id: 'choose-up', keys: ['up', 'ctrl-p', 'shift-tab'], label: null, shown: 'up down', where: ['palette'], group: 'Typing', help: 'the one before, after' },
  { id: 'choose-down', keys: ['down', 'ctrl-n'], label: null, where: ['palette'], group: 'Typing', help: null },
  { id: 'save', keys: ['enter'], label: 'save', where: ['setting'], group: 'Typing', help: null },
  { id: 'plan-scale', keys: ['enter'], label: 'plan', where: ['replicas'], group: 'Typing', help: null },
  { id: 'offered-number', keys: ['tab'], label: 'offered', where: ['replicas'], group: 'Typing', help: null },
  { id: 'pin', keys: ['a'], label: 'pin autoscaler', where: ['pinnable'], group: 'Typing', help: null },
  { id: 'leave-scale', keys: ['esc'], label: 'back', where: ['replicas'], group: 'Typing', help: null },
  { id: 'field-keep', keys: ['enter'], label: 'keep', where: ['field'], group: 'Typing', help: null },
  { id: 'field-next', keys: ['tab'], label: 'next field', where: ['field'], group: 'Typing', help: null },
  { id: 'confirm', keys: ['enter'], label: 'do it', where: ['confirm'], group: 'Typing', help: null },
  {
    id: 'cancel',
    keys: ['esc'],
    label: 'cancel',
    where: ['filter', 'search', 'setting', 'confirm', 'field', 'palette'],
    group: 'Typing',
    help: 'drop what was typed',
  },
  { id: 'help', keys: ['?'], label: 'help', where: ['any'], group: 'Look', help: 'this page' },
  { id: 'palette', keys: [':'], label: 'go to', where: ['any'], group: 'Go', help: 'screens, contexts, demo' },
  { id: 'run-plan', keys: ['enter'], label: 'do it', where: ['run-enter'], needs: 'write', group: 'Look', help: null },
  { id: 'run-plan-yes', keys: ['y'], label: 'do it', where: ['run-yes'], needs: 'write', group: 'Look', help: null },
  { id: 'type-name', keys: ['enter'], label: 'confirm', where: ['run-name'], needs: 'write', group: 'Look', help: null },
  { id: 'setup-begin', keys: ['enter'], label: 'open', where: ['setup-start'], group: 'Setup', help: null },
  { id: 'setup-new', keys: ['n'], label: 'new', where: ['setup-start'], group: 'Setup', help: 'choose anew' },
  { id: 'cell-open', keys: ['enter'], label: 'step', where: ['cell'], group: 'Setup', help: 'all about a step there' },
  { id: 'setup-next', keys: ['n'], label: 'next step', where: ['setup-stepwise'], needs: 'write', group: 'Setup', help: 'step by step: the next' },
  { id: 'cell-retry', keys: ['t'], label: 'retry', where: ['cell-failed'], needs: 'write', group: 'Setup', help: 'try again; i: skip it' },
  { id: 'cell-overwrite', keys: ['o'], label: 'overwrite', where: ['cell-asks'], needs: 'write', group: 'Setup', help: 'write over hand edits' },
  { id: 'cell-skip', keys: ['i'], label: 'skip', where: ['cell-failed', 'cell-asks'], needs: 'write', group: 'Setup', help: null },
  { id: 'cell-fix', keys: ['f'], label: 'fix', where: ['cell-fixable'], needs: 'write', group: 'Setup', help: 'do it here; marked: all' },
  { id: 'setup-all', keys: ['a'], label: 'run all', where: ['setup-runnable'], needs: 'write', group: 'Setup', help: 'do all that is not done' },
  { id: 'cell-undo', keys: ['u'], label: 'undo', where: ['cell-undoable'], needs: 'write', group: 'Setup', help: 'take it back here' },
  { id: 'setup-check', keys: ['r'], label: 'check', where: ['setup-open', 'cell-page'], group: 'Setup', help: 'look again; x: stop' },
  { id: 'cell-trouble', keys: ['tab'], label: 'next trouble', where: ['setup-troubled'], group: 'Setup', help: 'what failed or drifted' },
  { id: 'cell-shell', keys: ['!'], label: 'shell', where: ['cell-host'], needs: 'write', group: 'Setup', help: 'log in to that host' },
  { id: 'setup-edit', keys: ['e'], label: 'edit', where: ['setup-idle'], group: 'Setup', help: 'hosts and variables' },
  { id: 'setup-script', keys: ['v'], label: 'script', where: ['setup-idle'], group: 'Setup', help: 'it all as a script' },
  { id: 'cell-left', keys: ['left', 'h'], shown: 'h l', label: null, where: ['cell', 'cell-page', 'draft-fields'], group: 'Setup', help: 'host before, next' },
  { id: 'cell-right', keys: ['right', 'l'], label: null, where: ['cell', 'cell-page', 'draft-fields'], group: 'Setup', help: null },
  { id: 'setup-stepwise', keys: ['s'], label: 'step by step', where: ['run-choice'], group: 'Setup', help: null },
  { id: 'draft-pick', keys: ['enter'], label: 'choose', where: ['draft-profiles'], group: 'Setup', help: null },
  { id: 'draft-edit', keys: ['enter'], label: 'edit', where: ['draft-hosts', 'draft-seat', 'draft-values'], group: 'Setup', help: null },
  { id: 'draft-tick', keys: ['space'], label: 'tick', where: ['draft-ticks'], group: 'Setup', help: null },
  { id: 'draft-remove', keys: ['d', 'delete'], label: 'remove', where: ['draft-hosts'], group: 'Setup', help: null },
  { id: 'draft-raise', keys: ['K'], label: 'move up', where: ['draft-hosts'], group: 'Setup', help: null },
  { id: 'draft-unset', keys: ['backspace', 'delete'], shown: 'backspace', label: 'default', where: ['draft-values'], group: 'Setup', help: null },
  { id: 'draft-open', keys: ['enter'], label: 'open it', where: ['draft-outline'], group: 'Setup', help: null },
  { id: 'draft-next', keys: ['n'], label: 'next', where: ['draft-onward'], group: 'Setup', help: null },
  { id: 'draft-back', keys: ['esc', 'b'], label: 'back', where: ['draft'], group: 'Setup', help: null },
  { id: 'copy', keys: ['c'], label: 'copy', where: ['copyable'], group: 'Look', help: null },
  { id: 'cancel-run', keys: ['x'], label: 'stop', where: ['running'], needs: 'write', group: 'Look', help: null },
  { id: 'next-plan', keys: ['n'], label: 'next', where: ['next'], needs: 'write', group: 'Look', help: null },
  { id: 'fix', keys: ['f'], shown: 'f', label: 'fix', where: ['fixable'], needs: 'write', group: 'Look', help: 'mend it; F: all in turn' },
  { id: 'fix-all', keys: ['F'], label: 'fix all', where: ['fixes'], needs: 'write', group: 'Look', help: null },
  { id: 'expect', keys: ['e'], label: 'expect this', where: ['offered'], needs: 'write', group: 'Look', help: null },
  { id: 'clean', keys: ['c'], label: 'clean up', where: ['cleanable'], needs: 'write', group: 'Look', help: null },
  { id: 'free-disk', keys: ['d'], label: 'free disk', where: ['pressed'], needs: 'write', group: 'Look', help: null },
  { id: 'older', keys: ['o'], label: 'age', where: ['choosing'], group: 'Look', help: null },
  { id: 'keep', keys: ['n'], label: 'keep', where: ['choosing'], group: 'Look', help: null },
  { id: 'scale', keys: ['s'], label: 'scale', where: ['scalable'], needs: 'write', group: 'Look', help: 'scale; l: log of a pod' },
  { id: 'filter', keys: ['/'], label: 'filter', where: ['filterable'], group: 'Look', help: 'word !not /regex/' },
  { id: 'search', keys: ['/'], label: 'search', where: ['text'], group: 'Look', help: null },
  { id: 'open', keys: ['enter'], label: 'details', where: ['rows'], group: 'Look', help: 'open; Overview: checks' },
  { id: 'why', keys: ['enter'], label: 'why', where: ['answer'], group: 'Look', help: null },
  { id: 'next-match', keys: ['n'], label: 'next', where: ['found'], group: 'Move', shown: 'n N', help: 'next, previous found' },
  { id: 'previous-match', keys: ['N'], label: null, where: ['found'], group: 'Move', help: null },
  { id: 'describe', keys: ['d'], label: null, where: ['rows'], group: 'Look', help: 'all about that row' },
  { id: 'nvidia-smi', keys: ['v'], label: 'nvidia-smi', where: ['smi'], group: 'Look', help: 'nvidia-smi as printed' },
  { id: 'longer', keys: [']'], shown: '[ ]', label: 'range', where: ['chart'], group: 'Move', help: null },
  { id: 'shorter', keys: ['['], label: null, where: ['chart'], group: 'Move', help: null },
  { id: 'cursor-right', keys: ['right', 'l', '.'], shown: 'h l', label: 'cursor', where: ['chart'], group: 'Move', help: null },
  { id: 'cursor-left', keys: ['left', 'h', ','], label: null, where: ['chart'], group: 'Move', help: null },
  { id: 'across', keys: ['>', '.'], shown: '< >', label: 'sideways', where: ['wide'], group: 'Move', help: null },
  { id: 'across-back', keys: ['<', ','], label: null, where: ['wide'], group: 'Move', help: null },
  { id: 'yaml', keys: ['y'], label: 'YAML', where: ['object'], group: 'Look', help: 'the object as YAML' },
  { id: 'log', keys: ['l'], label: 'log', where: ['logs'], group: 'Look', help: null },
  { id: 'mark', keys: ['space'], label: null, where: ['rows'], group: 'Move', help: 'mark a row; c: clean up' },
  { id: 'panel', keys: ['tab'], label: 'panel', where: ['panels'], group: 'Move', help: 'next panel; shift: back' },
  { id: 'panel-back', keys: ['shift-tab'], label: null, where: ['panels'], group: 'Move', help: null },
  { id: 'pause', keys: ['p'], label: 'pause', where: ['any'], group: 'Look', help: 'hold the picture still' },
  { id: 'back', keys: ['esc'], label: 'back', where: ['page', 'filtered'], group: 'Go', help: 'back; drop the filter' },
  { id: 'quit', keys: ['q'], label: 'quit', where: ['any'], group: 'Go', help: 'back, or quit' },
  { id: 'refresh', keys: ['r'], label: 'refresh', where: ['any'], group: 'Look', help: 'look at it all anew' },
  { id: 'down', keys: ['down', 'j'], shown: 'j k arrows', label: null, where: ['rows', 'text'], group: 'Move', help: 'one row down, up' },
  { id: 'up', keys: ['up', 'k'], shown: 'k up', label: null, where: ['rows', 'text'], group: 'Move', help: null },
  { id: 'page-down', keys: ['pgdn', 'ctrl-f'], shown: 'pgdn ctrl-f', label: null, where: ['rows', 'text'], group: 'Move', help: 'a page down' },
  { id: 'page-up', keys: ['pgup', 'ctrl-b'], shown: 'pgup ctrl-b', label: null, where: ['rows', 'text'], group: 'Move', help: 'a page up' },
  { id: 'first', keys: ['g', 'home'], shown: 'g G home end', label: null, where: ['rows', 'text'], group: 'Move', help: 'to the top, to the end' },
  { id: 'last', keys: ['G', 'end'], shown: 'G end', label: null, where: ['rows', 'text'], group: 'Move', help: null },
  {
    id: 'screen',
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: '1 … 9',
    label: null,
    where: ['any'],
    group: 'Go',
    help: 'that screen',
  },
  { id: 'screen-back', keys: ['left', 'h'], shown: 'h l arrows', label: null, where: ['any'], group: 'Go', help: 'screen before, next' },
  { id: 'screen-next', keys: ['right', 'l'], label: null, where: ['any'], group: 'Go', help: null },
  {
    id: 'leave',
    keys: ['ctrl-c'],
    label: null,
    where: ['any', 'filter', 'search', 'setting', 'confirm', 'field', 'replicas', 'palette'],
    group: 'Go',
    help: 'quit from anywhere',
  },
  {
    id: 'suspend',
    keys: ['ctrl-z'],
    label: null,
    where: ['any', 'filter', 'search', 'setting', 'confirm', 'field', 'replicas', 'palette'],
    group: 'Go',
    help: 'to the shell (fg: back)',
  },
  {
    id: 'redraw',
    keys: ['ctrl-l'],
    label: null,
    where: ['any', 'filter', 'search', 'setting', 'confirm', 'field', 'replicas', 'palette'],
    group: 'Go',
    help: 'paint the screen anew',
  },
] as const satisfies readonly Row[];

/** Every key there is. Footer, help page and dispatch are all made from this. */
export const bindings: readonly Binding[] = table;

/** The keys that count in these places, in the table's order; where two bindings share their keys, the one that stands first. */
export function activeBindings(places: ReadonlySet<Place>, capabilities: ReadonlySet<Capability>, all: readonly Binding[] = bindings): readonly Binding[] {
  const taken = new Set<string>();
  return all.filter(({ where, needs, keys }) => {
    if (!where.some((place) => places.has(place)) || (needs !== undefined && !capabilities.has(needs)) || keys.every((key) => taken.has(key))) return false;
    for (const key of keys) taken.add(key);
    return true;
  });
}

/** How a binding's key is written for people. */
export function shownKey({ shown, keys }: Binding): string {
  return shown ?? keys[0] ?? '';
}

/**
 * The keys in one piece of input, by name: `j`, `G`, `enter`, `ctrl-f`. Keys held down, or typed while the terminal was slow, arrive together
 * in one piece; ctrl-h is what many terminals send for backspace.
 */
export function keyNames(input: string, key: Partial<Key>): readonly string[] {
  const special = specialName(key);
  if (special !== null) return [special];
  if (key.ctrl === true) return input === '' ? [] : [controlNames.get(input) ?? `ctrl-${input}`];
  if (key.meta === true) return [];
  return graphemesOf(input)
    .map(characterName)
    .filter((name) => name !== '');
}

function specialName(key: Partial<Key>): string | null {
  if (key.tab === true) return key.shift === true ? 'shift-tab' : 'tab';
  for (const [flag, name] of specials) if (key[flag] === true) return name;
  return null;
}

const specials = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pgdn'],
  ['pageUp', 'pgup'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const;

const controlNames = new Map([
  ['h', 'backspace'],
  ['j', 'enter'],
  ['m', 'enter'],
  ['i', 'tab'],
  ['[', 'esc'],
]);

function characterName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === ' ') return 'space';
  if (character === '\r' || character === '\n' || character === '\r\n') return 'enter';
  if (code === 0x7f) return 'backspace';
  if (code === 0x1b) return 'esc';
  if (code >= 0x20) return character;
  const letter = String.fromCharCode(code + 0x60);
  return controlNames.get(letter) ?? `ctrl-${letter}`;
}
