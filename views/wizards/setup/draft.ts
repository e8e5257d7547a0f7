import type { Role, SetupChoice, SetupHost } from '../../../src/state/setup.js';

/** The parts of the wizard in their order; the matrix comes after the last. */
export const draftParts = ['profile', 'hosts', 'values', 'outline'] as const;
export type DraftPart = (typeof draftParts)[number];

/** A setup while it is being chosen. */
export interface SetupDraft {
  readonly part: DraftPart;
  readonly choice: SetupChoice;
  /** By variable; handed over when it is opened, and kept nowhere else. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What a person does to it. */
export type DraftChange =
  | { readonly do: 'begin'; readonly choice: SetupChoice; readonly part: DraftPart }
  | { readonly do: 'drop' }
  | { readonly do: 'turn'; readonly by: 1 | -1 }
  /** `hostless`: it asks nothing of hosts, and is set up from here. */
  | { readonly do: 'profile'; readonly profile: string; readonly hostless: boolean }
  | { readonly do: 'playbook'; readonly playbook: string }
  | { readonly do: 'host'; readonly at: number; readonly field: 'name' | 'address'; readonly text: string }
  | { readonly do: 'role'; readonly at: number; readonly role: Role }
  | { readonly do: 'remove'; readonly at: number }
  | { readonly do: 'raise'; readonly at: number }
  | { readonly do: 'seat' }
  /** An empty text goes back to what holds otherwise. */
  | { readonly do: 'value'; readonly name: string; readonly text: string; readonly secret: boolean };

/** What roles there are, as they stand over their columns. */
export const roles = [
  { role: 'control-plane', title: 'CONTROL' },
  { role: 'gpu', title: 'GPU' },
  { role: 'worker', title: 'WORKER' },
  { role: 'load-balancer', title: 'BALANCER' },
  { role: 'nfs-server', title: 'NFS' },
  { role: 'build', title: 'BUILD' },
] as const satisfies readonly { readonly role: Role; readonly title: string }[];

/** A choice in which nothing is chosen yet. */
export const emptyChoice: SetupChoice = { profile: null, playbooks: [], hosts: [], values: {}, seat: 'first-control-plane' };

/** The draft after a change; pure. */
export function reduceDraft(draft: SetupDraft | null, change: DraftChange): SetupDraft | null {
  if (change.do === 'begin') return { part: change.part, choice: change.choice, secrets: {} };
  if (change.do === 'drop' || draft === null) return null;
  if (change.do === 'turn') return { ...draft, part: draftParts[draftParts.indexOf(draft.part) + change.by] ?? draft.part };
  if (change.do === 'value' && change.secret) return { ...draft, secrets: withText(draft.secrets, change.name, change.text) };
  return { ...draft, choice: changeChoice(draft.choice, change) };
}

/** The choice after a change of what is in it. */
export function changeChoice(choice: SetupChoice, change: DraftChange): SetupChoice {
  switch (change.do) {
    case 'profile':
      return { ...choice, profile: change.profile, playbooks: [], seat: change.hostless ? 'here' : choice.seat };
    case 'playbook': {
      const { playbook } = change;
      const playbooks = choice.playbooks.includes(playbook) ? choice.playbooks.filter((one) => one !== playbook) : [...choice.playbooks, playbook];
      return { ...choice, profile: null, playbooks };
    }
    case 'host':
      return { ...choice, hosts: withHost(choice.hosts, change.at, change.field, change.text.trim()) };
    case 'role':
      return { ...choice, hosts: choice.hosts.map((host, index) => (index === change.at ? toggled(host, change.role) : host)) };
    case 'remove':
      return { ...choice, hosts: choice.hosts.filter((_, index) => index !== change.at) };
    case 'raise':
      return { ...choice, hosts: raised(choice.hosts, change.at) };
    case 'seat':
      return { ...choice, seat: choice.seat === 'here' ? 'first-control-plane' : 'here' };
    case 'value':
      return { ...choice, values: withText(choice.values, change.name, change.text) };
    default:
      return choice;
  }
}

/** A name on the row after the last is a new host; without a name there is none. */
function withHost(hosts: readonly SetupHost[], at: number, field: 'name' | 'address', text: string): readonly SetupHost[] {
  if (at < hosts.length) return hosts.map((host, index) => (index === at ? { ...host, [field]: text } : host));
  if (text === '') return hosts;
  const first: readonly Role[] = hosts.length === 0 ? ['control-plane'] : ['gpu'];
  return [...hosts, { name: '', address: '', roles: first, [field]: text }];
}

function toggled(host: SetupHost, role: Role): SetupHost {
  const had = host.roles.includes(role);
  return { ...host, roles: roles.map((one) => one.role).filter((one) => (one === role ? !had : host.roles.includes(one))) };
}

function raised(hosts: readonly SetupHost[], at: number): readonly SetupHost[] {
  const [above, host] = [hosts[at - 1], hosts[at]];
  return above === undefined || host === undefined ? hosts : [...hosts.slice(0, at - 1), host, above, ...hosts.slice(at + 1)];
}

function withText(values: Readonly<Record<string, string>>, name: string, text: string): Readonly<Record<string, string>> {
  const { [name]: _, ...others } = values;
  return text === '' ? others : { ...others, [name]: text };
}
