import type { SetupVariable, VariableType } from '../../../src/state/setup.js';

/** Variables of one kind, under one heading. */
export interface VariableGroup {
  readonly title: string;
  readonly variables: readonly SetupVariable[];
}

/** The variables by what they are about; the groups stand still while values change. */
export function variableGroups(variables: readonly SetupVariable[]): readonly VariableGroup[] {
  const groups = titles.map((title) => ({ title, variables: variables.filter((variable) => titleOf(variable) === title) }));
  return groups.filter((group) => group.variables.length > 0);
}

const titles = ['Secrets', 'What to use', 'Network', 'Versions', 'Names and users', 'Sizes and numbers', 'Places', 'Images'] as const;

function titleOf({ secret, type }: SetupVariable): (typeof titles)[number] {
  return secret ? 'Secrets' : byType[type];
}

const byType: Readonly<Record<VariableType, (typeof titles)[number]>> = {
  choice: 'What to use',
  flag: 'What to use',
  cidr: 'Network',
  address: 'Network',
  hostname: 'Network',
  port: 'Network',
  version: 'Versions',
  name: 'Names and users',
  user: 'Names and users',
  text: 'Names and users',
  number: 'Sizes and numbers',
  quantity: 'Sizes and numbers',
  path: 'Places',
  url: 'Places',
  image: 'Images',
};

/** The value after the one it has, where there are only some to choose from; null where it is typed. */
export function nextChoice({ type, choices, value }: SetupVariable): string | null {
  const all = type === 'flag' ? ['yes', 'no'] : type === 'choice' ? choices : [];
  return all[(all.indexOf(value ?? '') + 1) % Math.max(1, all.length)] ?? null;
}

/** Where a value comes from, in words. */
export const origins: Readonly<Record<SetupVariable['origin'], string>> = {
  set: 'yours',
  detected: 'detected',
  profile: 'profile',
  default: 'default',
  none: '',
};
