import type { ReactElement } from 'react';
import type { SetupCatalogue, SetupHost } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { cut, pad, widthOf, wrap } from '../../../src/text/width.js';
import { counted } from '../../../src/text/wording.js';
import { type Action, type AppState, listState } from '../../app-state.js';
import { useKeyTarget } from '../../key-target.js';
import { selectedIndex } from '../../list-state.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { emptyChoice, type SetupDraft } from '../../wizards/setup/draft.js';
import type { KeptSetup, SetupControl } from '../../wizards/setup/use-setup.js';
import type { ScreenProps } from '../screen-props.js';

/** Nothing is open: what was chosen an earlier time, and the way to a new one. */
export function SetupStart({
  snapshot,
  width,
  height,
  list,
  setup,
  draft,
}: ScreenProps & { readonly setup: SetupControl; readonly draft: SetupDraft | null }): ReactElement {
  const inner = innerWidth(width);
  const kept = setup.kept.status === 'read' ? setup.kept.value : null;
  const ids = [...(draft === null ? [] : ['begun']), ...(kept === null ? [] : ['kept']), 'new'];
  const selected = ids[selectedIndex(list('setup-start'), ids)] ?? 'new';
  useKeyTarget({
    list: { id: 'setup-start', ids, page: 2, sorts: [], whole: true },
    setup: { places: ['setup-start'], act: (key, app) => (key === 'setup-new' ? begin(kept) : key === 'setup-begin' ? choose(app, ids, kept, setup) : []) },
  });
  const context = 'context' in snapshot.connection ? snapshot.connection.context : '';
  const lines: readonly Line[] = [
    [],
    ...wrap(invitation, Math.min(inner - 4, 96)).map((text) => line('  ', text)),
    [],
    ...promises.map(([sign, text]) => line('  ', ['good', `${sign} `], ['dim', cut(text, inner - 4)])),
    [],
    ...(draft === null
      ? []
      : [...entry(`Go on choosing: ${begunWords(draft)}`, 'it was left before it was opened; nothing has run', selected === 'begun', inner), []]),
    ...(kept === null ? [] : [...keptLines(kept, context, selected === 'kept', inner, height >= 30), []]),
    ...entry('New setup', 'choose a profile, name the hosts, see every step before anything runs', selected === 'new', inner),
  ];
  const bottom = bottomLines(setup, inner);
  const room = innerHeight(height) - bottom.length;
  const profiles = setup.catalogue.status === 'read' ? profileLines(setup.catalogue.value.profiles, inner) : [];
  const all = lines.length + profiles.length + 1 <= room ? [...lines, [], ...profiles] : lines;
  const filled = [...all.slice(0, room), ...Array.from({ length: Math.max(0, room - all.length) }, (): Line => [])];
  return (
    <Panel
      title="Setup"
      right={setup.busy === null ? [] : line(['accent', '◌ '], ['dim', setup.busy])}
      lines={[...filled, ...bottom]}
      width={width}
      height={height}
    />
  );
}

const invitation =
  'From bare machines to a GPU cluster, and back to it whenever something has changed: container runtime, Kubernetes, network, GPU driver, monitoring, storage.';

const promises = [
  ['✓', 'looks before it runs: what is done already is left alone'],
  ['✓', 'shows every command with its values, and proves what it did'],
  ['✓', 'goes on where it stopped: after a failure, a lost line, a reboot'],
] as const;

function entry(title: string, about: string, selected: boolean, width: number): readonly Line[] {
  return [
    line(['accent', selected ? '▸ ' : '  '], [selected ? 'selected' : 'strong', ` ${cut(title, width - 4)} `]),
    ...wrap(about, width - 4).map((text) => line('   ', ['dim', text])),
  ];
}

