import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSignatures } from '../signature-files.js';
import type { SetupCatalogue } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { type FromFile, playbookProblems, profileProblems, type Surroundings, variableProblems } from './coherence.js';
import type { Playbook, Profile, VariableSpec } from './playbook.js';
import { playbookOf, profileOf, variablesOf } from './read-playbook.js';
import { readValidators, type Validators, validated } from './schema.js';
import { shellNames } from './shell-names.js';
import { TemplateFolders } from './template-folders.js';
import { parseVersionMatrix, type VersionMatrix } from './version-matrix.js';
import { withVariables } from './visible.js';
import { YamlSource } from './yaml-source.js';

/** All that can be set up. */
export interface Catalogue {
  readonly playbooks: readonly Playbook[];
  readonly profiles: readonly Profile[];
  /** Variables of `variables.yaml`. */
  readonly shared: Readonly<Record<string, VariableSpec>>;
  readonly versions: VersionMatrix;
  /** The text of a template that a step names. Throws where there is none. */
  readonly template: (name: string) => string;
  /** What is wrong with the person's own files, as `FILE:LINE:COLUMN: sentence`; those are left out. */
  readonly problems: readonly string[];
}

/**
 * Reads the program's playbooks from its folder of assets, and a person's own from the folder `own` (`*.yaml`, `profiles/*.yaml`, `manifests/`), which need not be there. Whatever is wrong with the program's own throws;
 * a person's that is wrong is left out, with what needs it.
 */
export function loadCatalogue({ assets, own }: { readonly assets: string; readonly own: string | null }): Catalogue {
  const folder = join(assets, 'runbooks');
  const validators = readValidators(folder);
  const shared = readShared(folder, validators);
  const templates = new TemplateFolders(
    templateFolders.map((name) => join(assets, name)),
    own === null ? null : join(own, 'manifests'),
  );
  const around: Surroundings = {
    shared: shared.variables,
    prelude: shellNames(readFileSync(join(folder, 'prelude.sh'), 'utf8')).set,
    template: (name) => templates.read(name),
    signatures: new Set(readSignatures(join(assets, 'signatures')).map(({ id }) => id)),
  };
  const ours = readPlaybooks(folder, null, validators);
  const faults = [...shared.problems, ...ours.problems, ...ours.read.flatMap((entry) => playbookProblems(entry, ours.read, around))];
  const playbooks = ours.read.map(({ of }) => of);
  const profiles = readProfiles(join(folder, 'profiles'), null, validators, [], playbooks, shared.variables);
  faults.push(...profiles.problems);
  const versions = parseVersionMatrix(new YamlSource('runbooks/versions.yaml', readFileSync(join(folder, 'versions.yaml'), 'utf8')), faults);
  if (faults.length > 0) throw new Error(`The program's own playbooks cannot be used. ${[...new Set(faults)].join('\n')}`);
  const theirs = own === null ? { read: [], problems: [] } : ownPlaybooks(own, validators, ours.read, around);
  const all = [...playbooks, ...theirs.read.map(({ of }) => of)];
  const theirProfiles =
    own === null ? { read: [], problems: [] } : readProfiles(join(own, 'profiles'), join(own, 'profiles'), validators, profiles.read, all, shared.variables);
  const template = (name: string) => {
    const text = templates.read(name);
    if (text === null) throw new Error(`There is no template manifests/${clean(name)}.`);
    return text;
  };
  return {
    playbooks: withVariables(all, shared.variables, template),
    profiles: [...profiles.read, ...theirProfiles.read],
    shared: shared.variables,
    versions,
    template,
    problems: [...new Set([...theirs.problems, ...theirProfiles.problems])],
  };
}

/** What there is to choose from, as screens show it. */
export function summarise({ playbooks, profiles, problems }: Catalogue): SetupCatalogue {
  return {
    profiles: profiles.map(({ id, title, about, playbooks: chosen, hosts }) => ({ id, title, about, playbooks: chosen, hosts })),
    playbooks: playbooks.map(({ id, title, about, file, steps }) => ({
      id,
      title,
      about,
      file,
      steps: steps.map((step) => ({ id: step.id, title: step.title, risk: step.risk })),
    })),
    problems,
  };
}

