import { expect, test } from 'vitest';
import type { Host, HostCommand, HostResult } from '../../src/hosts/host.js';
import { HostError } from '../../src/hosts/host-error.js';
import { kernelLog, unitLog } from '../../src/hosts/unit-logs.js';

const said = (stdout: string): Partial<HostResult> => ({ stdout });
const programOf = ({ argv }: HostCommand) => (argv[0] === 'sudo' ? argv[3] : argv[0]);

function aHost(answer: (command: HostCommand) => Partial<HostResult>) {
  const commands: HostCommand[] = [];
  const host: Host = {
    name: 'gpu-2',
    road: 'ssh ops@10.0.0.12:22',
    async run(command) {
      commands.push(command);
      return { exitCode: 0, signal: null, stdout: '', stderr: '', tookMs: 1, ...answer(command) };
    },
    close: () => undefined,
  };
  return { host, commands };
}

test('the log of a unit since this boot comes line by line with its times', async () => {
  const { host, commands } = aHost(() =>
    said(
      '1793628012.507733 gpu-2 kubelet[912]: failed to run Kubelet: running with swap on is not supported\n                                  second line\n-- No entries --\n',
    ),
  );
  expect(await unitLog(host, 'kubelet.service')).toEqual([
    { at: 1_793_628_012_508, text: 'kubelet[912]: failed to run Kubelet: running with swap on is not supported' },
    { at: null, text: 'second line' },
  ]);
  expect(commands[0]?.argv.join(' ')).toBe('sudo -n -- journalctl --no-pager --quiet --boot --output=short-unix --unit=kubelet.service --lines=200');
});

test('where sudo wants a password the journal is read as oneself, and nobody is asked', async () => {
  const { host, commands } = aHost(({ argv }) =>
    argv[0] === 'sudo' ? { exitCode: 1, stderr: 'sudo: a password is required\n' } : said('1793628012.1 gpu-2 crio[1044]: started\n'),
  );
  expect(await unitLog(host, 'crio.service')).toHaveLength(1);
  expect(commands.map(({ argv, sudo }) => [argv[0], sudo])).toEqual([
    ['sudo', undefined],
    ['journalctl', undefined],
  ]);
});

test('a machine without sudo is asked without it', async () => {
  const { host } = aHost(({ argv }) => {
    if (argv[0] === 'sudo') throw new HostError('not-found', 'there is no sudo on gpu-2');
    return said('1793628012.1 gpu-2 crio[1044]: started\n');
  });
  expect(await unitLog(host, 'crio.service')).toHaveLength(1);
});

test('where there is no journal the kernel is asked itself', async () => {
  const { host } = aHost((command) =>
    programOf(command) === 'dmesg'
      ? said('[    7.214000] NVRM: GPU 0000:3b:00.0 is already bound to nouveau.\n')
      : { exitCode: 127, stderr: 'sh: 1: journalctl: not found\n' },
  );
  expect(await kernelLog(host)).toEqual([{ at: null, text: '[    7.214000] NVRM: GPU 0000:3b:00.0 is already bound to nouveau.' }]);
});

test('a machine that does not answer is an error', async () => {
  const { host } = aHost(() => {
    throw new HostError('unreachable', 'no route to gpu-2');
  });
  await expect(unitLog(host, 'kubelet.service')).rejects.toMatchObject({ kind: 'unreachable' });
});
