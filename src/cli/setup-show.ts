import { type Catalogue, summarise } from '../runbooks/load.js';
import type { Playbook, Profile, StepSpec, VariableSpec } from '../runbooks/playbook.js';
import { duration } from '../text/age.js';
import { type Line, line } from '../text/line.js';
import { wrap } from '../text/width.js';
import { jsonText } from './json-text.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { needsText } from './setup-list.js';
import { targetOf } from './setup-target.js';
import { table } from './table.js';

/** `setup show`: all there is to know of a profile, a playbook or a step. Returns 0. Throws a sentence where there is none of that name. */
export function runSetupShow(catalogue: Catalogue, named: string, output: 'text' | 'json', out: Output): number {
  const { kind, id } = targetOf(named, summarise(catalogue));
  const subject = subjectOf(catalogue, kind, id);
  if (output === 'json') out.stdout(jsonText({ schemaVersion: 1, kind, ...jsonOf(subject, catalogue) }));
  else out.stdout(paint(linesOf(subject, catalogue), out.isTty));
  return 0;
}

type Subject =
  | { readonly kind: 'profile'; readonly profile: Profile }
  | { readonly kind: 'playbook'; readonly playbook: Playbook }
  | { readonly kind: 'step'; readonly step: StepSpec; readonly playbook: Playbook };

function subjectOf({ profiles, playbooks }: Catalogue, kind: Subject['kind'], id: string): Subject {
  for (const profile of kind === 'profile' ? profiles : []) if (profile.id === id) return { kind: 'profile', profile };
  for (const playbook of playbooks) {
    if (kind === 'playbook' && playbook.id === id) return { kind: 'playbook', playbook };
    for (const step of kind === 'step' ? playbook.steps : []) if (step.id === id) return { kind: 'step', step, playbook };
  }
  throw new Error(`there is no ${kind} ${id}`);
}

function linesOf(subject: Subject, catalogue: Catalogue): readonly Line[] {
  switch (subject.kind) {
    case 'profile':
      return profileLines(subject.profile, catalogue);
    case 'playbook':
      return playbookLines(subject.playbook, catalogue);
    case 'step':
      return stepLines(subject.step, subject.playbook, catalogue);
  }
}

function profileLines(profile: Profile, { playbooks }: Catalogue): readonly Line[] {
  const { id, title, about, values, without, file } = profile;
  const chosen = profile.playbooks.flatMap((name) => playbooks.filter((playbook) => playbook.id === name));
  return [
    line(['title', `${id}  ${title}`]),
    ...text(about),
    line(),
    ...labelled('hosts', needsText(profile)),
    ...labelled('leaves out', without.join(', ')),
    ...labelled('file', file ?? ''),
    line(),
    ...table(
      ['PLAYBOOK', 'STEPS', ''],
      chosen.map((playbook) => [
        { text: playbook.id },
        { text: String(playbook.steps.filter((step) => !without.includes(step.id)).length) },
        { text: playbook.title },
      ]),
      ['STEPS'],
    ),
    ...(Object.keys(values).length === 0 ? [] : [line()]),
    ...Object.entries(values).map(([name, value]) => line(`${name}=${value}`)),
  ];
}

function playbookLines(playbook: Playbook, catalogue: Catalogue): readonly Line[] {
  const { id, title, about, conflicts, file, steps } = playbook;
  return [
    line(['title', `${id}  ${title}`]),
    ...text(about),
    line(),
    ...labelled('never with', conflicts.join(', ')),
    ...labelled('file', file ?? ''),
    ...table(
      ['STEP', 'ON', 'RISK', ''],
      steps.map((step) => [{ text: step.id }, { text: step.on.join(', ') }, { text: step.risk }, { text: step.title }]),
    ),
    ...variableLines(variablesOf(steps, playbook, catalogue)),
  ];
}

function stepLines(step: StepSpec, playbook: Playbook, catalogue: Catalogue): readonly Line[] {
  const { id, title, why, on, when, needs, serial, risk, reboots, gives, files, replaces, mends, patienceMs, timeoutMs } = step;
  return [
    line(['title', `${id}  ${title}`], ['dim', `  (${playbook.id})`]),
    ...text(why),
    line(),
    ...labelled('on', `${on.join(', ')}${serial ? ', one host at a time' : ''}`),
    ...labelled(
      'only where',
      Object.entries(when)
        .map(([name, values]) => `${name} is ${values.join(' or ')}`)
        .join('; '),
    ),
    ...labelled('after', needs.join(', ')),
    ...labelled('risk', `${risk}${reboots ? ', takes effect at the next boot' : ''}`),
    ...labelled('gives', gives.join(', ')),
    ...labelled('mends', mends.join(', ')),
    ...labelled(
      'takes',
      step.apply === null ? 'only reports' : `up to ${duration(timeoutMs)}${patienceMs === 0 ? '' : `, then up to ${duration(patienceMs)} until it is seen`}`,
    ),
    ...labelled('instead of', replaces ?? ''),
    ...variableLines(variablesOf([step], playbook, catalogue)),
    ...files.flatMap(({ name, template }) => block(`file ${name}${name === template ? '' : ` (${template})`}`, catalogue.template(template))),
    ...block('check', step.check),
    ...block('apply', step.apply),
    ...block('verify', step.verify),
    ...block('undo', step.undo),
  ];
}

function block(title: string, source: string | null): readonly Line[] {
  if (source === null) return [];
  return [
    line(),
    line(['accent', title]),
    ...source
      .trimEnd()
      .split('\n')
      .map((row) => line(`  ${row}`)),
  ];
}

function variableLines(variables: ReadonlyMap<string, VariableSpec>): readonly Line[] {
  if (variables.size === 0) return [];
  return [
    line(),
    ...table(
      ['VARIABLE', 'TYPE', 'DEFAULT', ''],
      [...variables].map(([name, { title, help, type, choices, default: usual, secret, detect }]) => [
        { text: name },
        { text: type === 'choice' ? choices.join('|') : type },
        { text: secret ? 'secret' : (usual ?? (detect === null ? 'none' : 'detected')) },
        { text: `${title}: ${help}`, tone: 'dim' as const },
      ]),
    ),
  ];
}

function variablesOf(steps: readonly StepSpec[], playbook: Playbook, { shared }: Catalogue): ReadonlyMap<string, VariableSpec> {
  const names = [...new Set(steps.flatMap((step) => Object.keys(step.variables)))].sort();
  return new Map(
    names.flatMap((name) => {
      const spec = playbook.variables[name] ?? shared[name];
      return spec === undefined ? [] : [[name, spec] as const];
    }),
  );
}

function text(paragraph: string): readonly Line[] {
  return wrap(paragraph, 100).map((row) => line(row));
}

function labelled(label: string, value: string): readonly Line[] {
  if (value === '') return [];
  return wrap(value, 86).map((row, index) => line(['dim', (index === 0 ? label : '').padEnd(12)], row));
}

function jsonOf(subject: Subject, catalogue: Catalogue): object {
  switch (subject.kind) {
    case 'profile':
      return subject.profile;
    case 'playbook':
      return { ...subject.playbook, variables: Object.fromEntries(variablesOf(subject.playbook.steps, subject.playbook, catalogue)) };
    case 'step':
      return {
        playbook: subject.playbook.id,
        ...subject.step,
        variables: Object.fromEntries(variablesOf([subject.step], subject.playbook, catalogue)),
        files: subject.step.files.map(({ name, template }) => ({ name, template, text: catalogue.template(template) })),
      };
  }
}
