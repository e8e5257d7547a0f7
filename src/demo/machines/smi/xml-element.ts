/** An element with what is in it: text, or elements. `id` is the only attribute that nvidia-smi writes. */
export interface Element {
  readonly name: string;
  readonly id?: string;
  readonly body: string | readonly Element[];
}

/** `el('a', 'text')`, `el('a', [el('b', …)])` */
export function el(name: string, body: string | number | readonly Element[]): Element {
  return { name, body: typeof body === 'number' ? String(body) : body };
}

/** Leaves of the names and values of an object, in its order. */
export function leaves(values: Readonly<Record<string, string | number>>): Element[] {
  return Object.entries(values).map(([name, value]) => el(name, value));
}

/** Text as nvidia-smi writes it: tabs, an empty list on two lines. */
export function print({ name, id, body }: Element, depth: number): string {
  const indent = '\t'.repeat(depth);
  const open = id === undefined ? `<${name}>` : `<${name} id="${id}">`;
  if (typeof body === 'string') return `${indent}${open}${escaped(body)}</${name}>\n`;
  return `${indent}${open}\n${body.map((child) => print(child, depth + 1)).join('')}${indent}</${name}>\n`;
}

function escaped(text: string): string {
  if (!/[&<>]/.test(text)) return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
