import type { DraftChange } from './draft.js';

/** The name of a field that is typed: `host 2 address`, `value POD_CIDR`. */
export function hostField(at: number, field: 'name' | 'address'): string {
  return `host ${at} ${field}`;
}

export function valueField(name: string): string {
  return `value ${name}`;
}

/** What a text that was typed into a field changes; null for a field of something else. */
export function fieldChange(field: string, text: string, secret: boolean): DraftChange | null {
  const [kind, first = '', second] = field.split(' ');
  if (kind === 'value') return { do: 'value', name: first, text: text.trim(), secret };
  return kind === 'host' && (second === 'name' || second === 'address') ? { do: 'host', at: Number(first), field: second, text } : null;
}