/** `lab: single-node-crio-calico-a16, 3 hosts` */
function keptLines({ choice, outline }: KeptSetup, context: string, selected: boolean, width: number, tall: boolean): readonly Line[] {
  const cluster = clean(outline?.cluster ?? context);
  const what = choice.profile ?? (choice.playbooks.length === 0 ? 'nothing chosen yet' : counted(choice.playbooks.length, 'playbook'));
  const fresh = choice.profile === null && choice.playbooks.length === 0;
  const about = fresh ? 'its nodes are known already: choose what they should have' : 'kept from last time; enter looks at every step and changes nothing';
  const shown = tall ? choice.hosts.slice(0, 10) : choice.hosts.slice(0, 3);
  return [
    ...entry(`${cluster}: ${clean(what)}, ${counted(choice.hosts.length, 'host')}`, about, selected, width),
    ...shown.map((host) => hostLine(host, choice.hosts)),
    ...(choice.hosts.length > shown.length ? [line(['dim', `     and ${choice.hosts.length - shown.length} more`])] : []),
  ];
}

function begunWords({ choice }: SetupDraft): string {
  return `${clean(choice.profile ?? (choice.playbooks.length === 0 ? 'nothing chosen yet' : counted(choice.playbooks.length, 'playbook')))}, ${counted(choice.hosts.length, 'host')}`;
}

/** What there is to choose from, in a line each. */
function profileLines(profiles: SetupCatalogue['profiles'], width: number): readonly Line[] {
  if (profiles.length === 0) return [];
  const ids = Math.min(32, Math.max(...profiles.map(({ id }) => id.length)));
  return [
    line('   ', ['title', 'Profiles'], ['dim', ` ${'─'.repeat(Math.max(1, width - 12))}`]),
    ...profiles.map(({ id, title }) => line('   ', pad(cut(clean(id), ids), ids), ['dim', `  ${cut(clean(title), width - ids - 6)}`])),
  ];
}

function hostLine({ name, address, roles }: SetupHost, all: readonly SetupHost[]): Line {
  const names = Math.min(30, Math.max(...all.map((host) => widthOf(clean(host.name)))));
  const addresses = Math.min(30, Math.max(...all.map((host) => widthOf(clean(host.address)))));
  return line('     ', pad(cut(clean(name), names), names), '  ', ['dim', `${pad(cut(clean(address), addresses), addresses)}  ${roles.join(', ')}`]);
}

function bottomLines({ catalogue, kept, problem }: SetupControl, width: number): readonly Line[] {
  const trouble = [
    problem,
    kept.status === 'failed' ? `what was kept cannot be read: ${kept.why}` : null,
    catalogue.status === 'failed' ? catalogue.why : null,
  ].filter((text) => text !== null);
  const told = trouble.flatMap((text) =>
    wrap(text, width - 2)
      .slice(0, 2)
      .map((part, index) => line(index === 0 ? ['bad', '✗ '] : '  ', part)),
  );
  if (catalogue.status === 'failed') return told;
  if (catalogue.status === 'loading') return [...told, line(['dim', '◌ reading the playbooks'])];
  const { profiles, playbooks, problems } = catalogue.value;
  const steps = playbooks.reduce((sum, playbook) => sum + playbook.steps.length, 0);
  const own = problems.slice(0, 3).flatMap((text) =>
    wrap(clean(text), width - 2)
      .slice(0, 2)
      .map((part, index) => line(index === 0 ? ['warn', '! '] : '  ', part)),
  );
  return [...told, ...own, line(['dim', `${counted(profiles.length, 'profile')}, ${counted(playbooks.length, 'playbook')}, ${counted(steps, 'step')}`])];
}

function choose(app: AppState, ids: readonly string[], kept: KeptSetup | null, setup: SetupControl): readonly Action[] {
  const chosen = ids[selectedIndex(listState(app, 'setup-start'), ids)];
  if (chosen === 'begun') return [{ type: 'open', page: { kind: 'setup-wizard', object: '' } }];
  if (chosen !== 'kept' || kept === null) return begin(kept);
  const { choice, outline } = kept;
  // What cannot run as it is needs a person first.
  if (choice.profile === null && choice.playbooks.length === 0) return begin(kept);
  if (outline === null || outline.problems.length > 0) return wizard({ do: 'begin', choice, part: 'outline' });
  setup.open(choice, {});
  return [];
}

function begin(kept: KeptSetup | null): readonly Action[] {
  return wizard({ do: 'begin', choice: kept?.choice ?? emptyChoice, part: 'profile' });
}

function wizard(change: Extract<Action, { type: 'draft' }>['change']): readonly Action[] {
  return [
    { type: 'draft', change },
    { type: 'open', page: { kind: 'setup-wizard', object: '' } },
  ];
}
