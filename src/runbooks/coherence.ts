import { builtinNames, hostNames, runnerNames } from './builtins.js';
import { meant } from './meant.js';
import { circle } from './order.js';
import type { Playbook, Profile, StepSpec, VariableSpec } from './playbook.js';
import { type ShellName, shellNames } from './shell-names.js';
import { placeholders } from './templates.js';
import { valueProblem } from './value-types.js';
import type { YamlPath, YamlSource } from './yaml-source.js';

/** A playbook or a profile with the file it was read from. */
export interface FromFile<T> {
  readonly of: T;
  readonly source: YamlSource;
}

/** What playbooks can rely on. */
export interface Surroundings {
  readonly shared: Readonly<Record<string, VariableSpec>>;
  /** Names that the prelude sets. */
  readonly prelude: ReadonlySet<string>;
  /** The text of a template, null where there is none. */
  readonly template: (name: string) => string | null;
  /** Ids of the failure signatures that there are. */
  readonly signatures: ReadonlySet<string>;
}

/** What is wrong with a playbook among all the others, as `FILE:LINE:COLUMN: sentence`. Of two that hold the same, the later one is at fault. */
export function playbookProblems(entry: FromFile<Playbook>, all: readonly FromFile<Playbook>[], around: Surroundings): readonly string[] {
  return [...problemsOf(entry, all, around)];
}

function* problemsOf({ of: playbook, source }: FromFile<Playbook>, all: readonly FromFile<Playbook>[], around: Surroundings): Iterable<string> {
  const others = all.map(({ of }) => of);
  const earlier = others.slice(0, Math.max(0, others.indexOf(playbook)));
  if (earlier.some(({ id }) => id === playbook.id)) yield source.problem(['id'], `there is a playbook "${playbook.id}" already`);
  const ids = others.map(({ id }) => id);
  for (const [at, id] of playbook.conflicts.entries()) {
    if (!ids.includes(id)) yield source.problem(['conflicts', at], `there is no playbook "${id}"${meant(id, ids)}`);
  }
  for (const [name, spec] of Object.entries(playbook.variables))
    yield* variableProblems(name, spec, ['variables', name], source, [...earlier, { id: null, variables: around.shared }]);
  const declared = new Map([...Object.entries(around.shared), ...others.flatMap(({ variables }) => Object.entries(variables))]);
  const steps = others.flatMap((other) => other.steps);
  const known = new Set(steps.map(({ id }) => id));
  const taken = new Set(earlier.flatMap((other) => other.steps.map(({ id }) => id)));
  for (const [at, step] of playbook.steps.entries()) {
    const path = ['steps', at];
    if (taken.has(step.id)) yield source.problem([...path, 'id'], `there is a step "${step.id}" already`);
    taken.add(step.id);
    for (const [place, need] of step.needs.entries()) {
      if (!known.has(need)) yield source.problem([...path, 'needs', place], `${step.id} needs "${need}", which no playbook has${meant(need, [...known])}`);
    }
    for (const [place, signature] of step.mends.entries()) {
      if (around.signatures.has(signature)) continue;
      yield source.problem([...path, 'mends', place], `there is no failure signature "${signature}"${meant(signature, [...around.signatures])}`);
    }
    yield* whenProblems(step, path, source, declared);
    yield* scriptProblems(step, path, source, declared, around.prelude);
    yield* fileProblems(step, path, source, declared, around.template);
  }
  const round = circle(steps);
  const own = playbook.steps.findIndex(({ id }) => round.includes(id));
  if (own !== -1) yield source.problem(['steps', own, 'needs'], `these steps need each other in a circle: ${round.join(' needs ')}`, 'key');
}

