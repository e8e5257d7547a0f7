import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { shellQuote } from '../../src/hosts/shell-quote.js';
import type { Playbook } from '../../src/runbooks/playbook.js';
import { scriptOf, stepScript, usedValues } from '../../src/runbooks/step-script.js';
import { catalogue, everyStep, filesOf, phasesOf, prelude, valuesOf } from './every-step.js';

const shellcheck = spawnSync('shellcheck', ['--version'], { encoding: 'utf8' });
const folder = mkdtempSync(join(tmpdir(), 'shell-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the scripts of all steps', () => {
  it.each(everyStep.map((step) => [step.id, step] as const))('%s is bash as it is sent to a host', (_, step) => {
    const values = valuesOf(step);
    for (const phase of phasesOf(step)) {
      const text = stepScript({ phase, step, values, files: filesOf(step, values), prelude, overwrite: false, holder: 'ops@laptop' });
      expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' }), phase).toMatchObject({ stderr: '', status: 0 });
    }
  });

  // shellcheck reads the prelude anew for each file, so the steps of a playbook share one.
  it.skipIf(shellcheck.status !== 0)(
    'are clean for shellcheck, if it is installed',
    () => {
      const names = catalogue.playbooks.map((playbook) => {
        const name = join(folder, `${playbook.id}.sh`);
        writeFileSync(name, asOne(playbook));
        return name;
      });
      const { stdout, stderr, status } = spawnSync('shellcheck', ['-s', 'bash', '-S', 'style', '-f', 'gcc', ...names], {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      });
      expect(`${stdout}${stderr}`.replaceAll(`${folder}/`, '')).toBe('');
      expect(status).toBe(0);
    },
    300_000,
  );

  it('pipe nothing into grep -q, which ends the pipe with an error now and then', () => {
    for (const { id, check, apply, verify, undo } of everyStep) {
      for (const text of [check, apply, verify, undo]) expect(text ?? '', id).not.toMatch(/\|\s*grep\s+(?:-\w*q|--quiet)/);
    }
  });

  it('make no command out of a value', () => {
    for (const { id, check, apply, verify, undo } of everyStep) {
      for (const text of [check, apply, verify, undo]) expect(text ?? '', id).not.toMatch(/(?:^|[\s;&|(])eval\s|\b(?:bash|sh) -c ["$]/m);
    }
  });
});

/** A file that has all phases of a playbook's steps, as functions, with all that they see. */
function asOne({ steps }: Playbook): string {
  const functions = steps.flatMap((step) =>
    phasesOf(step).flatMap((phase) => [
      // Each phase runs in a shell of its own.
      `${step.id.replaceAll('-', '_')}__${phase}() (`,
      scriptOf(step, phase),
      ')',
    ]),
  );
  const values = Object.assign({}, ...steps.map((step) => valuesOf(step)));
  const assignments = Object.entries(usedValues(functions.join('\n'), values)).map(([name, value]) => `${name}=${shellQuote(value)}`);
  // Not every step needs every value; steps are called by their names; what a phase sets is its own, and no number because of another's; /etc/os-release is each machine's own.
  return [
    '# shellcheck shell=bash disable=SC2034,SC2317,SC2329,SC2030,SC2031,SC2100,SC1091',
    'set -euo pipefail',
    prelude,
    ...assignments,
    ...functions,
    '',
  ].join('\n');
}
