import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { HostError } from '../../src/hosts/host-error.js';
import { localHost } from '../../src/hosts/local-host.js';

const here = localHost({ name: 'lab' });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

test('a command on this machine gets its input and environment, and gives output, errors and exit code', async () => {
  const result = await here.run({ argv: ['sh', '-c', 'cat; echo "$A" >&2; exit 3'], stdin: 'in', env: { A: 'it is' } });
  expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: 'in', stderr: 'it is\n' });
});

test('arguments are handed over as they are', async () => {
  expect((await here.run({ argv: ['printf', '%s|', '$HOME', "it's", ''] })).stdout).toBe("$HOME|it's||");
});

test('a program that is not there is named', async () => {
  expect(await failure(here.run({ argv: ['no-such-program'] }))).toMatchObject({ kind: 'not-found', message: 'there is no no-such-program on lab' });
});

test('a command that takes too long is killed with all that it started', async () => {
  const mark = `61.${process.pid}`;
  const error = await failure(here.run({ argv: ['sh', '-c', `trap '' TERM; sleep ${mark} & sleep ${mark}`], timeoutMs: 200 }));
  expect(error).toBeInstanceOf(HostError);
  expect(error).toMatchObject({ kind: 'timeout', message: '"sh" on lab did not end within 200 ms' });
  await expect
    .poll(() => execFileSync('sh', ['-c', `ps ax -o args | grep -c '[s]leep ${mark}' || true`], { encoding: 'utf8' }).trim(), { timeout: 5000 })
    .toBe('0');
});

test('output comes piece by piece, characters whole, and is cut at the limit', async () => {
  const pieces: string[] = [];
  const { stdout } = await here.run({ argv: ['sh', '-c', "printf '\\303'; sleep 0.05; printf '\\244'"], onOutput: (text) => pieces.push(text) });
  expect(stdout).toBe('ä');
  expect(pieces).toEqual(['ä']);
  expect((await here.run({ argv: ['sh', '-c', "printf 'aää'"], maxBytes: 4 })).stdout).toBe('aä\n[cut after 4 bytes]\n');
});

test('a command that a signal ended says which, one that reads nothing takes no harm from input', async () => {
  expect(await here.run({ argv: ['sh', '-c', 'kill -9 $$'] })).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  expect(await here.run({ argv: ['true'], stdin: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
});
