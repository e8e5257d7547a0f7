import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localHost } from '../../src/hosts/local-host.js';
import { probeInput, runProbe } from '../../src/hosts/probe-script.js';
import { type ProbeAnswer, parseProbe } from '../../src/hosts/probe-stream.js';

const script = readFileSync(new URL('../../assets/probe/probe.sh', import.meta.url), 'utf8');

const shells = [
  ['dash', ['dash']],
  ['busybox sh', ['busybox', 'sh']],
  ['bash as sh', ['bash', '--posix']],
] as const;

describe.each(shells)('the probe script on %s', (_, [shell = '', ...args]) => {
  const there = spawnSync(shell, [...args, '-c', 'true']).status === 0;

  it.skipIf(!there)('collects the facts of this machine within three seconds, and says why where it cannot', async () => {
    const started = performance.now();
    const answer = await probed([shell, ...args]);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(answer).toMatchObject({ started: true, complete: true });
    expect([...answer.sections.values()].filter(({ status }) => status.kind === 'cut')).toEqual([]);
    expect(answer.sections.get('boot')?.lines[0]).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    expect(answer.sections.get('sysctls')?.lines).toContain(
      `fs.inotify.max_user_watches = ${readFileSync('/proc/sys/fs/inotify/max_user_watches', 'utf8').trim()}`,
    );
    expect(answer.sections.get('filesystems')?.lines.some((line) => line.endsWith(' /'))).toBe(true);
    expect(answer.sections.size).toBeGreaterThan(25);
  });

  it.skipIf(!there)('leaves behind an nvidia-smi that hangs, and still ends', async () => {
    using tools = fakeTools({ 'nvidia-smi': 'echo "<?xml version=\\"1.0\\" ?>"; exec sleep 60' });
    const answer = await probed([shell, ...args], { PATH: tools.path, GPUK8S_SMI_SECONDS: '1' });
    expect(answer.complete).toBe(true);
    expect(answer.sections.get('nvidia-smi')?.status).toEqual({ kind: 'timeout' });
  });

  it.skipIf(!there)('brings the exit code of nvidia-smi and what it said', async () => {
    using tools = fakeTools({ 'nvidia-smi': 'echo "Unable to determine the device handle"; echo oops >&2; exit 15' });
    const section = (await probed([shell, ...args], { PATH: tools.path })).sections.get('nvidia-smi');
    expect(section).toMatchObject({ status: { kind: 'fail', code: 15 }, lines: ['Unable to determine the device handle'], errors: ['oops'] });
  });

  it.skipIf(!there)('brings the cgroups of the processes on the GPUs', async () => {
    using tools = fakeTools({ 'nvidia-smi': `echo "<pid>${process.pid}</pid>"` });
    const answer = await probed([shell, ...args], { PATH: tools.path });
    expect(answer.sections.get('nvidia-smi')?.status).toEqual({ kind: 'ok' });
    expect(answer.sections.get('gpu-processes')?.lines[0]).toBe(`${process.pid} ${readFileSync('/proc/self/cgroup', 'utf8').split('\n')[0]}`);
  });
});

describe('the probe', () => {
  it('runs over stdin on a host and times its round trip', async () => {
    const host = localHost();
    const run = await runProbe(host, { script, sudo: false });
    host.close();
    expect(run.answer.complete).toBe(true);
    expect(run.broken).toBeNull();
    expect(run.roundTripMs).toBeLessThanOrEqual(run.times.tookMs);
    expect(Math.abs(Number(run.answer.sections.get('clock')?.lines[0]) * 1000 - run.times.clockAt)).toBeLessThan(2000);
  });

  it('goes to root with one call of sudo, by the text of the script', async () => {
    using tools = fakeTools({ id: 'echo 1000', sudo: 'printf "%s\\n" "$*" >"$TOLD"; shift; exec "$@"' });
    const told = join(tools.folder, 'told');
    const answer = await probed(['sh'], { PATH: tools.path, GPUK8S_SUDO: '1', TOLD: told });
    expect(answer.complete).toBe(true);
    expect(readFileSync(told, 'utf8')).toBe('-n sh -s m1 root\n');
    expect(answer.sections.get('sudo')?.status).toEqual({ kind: 'ok' });
    expect(answer.sections.get('kubeconfigs')?.status.kind).not.toBe('cut');
    expect(answer.sections.has('stores')).toBe(true);
  });

  it('does without root where sudo refuses', async () => {
    using tools = fakeTools({ id: 'echo 1000', sudo: 'echo "sudo: a password is required" >&2; exit 1' });
    const answer = await probed(['sh'], { PATH: tools.path, GPUK8S_SUDO: '1' });
    expect(answer.sections.get('sudo-refused')?.errors).toEqual(['sudo: a password is required']);
    expect(answer.sections.has('stores')).toBe(true);
    expect(answer.complete).toBe(true);
  });

  const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
  it.skipIf(!hasShellcheck)('passes shellcheck', () => {
    const { status, stdout } = spawnSync('shellcheck', ['-'], { input: script, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  const hasStrace = spawnSync('strace', ['-V']).status === 0;
  it.skipIf(!hasStrace)('writes to no file', () => {
    const trace = join(scratch, 'trace');
    execFileSync('strace', ['-f', '-e', 'trace=open,openat,creat,mkdir,unlink', '-o', trace, 'sh', '-s'], {
      input: probeInput(script),
      env: { ...process.env, GPUK8S_MARK: 'm1' },
    });
    const written = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => /O_(?:WRONLY|RDWR|CREAT)|creat\(|mkdir\(|unlink\(/.test(line) && !/"\/dev\/(?:null|tty)"/.test(line));
    expect(written).toEqual([]);
  });
});

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'probe-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Programs by name and the shell lines they run, in front of the PATH. */
function fakeTools(tools: Readonly<Record<string, string>>): Disposable & { readonly path: string; readonly folder: string } {
  const folder = mkdtempSync(join(scratch, 'tools-'));
  for (const [name, lines] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { path: `${folder}:${process.env['PATH']}`, folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function probed([shell = '', ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(shell, [...args, '-s'], { env: { ...process.env, GPUK8S_MARK: 'm1', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', () => resolve(parseProbe(text, 'm1')));
    child.stdin.end(probeInput(script));
  });
}