/** What is wrong with a variable's declaration. `others` may have declared it already. */
export function* variableProblems(
  name: string,
  spec: VariableSpec,
  path: YamlPath,
  source: YamlSource,
  others: readonly { readonly id: string | null; readonly variables: Playbook['variables'] }[],
): Iterable<string> {
  if ([...builtinNames, ...runnerNames].some((builtin) => builtin === name) || shellOwn.has(name))
    yield source.problem(path, `${name} is set for every script: give the variable another name`, 'key');
  const other = others.find(({ variables }) => Object.hasOwn(variables, name));
  if (other !== undefined) {
    const where = other.id === null ? 'is shared by all playbooks' : `is declared by the playbook ${other.id}`;
    yield source.problem(path, `${name} ${where} already: use it without declaring it, or give this one another name`, 'key');
  }
  if (spec.pattern !== null && !isPattern(spec.pattern)) yield source.problem([...path, 'pattern'], `"${spec.pattern}" is no regular expression`);
  else if (spec.default !== null && !spec.secret) {
    const wrong = valueProblem(spec, spec.default);
    if (wrong !== null) yield source.problem([...path, 'default'], wrong);
  }
  if (spec.secret && spec.default !== null && spec.default !== '')
    yield source.problem([...path, 'default'], `${name} is a secret: it cannot have a default but the empty one, where its step makes one`);
}

function* whenProblems(step: StepSpec, path: YamlPath, source: YamlSource, declared: ReadonlyMap<string, VariableSpec>): Iterable<string> {
  for (const [name, values] of Object.entries(step.when)) {
    const spec = declared.get(name);
    if (spec === undefined) yield source.problem([...path, 'when', name], `there is no variable ${name}${meant(name, [...declared.keys()])}`, 'key');
    else if (spec.secret) yield source.problem([...path, 'when', name], `${name} is a secret: no step can depend on what it is`, 'key');
    for (const [at, value] of values.entries()) {
      const wrong = spec === undefined || spec.secret ? null : valueProblem(spec, value);
      if (wrong !== null) yield source.problem([...path, 'when', name, at], wrong);
    }
  }
}

