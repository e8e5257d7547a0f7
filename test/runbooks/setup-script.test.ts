import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assetsPath } from '../../src/assets-path.js';
import { type Catalogue, loadCatalogue } from '../../src/runbooks/load.js';
import { type Prepared, prepare } from '../../src/runbooks/outline.js';
import type { Profile } from '../../src/runbooks/playbook.js';
import { setupScript } from '../../src/runbooks/setup-script.js';
import type { ScriptMaterial } from '../../src/runbooks/setup-script-header.js';
import type { Role, SetupChoice, SetupHost } from '../../src/state/setup.js';

const material: Omit<ScriptMaterial, 'templates'> = {
  prelude: readFileSync(assetsPath('runbooks', 'prelude.sh'), 'utf8'),
  frame: readFileSync(assetsPath('runbooks', 'by-hand.sh'), 'utf8'),
  cluster: 'lab',
  title: 'A trial',
  program: 'gpuk8s-tui 1.2.3',
  madeAt: Date.UTC(2026, 10, 21, 12, 0),
};

const detected = { NODE_CIDR: '10.0.0.0/24', ADMIN_USER: 'ops', EXPECTED_GPUS: '2' };

/** As many hosts as a profile takes, with two for what it takes any number of. */
function hostsFor({ hosts }: Profile): readonly SetupHost[] {
  const named: { readonly role: Role; readonly count: number }[] = hosts.map(({ role, atLeast, atMost }) => ({ role, count: Math.max(atLeast, atMost ?? 2) }));
  const single = named.every(({ count }) => count === 1) && hosts.some(({ role }) => role === 'control-plane');
  if (single) return [{ name: 'box', address: '10.0.0.9', roles: named.map(({ role }) => role) }];
  return named.flatMap(({ role, count }, kind) =>
    Array.from({ length: count }, (_, index) => ({ name: `${role}-${index + 1}`, address: `10.0.0.${kind * 20 + index + 10}`, roles: [role] })),
  );
}

function scriptOf(
  catalogue: Catalogue,
  choice: SetupChoice,
  secrets: Readonly<Record<string, string>> = {},
): { readonly text: string; readonly prepared: Prepared } {
  const prepared = prepare(catalogue, choice, { detected, secrets, clusterName: 'lab' });
  return { text: setupScript(prepared, { ...material, templates: catalogue.template }), prepared };
}

/** What shellcheck and bash have to say of it. */
function faultsOf(text: string): string {
  const syntax = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' }).stderr;
  return `${syntax}${spawnSync('shellcheck', ['-s', 'bash', '-f', 'gcc', '-'], { input: text, encoding: 'utf8', maxBuffer: 1e8 }).stdout}`;
}

