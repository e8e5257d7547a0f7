/** A place in a template that is filled in: `${NAME}` by a variable's value, `${ROLE.name}` and `${ROLE.address}` by each host of a role. All else with a dollar sign stays as it is. */
export type Placeholder =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'host'; readonly group: HostGroup; readonly field: 'name' | 'address' };

export const hostGroups = ['all', 'control-plane', 'gpu', 'worker', 'load-balancer', 'nfs-server', 'build'] as const;
export type HostGroup = (typeof hostGroups)[number];

/** How a template is filled in: as data where its form is known, else as text. */
export function formOf(template: string): 'yaml' | 'json' | 'text' {
  if (/\.ya?ml$/.test(template)) return 'yaml';
  return template.endsWith('.json') ? 'json' : 'text';
}

/** All of a text, in their order. */
export function placeholders(text: string): readonly Placeholder[] {
  const found: Placeholder[] = [];
  filled(text, (placeholder) => {
    found.push(placeholder);
    return '';
  });
  return found;
}

/** The text with each of its placeholders replaced, in one go: what looks like a placeholder in a value is a value. */
export function filled(text: string, value: (placeholder: Placeholder) => string): string {
  return text.replace(pattern, (all: string, name: string | undefined, group: string | undefined, field: string | undefined) => {
    if (name !== undefined) return value({ kind: 'variable', name });
    const known = hostGroups.find((candidate) => candidate === group);
    return known === undefined || (field !== 'name' && field !== 'address') ? all : value({ kind: 'host', group: known, field });
  });
}

/** The variable that the text is nothing but; null for all else. */
export function onlyVariable(text: string): string | null {
  return /^\$\{([A-Z][A-Z0-9_]*)\}$/.exec(text)?.[1] ?? null;
}

const pattern = /\$\{(?:([A-Z][A-Z0-9_]*)|([a-z-]+)\.(name|address))\}/g;
