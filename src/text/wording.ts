import { count } from './amount.js';

/** `1 pod`, `3 pods`, `10,214 pods`. */
export function counted(amount: number, noun: string, plural = `${noun}s`): string {
  return `${count(amount)} ${amount === 1 ? noun : plural}`;
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 7 more`. */
export function listed(names: readonly string[], atMost = 4): string {
  const shown = names.length <= atMost ? names : [...names.slice(0, atMost - 1), `${count(names.length - atMost + 1)} more`];
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** The text without its last full stop, to be put into a longer sentence. */
export function clause(text: string): string {
  return text.trim().replace(/\.+$/, '');
}
