import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/demo/machines/shell/command-line.js';
import { readsInput } from '../../../src/demo/machines/shell/shell.js';
import { demoMachine } from './demo-machine.js';

describe('the command lines that the demo’s machines know', () => {
  it.each([
    ['echo \'a b\' "c d" e\\ f', 'a b c d e f\n'],
    ['true && echo yes || echo no', 'yes\n'],
    ['false && echo yes; echo after', 'after\n'],
    ['false || echo no', 'no\n'],
    ['LC_ALL=C FOO="x y" hostname', 'gpu-1\n'],
    ['sudo -n -- env A=1 timeout -k 1 10 hostname', 'gpu-1\n'],
    ['/usr/bin/nvidia-smi -L | wc -l', '8\n'],
    ['nvidia-smi -L | head -n 1 | grep -c A100', '1\n'],
    ["sh -c 'echo in; echo out'", 'in\nout\n'],
    ['nothing-there 2>/dev/null; echo went on', 'went on\n'],
    ['cat /nope 2>&1', 'cat: /nope: No such file or directory\n'],
    ['hostname >/dev/null', ''],
    ['echo one # a comment', 'one\n'],
  ])('%s', async (line, stdout) => {
    expect((await demoMachine('gpu-1').run(line)).stdout).toBe(stdout);
  });

  it('ends with 127 for a program that is not there, as a shell says it', async () => {
    expect(await demoMachine('gpu-1').run('foo --bar')).toEqual({ stdout: '', stderr: 'bash: line 1: foo: command not found\n', exitCode: 127 });
  });

  it('refuses what it does not know instead of guessing', async () => {
    for (const line of ['echo $(hostname)', 'for i in 1 2; do echo $i; done', 'echo x > /etc/passwd', 'cat < /etc/passwd', "echo 'open"]) {
      expect(parseCommandLine(line), line).toBeNull();
      expect(await demoMachine('gpu-1').run(line), line).toMatchObject({ stdout: '', exitCode: 2 });
    }
    expect((await demoMachine('gpu-1').run(`${'sh -c "'.repeat(3)}`)).exitCode).toBe(2);
  });

  it('waits for the input of those that read it, and of no others', () => {
    expect(['sh -s', 'A=1 sudo -n sh -s x', 'bash', 'cat', 'cat -'].map(readsInput)).toEqual([true, true, true, true, true]);
    expect(['hostname', "sh -c 'x'", 'cat /etc/hostname', 'nvidia-smi -q -x'].map(readsInput)).toEqual([false, false, false, false]);
  });

  it('tells of the machine what programs there would', async () => {
    const machine = demoMachine('gpu-1');
    expect((await machine.run('uname -r')).stdout).toBe('6.8.0-94-generic\n');
    expect((await machine.run('uptime')).stdout).toMatch(
      /^ \d\d:\d\d:\d\d up 31 days, {2}\d:\d\d, {2}1 user, {2}load average: \d+\.\d\d, \d+\.\d\d, \d+\.\d\d\n$/,
    );
    expect((await machine.run('systemctl is-active kubelet')).stdout).toBe('active\n');
    expect(await machine.run('systemctl is-active haproxy')).toMatchObject({ stdout: 'inactive\n', exitCode: 4 });
    expect((await machine.run('cat /etc/os-release | grep PRETTY')).stdout).toBe('PRETTY_NAME="Ubuntu 24.04.3 LTS"\n');
    expect((await machine.run('lspci | grep -i nvidia | wc -l')).stdout).toBe('8\n');
    expect((await machine.run('sh -s', 'hostname\nuname -s\n')).stdout).toBe('gpu-1\nLinux\n');
  });
});
