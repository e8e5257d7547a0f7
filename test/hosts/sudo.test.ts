import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Asker } from '../../src/hosts/asker.js';
import { silentAsker } from '../../src/hosts/asker.js';
import type { HostCommand } from '../../src/hosts/host.js';
import { localHost } from '../../src/hosts/local-host.js';
import { runWithSudo } from '../../src/hosts/sudo.js';
import { scriptedAsker } from './asking.js';

// Stands in for sudo 1.9: takes the options that we use, writes what was read from stdin to a log, and speaks sudo's own words.
const fakeSudo = `#!/bin/sh
echo "$*" >> "$LOG"
while :; do case "$1" in -n) n=1; shift;; -k|-S) [ "$1" = -S ] && s=1; shift;; -p) shift 2;; -v) v=1; shift;; --) shift; break;; *) break;; esac; done
case "$MODE" in
  free) exec "$@";;
  tty) echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1;;
  stranger) echo 'ops is not in the sudoers file.  This incident will be reported.' >&2; exit 1;;
esac
if [ -n "$n" ]; then echo 'sudo: a password is required' >&2; exit 1; fi
IFS= read -r given || { echo 'sudo: no password was provided' >&2; exit 1; }
if [ "$given" != right ]; then echo 'Sorry, try again.' >&2; echo 'sudo: no password was provided' >&2; exit 1; fi
[ -n "$v" ] && exit 0
exec "$@"
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sudo-'));
  writeFileSync(join(folder, 'sudo'), fakeSudo);
  chmodSync(join(folder, 'sudo'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const setUp = (mode: string, asker: Asker = silentAsker(false)) => {
  const log = join(folder, 'log');
  const here = localHost({ name: 'gpu-1', env: { PATH: mode === 'none' ? '/nowhere' : `${folder}:${process.env['PATH']}`, MODE: mode, LOG: log } });
  const memory: { sudoPassword: string | null } = { sudoPassword: null };
  return {
    run: (command: HostCommand) => runWithSudo(command, { host: 'gpu-1', user: 'ops', asker, memory, run: (inner) => here.run(inner) }),
    calls: () => readFileSync(log, 'utf8').trim().split('\n'),
  };
};
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

test('where sudo wants no password the command just runs, with its own input and environment', async () => {
  const { run, calls } = setUp('free');
  expect(await run({ argv: ['sh', '-c', 'cat; echo "$A"'], stdin: 'script\n', env: { A: 'b c' } })).toMatchObject({ exitCode: 0, stdout: 'script\nb c\n' });
  expect(calls()).toEqual(['-n -- env A=b c sh -c cat; echo "$A"']);
});

test('a password is asked for once, stays off the command line, and the command gets its own input alone', async () => {
  const asker = scriptedAsker({ 'sudo-password': ['right'] });
  const { run, calls } = setUp('password', asker);
  const pieces: string[] = [];
  expect(await run({ argv: ['cat'], stdin: 'script\n', onOutput: (text) => pieces.push(text) })).toMatchObject({ exitCode: 0, stdout: 'script\n', stderr: '' });
  expect((await run({ argv: ['cat'], stdin: 'again\n' })).stdout).toBe('again\n');
  expect(pieces).toEqual(['script\n']);
  expect(asker.asked).toEqual([{ id: 'sudo:ops@gpu-1', host: 'gpu-1', kind: 'sudo-password', text: 'Password of ops for sudo on gpu-1' }]);
  expect(calls().join('\n')).not.toContain('right');
});

test('a wrong password gets one more try, and the input of the command is never taken for a guess', async () => {
  const asker = scriptedAsker({ 'sudo-password': ['wrong', 'wrong again', 'right'] });
  const { run, calls } = setUp('password', asker);
  expect(await failure(run({ argv: ['cat'], stdin: 'right\n' }))).toMatchObject({ kind: 'sudo', message: 'the password of ops for sudo on gpu-1 is wrong' });
  expect(asker.asked).toHaveLength(2);
  expect(calls().filter((call) => call.includes('cat'))).toEqual(['-n -- cat']);
});

test('who does not give the password is told so', async () => {
  expect(await failure(setUp('password').run({ argv: ['true'] }))).toMatchObject({
    kind: 'sudo',
    message: 'sudo on gpu-1 wants the password of ops, which was not given',
  });
});

test.each([
  ['tty', 'sudo on gpu-1 insists on a terminal (requiretty)'],
  ['stranger', 'ops may not use sudo for this on gpu-1: ops is not in the sudoers file.  This incident will be reported.'],
  ['none', 'there is no sudo on gpu-1'],
])('a sudo that refuses (%s) is understood', async (mode, message) => {
  expect(await failure(setUp(mode).run({ argv: ['true'] }))).toMatchObject({ kind: 'sudo', message });
});

test('the exit code and complaints of the command itself are its own', async () => {
  expect(await setUp('free').run({ argv: ['sh', '-c', 'echo sorry >&2; exit 1'] })).toMatchObject({ exitCode: 1, stderr: 'sorry\n' });
});
