import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StepSpec } from '../../src/runbooks/playbook.js';
import { assigned, type RenderedFile, stepScript, usedValues } from '../../src/runbooks/step-script.js';
import { valueProblem } from '../../src/runbooks/value-types.js';
import { everyStep, filesOf, prelude, specOf, valuesOf } from './every-step.js';
import { accepted, hostileTexts } from './hostile.js';

const folder = mkdtempSync(join(tmpdir(), 'injection-'));
const canary = join(folder, 'canary');
const hostile = hostileTexts(canary);
const withVariables = everyStep.filter(({ variables }) => Object.keys(variables).length > 0).map((step) => [step.id, step] as const);

afterEach(() => expect(existsSync(canary), 'a value was executed').toBe(false));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a hostile value', () => {
  const names = [...new Set(everyStep.flatMap(({ variables }) => Object.keys(variables)))];

  it.each(names)('of %s is refused with a sentence that shows nothing else, or is one line of text', (name) => {
    const taken = accepted(name, hostile);
    for (const text of hostile) {
      const problem = valueProblem(specOf(name), text);
      if (taken.includes(text)) expect(text).toMatch(/^[^\p{Cc}]*$/u);
      else expect(problem).toMatch(/^[A-Z"].{8,}[.:]/u);
    }
  });

  it.each(names)('of %s never leaves its quotation, were it taken or not', (name) => {
    const lines = hostile.flatMap((text) => [...assigned({ [name]: text }), printed(`"$${name}"`)]);
    expect(base64Lines(`set -euo pipefail\n${lines.join('\n')}\n`)).toEqual(hostile);
  });
});

describe('the script of a step', () => {
  it.each(withVariables)('%s hands hostile values and the files made of them on byte for byte', (_, step) => {
    for (const [at] of hostile.entries()) {
      const others = taken(step, at);
      if (Object.keys(others).length === 0) continue;
      const values = valuesOf(step, others);
      const files = renderedOrRefused(step, values);
      if (files === null) continue;
      const script = scriptWith(step, 'check', values, files);
      const names = Object.keys(usedValues(`${prelude}\n${step.check}`, values)).filter((name) => name in step.variables);
      expect(seenByBash(script, names, files)).toEqual([...names.map((each) => values[each]), ...files.map(({ text }) => text)]);
    }
  });
});

describe('the check of a step', () => {
  const programs = join(folder, 'programs');
  beforeAll(() => harmlessPrograms(programs));

  // Checks only read, and here they find nothing but programs that do nothing.
  it.each(withVariables)('%s executes no value', (_, step) => {
    for (const [at] of hostile.entries()) {
      const others = taken(step, at);
      if (Object.keys(others).length === 0) continue;
      const values = valuesOf(step, others);
      const files = renderedOrRefused(step, values);
      if (files === null) continue;
      checked(step, values, files);
      expect(existsSync(canary), JSON.stringify(others)).toBe(false);
    }
  });

  it('that did would be found out', () => {
    const [first] = everyStep;
    if (first === undefined) throw new Error('there are no steps');
    checked({ ...first, check: 'eval "echo $LOG_HOST"' }, { LOG_HOST: `$(: >${canary})` }, []);
    expect(existsSync(canary)).toBe(true);
    rmSync(canary);
  });

  /** Runs a check where nothing is to be found. */
  function checked(step: StepSpec, values: Readonly<Record<string, string>>, files: readonly RenderedFile[]): void {
    const work = mkdtempSync(join(folder, 'files-'));
    for (const { name, text } of files) writeFileSync(join(work, name), text);
    const script = ['set -euo pipefail', definitions(scriptWith(step, 'check', values, files)), `FILES=${work}`, 'step_phase'].join('\n');
    spawnSync('/bin/bash', ['-s'], { input: script, env: { PATH: programs, HOME: folder, LC_ALL: 'C' }, cwd: work, timeout: 20_000 });
    rmSync(work, { recursive: true });
  }
});

/** The text with that number, for each variable of a step that takes it. */
function taken(step: StepSpec, at: number): Readonly<Record<string, string>> {
  const text = hostile[at] ?? '';
  return Object.fromEntries(Object.keys(step.variables).flatMap((name) => (valueProblem(specOf(name), text) === null ? [[name, text] as const] : [])));
}

/** Null where a template refuses a value, in a sentence. */
function renderedOrRefused(step: StepSpec, values: Readonly<Record<string, string>>): readonly RenderedFile[] | null {
  try {
    return filesOf(step, values);
  } catch (error) {
    expect(String(error)).toMatch(/manifests\//);
    return null;
  }
}

function scriptWith(step: StepSpec, phase: 'check' | 'apply' | 'undo', values: Readonly<Record<string, string>>, files: readonly RenderedFile[]): string {
  return stepScript({ phase, step, values: { ...valuesOf(step), ...values }, files, prelude, overwrite: false, holder: `ops$(touch ${canary})@laptop` });
}

/** All of a script but that it begins. */
function definitions(script: string): string {
  const begin = script.lastIndexOf('{ start; exit; }');
  expect(begin).toBeGreaterThan(0);
  return script.slice(0, begin);
}

/** What bash has in variables once the script has defined all, and in the files that it makes before its phase. */
function seenByBash(script: string, names: readonly string[], files: readonly RenderedFile[]): readonly string[] {
  const work = mkdtempSync(join(folder, 'work-'));
  mkdirSync(join(work, 'files'));
  const tail = [
    ...names.map((name) => printed(`"$${name}"`)),
    `WORK=${work}`,
    'FILES=$WORK/files',
    'step_files',
    // A command in quotes loses the line ends at its end.
    ...files.map(({ name }) => `base64 -w 0 "$FILES/${name}"; echo`),
  ];
  const seen = base64Lines(`${definitions(script)}\n${tail.join('\n')}\n`);
  rmSync(work, { recursive: true });
  return seen;
}

/** A command that prints a text of the shell as one line of base64. */
function printed(text: string): string {
  return `printf '%s' ${text} | base64 -w 0; echo`;
}

function base64Lines(script: string): readonly string[] {
  const { stdout, status } = spawnSync('bash', ['-s'], { input: script, encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line, 'base64').toString());
}

/** A PATH with what reads texts, and with stand-ins for what knows a machine or a cluster. */
function harmlessPrograms(into: string): void {
  mkdirSync(into);
  for (const name of 'awk basename base64 cat cmp comm cut date diff dirname env expr find grep gzip head jq mktemp paste printf readlink sed seq sha256sum sort stat tail test tr uniq wc xargs'.split(
    ' ',
  )) {
    const found = spawnSync('bash', ['-c', 'type -P "$1"', 'bash', name], { encoding: 'utf8' }).stdout.trim();
    if (found !== '') symlinkSync(found, join(into, name));
  }
  const answers: Readonly<Record<string, string>> = {
    kubectl: 'echo {}',
    helm: 'echo {}',
    curl: ':',
    systemctl: 'exit 1',
    crictl: 'echo {}',
    docker: 'exit 1',
    sleep: ':',
    ss: ':',
    ip: ':',
  };
  for (const [name, words] of Object.entries(answers)) writeFileSync(join(into, name), `#!/bin/sh\n${words}\n`, { mode: 0o755 });
}