describe('the script of each profile', () => {
  const catalogue = loadCatalogue({ assets: assetsPath(), own: null });

  it.each(catalogue.profiles.map((profile) => [profile.id, profile] as const))(
    '%s is clean for bash and shellcheck, and keeps no secret',
    (_, profile) => {
      const choice: SetupChoice = { profile: profile.id, playbooks: [], hosts: hostsFor(profile), values: {}, seat: 'first-control-plane' };
      const { text, prepared } = scriptOf(catalogue, choice, { GRAFANA_PASSWORD: 'hunter2-hunter2', ENCRYPTION_KEY: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0' });
      expect(faultsOf(text)).toBe('');
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('c2VjcmV0');
      for (const { id, on } of prepared.outline.steps) for (const column of on) expect(text).toContain(`'${id} ${column}`);
    },
    120_000,
  );

  it('says in which order the machines take turns', () => {
    const choice: SetupChoice = {
      profile: null,
      playbooks: ['host-prep', 'cri-o', 'kubernetes-packages', 'load-balancer', 'kubeadm', 'calico'],
      hosts: [
        { name: 'lb-1', address: '10.0.0.10', roles: ['load-balancer'] },
        { name: 'cp-1', address: '10.0.0.11', roles: ['control-plane'] },
        { name: 'gpu-1', address: '10.0.0.21', roles: ['gpu'] },
        { name: 'gpu-2', address: '10.0.0.22', roles: ['gpu'] },
      ],
      values: {},
      seat: 'first-control-plane',
    };
    const { text } = scriptOf(catalogue, choice);
    const turns = text.split('\n').filter((line) => /^# {3}\d+\. /.test(line));
    expect(turns[0]).toMatch(/^# {3}1\. bash setup\.sh lb-1: /);
    expect(turns[1]).toMatch(/^# {3}2\. bash setup\.sh cp-1 cluster: /);
    expect(turns.join('\n')).toContain('bash setup.sh PLACE on each of gpu-1 and gpu-2: ');
    expect(text).toMatch(/^ {2}'join-worker gpu-1 join-secrets@cp-1.*'$/m);
  });
});

/** Steps that do nothing but write below $HOME, so that the script can be run here. */
const playbook = String.raw`
id: trial
title: A trial
about: Steps that touch nothing but the home folder.
variables:
  GREETING: {title: Greeting, help: What is written., type: text, default: hello}
  PASSPHRASE: {title: Pass phrase, help: A secret., type: text, secret: true}
steps:
  - id: greet
    title: Write a greeting
    why: It is polite. Nothing else depends on it but the next one.
    on: [cluster]
    risk: safe
    check: |
      [ -e "$HOME/greeting" ] || missing 'nobody has been greeted'
      [ "$(cat "$HOME/greeting")" = "$GREETING" ] || missing 'another greeting'
    apply: |
      file=$(mktemp)
      trap 'rm -f "$file"' EXIT
      printf '%s\n' "$GREETING" >"$file"
      cp "$file" "$HOME/greeting"
    undo: |
      rm -f "$HOME/greeting"
  - id: conf
    title: Write two files
    why: One of YAML and one of text.
    on: [cluster]
    needs: [greet]
    risk: safe
    files: [{name: trial.yaml, template: trial.yaml}, {name: trial.conf, template: trial.conf}]
    check: |
      file=()
      for file in trial.yaml trial.conf; do cmp -s "$FILES/$file" "$HOME/$file" || missing "$file is not as it should be"; done
    apply: |
      cp "$FILES/trial.yaml" "$FILES/trial.conf" "$HOME"
  - id: lock
    title: Lock it
    why: Only with the pass phrase.
    on: [cluster]
    needs: [conf]
    risk: destructive
    patience: 30s
    check: |
      [ -e "$HOME/locked" ] || missing 'it is open'
    apply: |
      [ -n "$PASSPHRASE" ]
      sha256sum <<<"$PASSPHRASE" >"$HOME/locked"
  - id: restart
    title: Restart it
    why: It takes effect then.
    on: [cluster]
    needs: [lock]
    risk: needs-reboot
    reboots: true
    check: |
      [ -e "$HOME/restarted" ] || missing 'it was not restarted'
    apply: |
      say 'asked for'
  - id: broken
    title: Break
    why: To see what happens then.
    on: [cluster]
    needs: [restart]
    risk: safe
    check: missing 'never done'
    apply: |
      say 'it gets so far'
      false
      say 'and no further'
`;

describe('a script run by hand', () => {
  let folder = '';
  let catalogue: Catalogue;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-script-'));
    const own = join(folder, 'runbooks');
    mkdirSync(join(own, 'manifests'), { recursive: true });
    writeFileSync(join(own, 'trial.yaml'), playbook);
    writeFileSync(join(own, 'manifests', 'trial.yaml'), 'says: GREETING\nsecret: PASSPHRASE\nkey: "k-PASSPHRASE"\n'.replaceAll(/[A-Z]+/g, '$${$&}'));
    writeFileSync(join(own, 'manifests', 'trial.conf'), 'greeting GREETING\nEND\n'.replace('GREETING', '$${$&}'));
    catalogue = loadCatalogue({ assets: assetsPath(), own });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A home folder of its own, and the script in it. */
  function aTrial(values: Readonly<Record<string, string>> = {}) {
    expect(catalogue.problems).toEqual([]);
    const home = mkdtempSync(join(folder, 'home-'));
    const host: SetupHost = { name: 'box', address: '10.0.0.9', roles: ['control-plane'] };
    const { text } = scriptOf(catalogue, { profile: null, playbooks: ['trial'], hosts: [host], values, seat: 'here' });
    expect(faultsOf(text)).toBe('');
    writeFileSync(join(home, 'setup.sh'), text);
    const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
      const { status, stdout, stderr } = spawnSync('bash', [join(home, 'setup.sh'), ...args], {
        env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
        encoding: 'utf8',
        input: '',
      });
      return { code: status, out: stdout, err: stderr };
    };
    return { home, text, run, file: (name: string) => readFileSync(join(home, name), 'utf8') };
  }

  const all = { PASSPHRASE: 'open "sesame" \\ $(id) `id` ; &', CONFIRM: 'lab' };

  it('lists what there is to be done, and does nothing', () => {
    const { run, home } = aTrial();
    const { code, out } = run([]);
    expect(code).toBe(0);
    expect(out).toContain('greet                        safe          Write a greeting');
    expect(out).toContain('Nothing was changed: bash setup.sh PLACE does it there.');
    expect(existsSync(join(home, 'greeting'))).toBe(false);
  });

  it('does each step, stops where the machine has to be rebooted, and goes on after that', () => {
    const { run, home, file } = aTrial();
    const first = run(['cluster'], all);
    expect(first.err).toBe(
      '\nrestart takes effect at the next boot of cluster: drain it where it runs pods (kubectl drain cluster --ignore-daemonsets --delete-emptydir-data), reboot, and run this again\n',
    );
    expect(first.code).toBe(3);
    expect(file('greeting')).toBe('hello\n');
    expect(existsSync(join(home, 'locked'))).toBe(true);
    expect(run(['cluster'], all)).toMatchObject({
      code: 3,
      err: '\ncluster has not been rebooted since restart was carried out: reboot, and run this again\n',
    });
    // As if it had booted meanwhile.
    writeFileSync(join(home, '.local/state/gpuk8s-tui/setup/reboot/restart'), 'another boot\n');
    writeFileSync(join(home, 'restarted'), '');
    const last = run(['cluster'], all);
    expect(last.out).toContain('greet  Write a greeting\n  ✓ done already\n');
    expect(last.out).toContain('restart  Restart it\n  ✓ done');
    expect(last.out).toContain('it gets so far\n');
    expect(last.out).not.toContain('and no further');
    expect(last).toMatchObject({
      code: 1,
      err: '\nbroken failed (exit code 1). Mend what it says above, and run this again: what is done is not done twice\n',
    });
    expect(run(['--skip', 'broken', 'cluster'], all)).toMatchObject({ code: 0, err: '' });
  });

  it('puts a secret into files as data, whatever is in it, and into no other place', () => {
    const { run, file, text } = aTrial();
    run(['--only', 'conf', 'cluster'], all);
    const seen: unknown = JSON.parse(
      execFileSync('node', ['-e', "console.log(JSON.stringify(require('yaml').parse(require('fs').readFileSync(0,'utf8'))))"], {
        input: file('trial.yaml'),
        encoding: 'utf8',
        cwd: process.cwd(),
      }),
    );
    expect(seen).toEqual({ says: 'hello', secret: all.PASSPHRASE, key: `k-${all.PASSPHRASE}` });
    expect(file('trial.conf')).toBe('greeting hello\nEND\n');
    expect(text).not.toContain('sesame');
  });

  it('takes values as data, whatever is in them', () => {
    const hostile = `'; rm -rf / # $(touch "$HOME/bad") \`touch "$HOME/bad"\` "\\`;
    const { run, home, file } = aTrial({ GREETING: hostile });
    run(['--only', 'greet', 'cluster']);
    run(['--only', 'conf', 'cluster'], all);
    expect(file('greeting')).toBe(`${hostile}\n`);
    expect(file('trial.conf')).toBe(`greeting ${hostile}\nEND\n`);
    expect(existsSync(join(home, 'bad'))).toBe(false);
  });

  it('asks for nothing where nobody can answer, and says what is missing', () => {
    const { run } = aTrial();
    expect(run(['cluster']).err).toBe('\nconf needs PASSPHRASE (Pass phrase): give it in the environment\n');
    expect(run(['cluster'], { PASSPHRASE: 'x' }).err).toBe('\nlock was not confirmed: CONFIRM=lab does it\n');
  });

  it('looks without changing anything, and takes a step back', () => {
    const { run, home } = aTrial();
    expect(run(['--check', 'cluster'], all).out).toContain('✗ greet: missing: nobody has been greeted\n');
    run(['--only', 'greet', 'cluster']);
    expect(run(['--check', '--only', 'greet', 'cluster'])).toMatchObject({ code: 0, out: expect.stringContaining('✓ greet\n') });
    expect(run(['--undo', 'greet', 'cluster'])).toMatchObject({ code: 0, out: expect.stringContaining('greet was taken back on cluster\n') });
    expect(existsSync(join(home, 'greeting'))).toBe(false);
    expect(run(['--undo', 'conf', 'cluster'], all)).toMatchObject({ code: 1, err: '\nconf cannot be taken back by this script\n' });
  });

  it('refuses what it does not know', () => {
    const { run } = aTrial();
    expect(run(['gpu-9']).err).toBe('\nthere is no gpu-9 in this plan: there are box cluster\n');
    expect(run(['--only', 'gree', 'cluster']).err).toBe('\nthere is no step gree in this plan\n');
    expect(run(['--do', 'cluster']).err).toContain('bash setup.sh [--check | --only STEP | --undo STEP] [--skip STEP]... [PLACE...]');
  });

  it('does nothing where the plan contradicts itself, and says why', () => {
    const { run, text } = aTrial({ NO_SUCH: 'x' });
    expect(text).toContain('# It cannot be done as it is, and this script does nothing:\n# - There is no variable "NO_SUCH"');
    expect(run(['cluster'])).toMatchObject({ code: 1, err: expect.stringContaining('it cannot be done as it is:\n- There is no variable "NO_SUCH"') });
  });
});
