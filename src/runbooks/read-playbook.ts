import { parseDuration } from '../text/age.js';
import { clean } from '../text/clean.js';
import type { Playbook, Profile, StepSpec, VariableSpec } from './playbook.js';
import type { PlaybookFile, ProfileFile, StepFile, VariableFile } from './schema.js';

/** The playbook that a file describes. Which variables its steps see is found out when all variables are known. */
export function playbookOf({ id, title, about, conflicts = [], variables = {}, steps }: PlaybookFile, file: string | null): Playbook {
  return { id, title: words(title), about: words(about), conflicts, variables: variablesOf(variables), steps: steps.map(stepOf), file };
}

export function variablesOf(variables: Readonly<Record<string, VariableFile>>): Readonly<Record<string, VariableSpec>> {
  return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, variableOf(variable)]));
}

export function profileOf({ id, title, about, playbooks, without = [], hosts = [], values = {} }: ProfileFile, file: string | null): Profile {
  return {
    id,
    title: words(title),
    about: words(about),
    playbooks,
    without,
    hosts: hosts.map(({ role, atLeast = 0, atMost = null }) => ({ role, atLeast, atMost })),
    values,
    file,
  };
}

function variableOf({ title, help, type, choices, default: usual, pattern, secret, detect }: VariableFile): VariableSpec {
  return {
    title: words(title),
    help: words(help),
    type,
    choices: (choices ?? []).map(words),
    default: usual ?? null,
    pattern: pattern ?? null,
    secret: secret ?? false,
    detect: detect ?? null,
  };
}

function stepOf(step: StepFile): StepSpec {
  return {
    id: step.id,
    title: words(step.title),
    why: words(step.why),
    on: step.on,
    when: step.when ?? {},
    needs: step.needs ?? [],
    serial: step.serial ?? false,
    risk: step.risk,
    reboots: step.reboots ?? false,
    gives: step.gives ?? [],
    files: step.files ?? [],
    check: step.check,
    apply: step.apply ?? null,
    verify: step.verify ?? null,
    undo: step.undo ?? null,
    patienceMs: parseDuration(step.patience ?? '0s') ?? 0,
    timeoutMs: parseDuration(step.timeout ?? '10m') ?? 600_000,
    replaces: step.replaces === undefined ? null : words(step.replaces),
    mends: step.mends ?? [],
    variables: {},
  };
}

/** What is told of it on screens. Its scripts stay as they are: they are run. */
function words(text: string): string {
  return clean(text, text.length).trim();
}