interface Read<T> {
  readonly read: readonly T[];
  readonly problems: readonly string[];
}

function readShared(
  folder: string,
  validators: Validators,
): { readonly variables: Readonly<Record<string, VariableSpec>>; readonly problems: readonly string[] } {
  const source = new YamlSource('runbooks/variables.yaml', readFileSync(join(folder, 'variables.yaml'), 'utf8'));
  const checked = validated(source, validators.variables);
  if (!checked.ok) return { variables: {}, problems: checked.problems };
  const variables = variablesOf(checked.value.variables);
  return { variables, problems: Object.entries(variables).flatMap(([name, spec]) => [...variableProblems(name, spec, ['variables', name], source, [])]) };
}

/** The playbooks of a folder that are as the schema says. `label`: how the person knows the folder; null for the program's own. */
function readPlaybooks(folder: string, label: string | null, validators: Validators): Read<FromFile<Playbook>> {
  const read: FromFile<Playbook>[] = [];
  const problems: string[] = [];
  for (const name of yamlFiles(folder)) {
    if (label === null && notPlaybooks.includes(name)) continue;
    const file = label === null ? null : join(label, name);
    const source = sourceOf(join(folder, name), file ?? `runbooks/${name}`, problems);
    if (source === null) continue;
    const checked = validated(source, validators.playbook);
    if (checked.ok) read.push({ of: playbookOf(checked.value, file), source });
    else problems.push(...checked.problems);
  }
  return { read, problems };
}

/** Dashboards and alert rules have folders of their own: they are of use outside of any step too. */
const templateFolders = ['manifests', 'dashboards', 'alerts'];

const notPlaybooks = ['variables.yaml', 'versions.yaml'];

/** A person's own playbooks beside the program's. One that is left out may leave others without what they need, so it is asked until all that are left are right. */
function ownPlaybooks(folder: string, validators: Validators, ours: readonly FromFile<Playbook>[], around: Surroundings): Read<FromFile<Playbook>> {
  const { read, problems } = readPlaybooks(folder, folder, validators);
  const told = [...problems];
  let left = read;
  for (;;) {
    const wrong = new Map(left.map((entry) => [entry, playbookProblems(entry, [...ours, ...left], around)]));
    told.push(...[...wrong.values()].flat());
    const right = left.filter((entry) => wrong.get(entry)?.length === 0);
    if (right.length === left.length) return { read: left, problems: told };
    left = right;
  }
}

function readProfiles(
  folder: string,
  label: string | null,
  validators: Validators,
  earlier: readonly Profile[],
  playbooks: readonly Playbook[],
  shared: Readonly<Record<string, VariableSpec>>,
): Read<Profile> {
  const read: Profile[] = [];
  const problems: string[] = [];
  for (const name of yamlFiles(folder)) {
    const file = label === null ? null : join(label, name);
    const source = sourceOf(join(folder, name), file ?? `runbooks/profiles/${name}`, problems);
    if (source === null) continue;
    const checked = validated(source, validators.profile);
    if (!checked.ok) {
      problems.push(...checked.problems);
      continue;
    }
    const profile = profileOf(checked.value, file);
    const wrong = profileProblems({ of: profile, source }, [...earlier, ...read], playbooks, shared);
    if (wrong.length === 0) read.push(profile);
    else problems.push(...wrong);
  }
  return { read, problems };
}

function yamlFiles(folder: string): readonly string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
        .sort()
    : [];
}

function sourceOf(path: string, label: string, problems: string[]): YamlSource | null {
  try {
    return new YamlSource(label, readFileSync(path, 'utf8'));
  } catch (error) {
    problems.push(`${clean(label)}:1:1: it cannot be read: ${error instanceof Error ? clean(error.message, 200) : 'unknown error'}`);
    return null;
  }
}