function* scriptProblems(
  step: StepSpec,
  path: YamlPath,
  source: YamlSource,
  declared: ReadonlyMap<string, VariableSpec>,
  prelude: ReadonlySet<string>,
): Iterable<string> {
  const known = new Set<string>([...declared.keys(), ...builtinNames, ...runnerNames, ...prelude, ...shellOwn]);
  const inCluster = step.on.includes('cluster');
  for (const phase of ['check', 'apply', 'verify', 'undo'] as const) {
    const script = step[phase];
    if (script === null) continue;
    // Most scripts name only what there is: those need not be read any closer.
    if (!upperCaseNames(script).some((name) => !known.has(name) || (inCluster && isHostName(name)))) continue;
    const { used, set } = shellNames(script);
    // What /etc/os-release says comes into a script that reads it.
    const release = /(?:^|[\s;&(])(?:\.|source)\s+\S*os-release/m.test(script);
    for (const { name, line } of firstOfEach(used)) {
      if (inCluster && isHostName(name) && !set.has(name))
        yield source.problemIn([...path, phase], line, name, `${name} has no meaning in a step that is done in the cluster`);
      if (known.has(name) || set.has(name) || (release && osRelease.has(name))) continue;
      yield source.problemIn([...path, phase], line, name, `there is no variable ${name}${meant(name, [...declared.keys(), ...builtinNames])}`);
    }
  }
}

function* fileProblems(
  step: StepSpec,
  path: YamlPath,
  source: YamlSource,
  declared: ReadonlyMap<string, VariableSpec>,
  template: (name: string) => string | null,
): Iterable<string> {
  const names = new Set<string>();
  for (const [at, file] of step.files.entries()) {
    if (names.has(file.name)) yield source.problem([...path, 'files', at, 'name'], `${step.id} has two files with the name ${file.name}`);
    names.add(file.name);
    const text = template(file.template);
    if (text === null) {
      yield source.problem([...path, 'files', at, 'template'], `there is no template manifests/${file.template}`);
      continue;
    }
    for (const placeholder of placeholders(text)) {
      if (placeholder.kind !== 'variable' || declared.has(placeholder.name) || builtinNames.some((name) => name === placeholder.name)) continue;
      const near = meant(placeholder.name, [...declared.keys(), ...builtinNames]);
      yield source.problem([...path, 'files', at, 'template'], `in manifests/${file.template}, there is no variable ${placeholder.name}${near}`);
    }
  }
}

/** What is wrong with a profile, as `FILE:LINE:COLUMN: sentence`. */
export function profileProblems(
  { of: profile, source }: FromFile<Profile>,
  earlier: readonly Profile[],
  playbooks: readonly Playbook[],
  shared: Readonly<Record<string, VariableSpec>>,
): readonly string[] {
  const problems: string[] = [];
  if (earlier.some(({ id }) => id === profile.id)) problems.push(source.problem(['id'], `there is a profile "${profile.id}" already`));
  const ids = playbooks.map(({ id }) => id);
  for (const [at, id] of profile.playbooks.entries()) {
    if (!ids.includes(id)) problems.push(source.problem(['playbooks', at], `there is no playbook "${id}"${meant(id, ids)}`));
  }
  const steps = playbooks.filter(({ id }) => profile.playbooks.includes(id)).flatMap((playbook) => playbook.steps.map(({ id }) => id));
  for (const [at, id] of profile.without.entries()) {
    if (!steps.includes(id)) problems.push(source.problem(['without', at], `none of its playbooks has a step "${id}"${meant(id, steps)}`));
  }
  const declared = new Map([...Object.entries(shared), ...playbooks.flatMap(({ variables }) => Object.entries(variables))]);
  for (const [name, value] of Object.entries(profile.values)) {
    const spec = declared.get(name);
    if (spec === undefined) problems.push(source.problem(['values', name], `there is no variable ${name}${meant(name, [...declared.keys()])}`, 'key'));
    else if (spec.secret) problems.push(source.problem(['values', name], `${name} is a secret: it is kept in no file`, 'key'));
    else {
      const wrong = valueProblem(spec, value);
      if (wrong !== null) problems.push(source.problem(['values', name], wrong));
    }
  }
  for (const [at, { atLeast, atMost, role }] of profile.hosts.entries()) {
    if (atMost !== null && atMost < atLeast)
      problems.push(source.problem(['hosts', at], `it takes at least ${atLeast} and at most ${atMost} with the role ${role}`));
  }
  return problems;
}

function upperCaseNames(script: string): readonly string[] {
  return [...script.matchAll(/\$(?:\{[#!]?)?([A-Z][A-Z0-9_]*)/g)].map(([, name = '']) => name);
}

function isHostName(name: string): boolean {
  return hostNames.some((host) => host === name);
}

function firstOfEach(used: readonly ShellName[]): readonly ShellName[] {
  return used.filter(({ name }, at) => used.findIndex((other) => other.name === name) === at);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`).source !== '';
  } catch {
    return false;
  }
}

/** Set by bash, and by whoever logged in. */
const shellOwn: ReadonlySet<string> = new Set(
  (
    'PATH HOME USER LOGNAME SHELL PWD OLDPWD TERM TMPDIR LANG HOSTNAME HOSTTYPE MACHTYPE OSTYPE UID EUID GROUPS PPID BASHPID RANDOM SECONDS EPOCHSECONDS EPOCHREALTIME SRANDOM LINENO IFS ' +
    'PIPESTATUS FUNCNAME BASH_SOURCE BASH_LINENO BASH_REMATCH BASH_VERSION BASH_VERSINFO BASH_COMMAND REPLY MAPFILE OPTARG OPTIND OPTERR SUDO_USER SUDO_UID SUDO_GID KUBECONFIG'
  ).split(' '),
);

const osRelease: ReadonlySet<string> = new Set('ID ID_LIKE NAME VERSION VERSION_ID VERSION_CODENAME PRETTY_NAME UBUNTU_CODENAME VARIANT VARIANT_ID'.split(' '));
