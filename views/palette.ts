import type { ContextSummary } from '../src/session.js';
import { type ScreenId, tabs } from './screens/screen-ids.js';

/** What a person can ask the app to do by name. */
export type Command =
  | { readonly do: 'show'; readonly screen: ScreenId }
  | { readonly do: 'context'; readonly name: string }
  | { readonly do: 'contexts' }
  | { readonly do: 'settings' }
  | { readonly do: 'demo'; readonly scenario: string }
  /** `file` null: to choose. */
  | { readonly do: 'experiment'; readonly file: string | null }
  /** Begins a new one. */
  | { readonly do: 'setup' }
  | { readonly do: 'help' }
  | { readonly do: 'refresh' }
  | { readonly do: 'quit' };

/** One line of the palette: `text` is what tab completes to, `detail` what it would do. */
export interface Suggestion {
  readonly text: string;
  readonly detail: string;
  readonly command: Command;
}

/** What the palette can offer right now. */
export interface PaletteSource {
  readonly contexts: readonly ContextSummary[];
  readonly scenarios: readonly { readonly name: string; readonly summary: string }[];
}

/** The commands that fit what was typed, best first. Letters may be left out (`nds` finds nodes); nothing typed offers everything but the arguments. */
export function suggestions(typed: string, source: PaletteSource): readonly Suggestion[] {
  const wanted = typed.trimStart().replace(/\s+/g, ' ').toLowerCase();
  const pool = wanted.includes(' ') || wanted === 'ctx' || wanted === 'demo' ? [...commands, ...argumentsOf(source)] : commands;
  return pool
    .map((suggestion) => ({ suggestion, score: score(wanted, suggestion.text.toLowerCase()) }))
    .filter(({ score: found }) => found > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ suggestion }) => suggestion);
}

/** The command that Enter runs: the chosen suggestion, or a sentence on why there is none. */
export function commandFor(typed: string, choice: number, source: PaletteSource): Command | { readonly why: string } {
  const [verb = '', argument] = typed.trim().split(/\s+/);
  // A path is taken as it was typed, not as what it resembles.
  const [, path] = /^\s*experiment\s+(\S.*?)\s*$/.exec(typed) ?? [];
  if (path !== undefined) return { do: 'experiment', file: path };
  const fitting = suggestions(typed, source);
  const exact = fitting.find(({ text }) => text.toLowerCase() === typed.trim().toLowerCase());
  const chosen = choice === 0 ? (exact ?? fitting[0]) : fitting[choice];
  if (chosen !== undefined) return chosen.command;
  if (verb === 'ctx' && argument !== undefined) return { why: `no context "${argument}": there is ${listed(source.contexts)}` };
  if (verb === 'demo' && argument !== undefined) return { why: `no scenario "${argument}": there is ${listed(source.scenarios)}` };
  return { why: verb === '' ? 'nothing typed' : `unknown command "${typed.trim()}": ? lists what there is` };
}

const commands: readonly Suggestion[] = [
  ...tabs.map(({ id, name, key }): Suggestion => ({ text: name.toLowerCase(), detail: `screen ${key}`, command: { do: 'show', screen: id } })),
  { text: 'ctx', detail: 'choose a context of the kubeconfig', command: { do: 'contexts' } },
  { text: 'demo', detail: 'start a demo cluster', command: { do: 'demo', scenario: 'healthy' } },
  { text: 'settings', detail: 'how this context’s machines are reached', command: { do: 'settings' } },
  { text: 'experiment', detail: 'measure a workload at 1, 3 and 8 replicas; or: experiment FILE', command: { do: 'experiment', file: null } },
  { text: 'new setup', detail: 'set machines up: choose a profile, name the hosts, see every step before it runs', command: { do: 'setup' } },
  { text: 'refresh', detail: 'look at everything anew', command: { do: 'refresh' } },
  { text: 'help', detail: 'all keys', command: { do: 'help' } },
  { text: 'quit', detail: 'leave', command: { do: 'quit' } },
];

function argumentsOf({ contexts, scenarios }: PaletteSource): readonly Suggestion[] {
  return [
    ...contexts.map(
      ({ name, server, current }): Suggestion => ({
        text: `ctx ${name}`,
        detail: current ? `${server} (this one)` : server,
        command: { do: 'context', name },
      }),
    ),
    ...scenarios.map(({ name, summary }): Suggestion => ({ text: `demo ${name}`, detail: summary, command: { do: 'demo', scenario: name } })),
  ];
}

function listed(things: readonly { readonly name: string }[]): string {
  return things.length === 0 ? 'none' : things.map(({ name }) => name).join(', ');
}

/** 0: does not fit. Whole beginnings beat parts, parts beat scattered letters; shorter beats longer. */
function score(wanted: string, text: string): number {
  if (wanted === '') return 1;
  if (text === wanted) return 1000;
  if (text.startsWith(wanted)) return 500 - text.length;
  if (text.includes(wanted)) return 300 - text.length;
  return isScattered(wanted, text) ? 100 - text.length : 0;
}

function isScattered(wanted: string, text: string): boolean {
  let from = 0;
  for (const letter of wanted) {
    const found = text.indexOf(letter, from);
    if (found < 0) return false;
    from = found + 1;
  }
  return true;
}
